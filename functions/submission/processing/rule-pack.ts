import * as z from 'zod/mini';
import type { Contract } from '../../../shared/contract/schema.ts';
import { Sha256Hex, sha256Hex } from '../../../shared/digest.ts';
import type { RulePackSource, SignedText } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { isNamedPack } from '../../../shared/rule-pack.ts';
import { DOCUMENT_TYPES } from '../../../shared/signature/detached.ts';
import { parsePins } from '../../../shared/signature/pins.ts';
import { verifyDetached } from '../../../shared/signature/verify.ts';

/** A pack that may run: its text, and the digest that audit entries name it by. */
export interface RulePack {
  readonly code: string;
  readonly sha256: string;
}

export interface RulePacks {
  readonly primary: RulePack;
  readonly fallback: RulePack;
}

const RulePackPins = z.record(
  z.string(),
  z.strictObject({ signers: z.array(Sha256Hex).check(z.minLength(1)), allowDevelopmentKeys: z.optional(z.boolean()) }),
);

/**
 * The two packs that the contract names. The first must be signed by a pinned key and say that it is this pack and version;
 * the fallback must be, to the bit, what the signed contract says (requirement B12). Throws `rule-pack-untrusted`.
 */
export async function loadRulePacks(
  { submission: { rulePack } }: Contract,
  source: RulePackSource,
  pins: string,
): Promise<RulePacks> {
  const [primary, fallback] = await Promise.all([
    source.find(rulePack.pack, rulePack.version),
    source.find(rulePack.fallback.pack, rulePack.fallback.version),
  ]);
  return {
    primary: openSigned(primary, rulePack, pins),
    fallback: openPinned(fallback, rulePack.fallback.sha256),
  };
}

function openSigned(
  found: SignedText | undefined,
  { pack, version }: { readonly pack: string; readonly version: number },
  pins: string,
): RulePack {
  const pin = parsePins(RulePackPins, pins, 'rulePackPins')[pack];
  if (pin === undefined) throw new Problem('rule-pack-untrusted', { detail: 'No signer is pinned for this pack.' });
  if (found === undefined) throw new Problem('rule-pack-untrusted', { detail: 'The pack is not registered.' });
  verifyDetached(found.text, DOCUMENT_TYPES.rulePack, found.signature, {
    signers: pin.signers,
    allowDevelopmentKeys: pin.allowDevelopmentKeys === true,
  });
  if (!isNamedPack(found.text, pack, version)) {
    throw new Problem('rule-pack-untrusted', { detail: 'The text is another pack, or another version of it.' });
  }
  return { code: found.text, sha256: sha256Hex(found.text) };
}

function openPinned(found: SignedText | undefined, sha256: string): RulePack {
  if (found === undefined) throw new Problem('rule-pack-untrusted', { detail: 'The fallback is not registered.' });
  if (sha256Hex(found.text) !== sha256) {
    throw new Problem('rule-pack-untrusted', { detail: 'The fallback is not what the contract pins.' });
  }
  return { code: found.text, sha256 };
}
