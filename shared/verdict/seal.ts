/** Seals a verdict: an RFC 6962 tree over the sweep's log, under a C2SP checkpoint. Verification stands in verify.ts. */
import { sealOrigin, signCheckpoint } from '../audit/checkpoint.ts';
import { sha256Hex } from '../digest.ts';
import { canonicalJson } from '../json/canonical.ts';
import { TreeBuilder } from '../merkle/builder.ts';
import { leafHash } from '../merkle/hash.ts';
import type { Clock, Signer } from '../ports.ts';
import { encodeEntries, type SweepEvent } from './entries.ts';
import type { Verdict } from './schema.ts';

export interface SealedVerdict {
  /** The verdict's exact bytes, as UTF-8. */
  readonly document: string;
  /** NDJSON: the leaves, in order. */
  readonly entries: string;
  readonly checkpoint: string;
}

export const encodeVerdict = (verdict: Verdict): string => `${canonicalJson(verdict)}\n`;

/** `events` without the last, which names the verdict. `sealName` is the key's name. */
export async function sealVerdict(
  verdict: Verdict,
  events: readonly SweepEvent[],
  { signer, sealName, clock }: { readonly signer: Signer; readonly sealName: string; readonly clock: Clock },
): Promise<SealedVerdict> {
  const document = encodeVerdict(verdict);
  const ended: SweepEvent = {
    action: 'sweep.ended',
    outcome: verdict.verdict,
    reasons: verdict.reasons.map(({ code }) => code),
    verdict: sha256Hex(document),
  };
  const entries = encodeEntries(verdict.sweep, clock.now(), [...events, ended]);
  const tree = treeOf(entries);
  const head = { origin: sealOrigin(sealName, verdict.sweep), size: tree.size, root: tree.root() };
  return { document, entries, checkpoint: await signCheckpoint(head, sealName, signer) };
}

/** A leaf is a line without its line feed. */
export function treeOf(entries: string): TreeBuilder {
  const tree = new TreeBuilder();
  for (const line of entries.split('\n').slice(0, -1)) tree.append(leafHash(Buffer.from(line, 'utf8')));
  return tree;
}
