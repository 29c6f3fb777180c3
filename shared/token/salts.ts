/** The secret behind every token, and the keys derived from it: one per purpose, stage and deployment (requirement B04). */
import { hkdfSync } from 'node:crypto';
import * as z from 'zod/mini';
import { canonicalJson } from '../json/canonical.ts';
import type { Stage } from '../names.ts';
import { Problem } from '../problem.ts';

/** Digits only: the version stands between the underscores of a token, and beside `current` in the secret. */
const SaltVersion = z.string().check(z.regex(/^[1-9][0-9]{0,8}$/));
/** A salt's key material is the UTF-8 of its text; 32 letters and digits carry more than 128 bits. */
const Salt = z.string().check(z.minLength(32), z.maxLength(1024));

/** Flat, as PARAPET_TOKEN_SALTS in shared/environment.ts describes it: `current` and one salt per version. */
const SaltSecret = z.catchall(z.object({ current: SaltVersion }), Salt);

/** The secret's value, parsed: random text by version. */
export interface TokenSalts {
  /** The version that new runs take. Older versions stay, so that a run under way and old tokens keep resolving. */
  readonly current: string;
  readonly salts: ReadonlyMap<string, string>;
}

/**
 * Parses the secret's value: `{"current":"1","1":"<random text, at least 32 characters>"}`.
 * Problem('configuration-invalid') without any of the content.
 */
export function parseTokenSalts(secret: string): TokenSalts {
  const parsed = SaltSecret.safeParse(parseJson(secret));
  if (!parsed.success) {
    throw new Problem('configuration-invalid', { detail: 'The secret of token salts does not have the form of one.' });
  }
  const { current, ...rest } = parsed.data;
  const salts = new Map(Object.entries(rest));
  if (![...salts.keys()].every((version) => SaltVersion.safeParse(version).success) || !salts.has(current)) {
    throw new Problem('configuration-invalid', {
      detail: 'The secret of token salts lacks its current version, or names one that is no number.',
    });
  }
  return { current, salts };
}

export type SaltPurpose = 'token' | 'subject' | 'fingerprint';

/**
 * Derives the key of one purpose by HKDF-SHA-256 (RFC 5869). Deployment and stage are in the `info`, so that the same
 * value has unrelated tokens in two environments and no stage can compute another's.
 */
export function deriveSaltKey(
  salts: TokenSalts,
  version: string,
  purpose: SaltPurpose,
  place: { readonly deployment: string; readonly stage: Stage },
): Uint8Array {
  const salt = salts.salts.get(version);
  if (salt === undefined) {
    throw new Problem('configuration-invalid', { detail: `The secret of token salts has no version ${version}.` });
  }
  const info = canonicalJson(['parapet salt 1', version, purpose, place.deployment, place.stage]);
  return new Uint8Array(hkdfSync('sha256', salt, '', info, 32));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
