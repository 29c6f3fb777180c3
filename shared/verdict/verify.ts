/** Verifies a sealed verdict with the public key alone: the signature, the tree, and that the log adds up to what the verdict says. */
import { sealOrigin } from '../audit/checkpoint.ts';
import type { VerifierKey } from '../audit/verifier-key.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../audit/verify-checkpoint.ts';
import { sha256Hex } from '../digest.ts';
import { SIDES } from '../equivalence/relation.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { parseEntries, type SweepEntry } from './entries.ts';
import { Verdict } from './schema.ts';
import { encodeVerdict, type SealedVerdict, treeOf } from './seal.ts';

export interface VerifiedVerdict {
  readonly verdict: Verdict;
  readonly checkpoint: SignedCheckpoint;
}

/** Throws Problem('seal-invalid') when signature or documents are not what they claim, Problem('evidence-invalid') when the log contradicts. */
export function verifyVerdict(
  { document, entries: text, checkpoint: note }: SealedVerdict,
  key: VerifierKey,
): VerifiedVerdict {
  const checkpoint = verifyCheckpoint(note, key);
  const verdict = parseVerdict(document);
  const tree = treeOf(text);
  demand(
    checkpoint.origin === sealOrigin(checkpoint.keyName, verdict.sweep),
    'seal-invalid',
    'It is of another sweep.',
  );
  demand(
    tree.size === checkpoint.size && Buffer.compare(tree.root(), checkpoint.root) === 0,
    'evidence-invalid',
    'The log leads to another root.',
  );
  const entries = parseEntries(text);
  demand(
    entries.every(({ sweep }) => sweep === verdict.sweep),
    'evidence-invalid',
    'An entry is of another sweep.',
  );
  verifyEnd(entries, document, verdict);
  verifyContract(entries, verdict);
  verifyCounts(entries, verdict);
  return { verdict, checkpoint };
}

function parseVerdict(document: string): Verdict {
  const parsed = Verdict.safeParse(parseJson(document));
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.');
    throw new Problem('seal-invalid', { detail: `The verdict does not have the form of one: ${path || 'JSON'}.` });
  }
  demand(encodeVerdict(parsed.data) === document, 'seal-invalid', 'The verdict is not canonical.');
  return parsed.data;
}

function verifyEnd(entries: readonly SweepEntry[], document: string, verdict: Verdict): void {
  const ends = entries.filter(({ action }) => action === 'sweep.ended');
  const last = entries.at(-1);
  if (ends.length !== 1 || last?.action !== 'sweep.ended') {
    throw new Problem('evidence-invalid', { detail: 'The log does not end with the verdict.' });
  }
  demand(last.verdict === sha256Hex(document), 'evidence-invalid', 'The log ends with another verdict.');
  demand(last.outcome === verdict.verdict, 'evidence-invalid', 'The log ends otherwise.');
}

function verifyContract(entries: readonly SweepEntry[], { contract, code }: Verdict): void {
  for (const entry of entries) {
    if (entry.action !== 'sweep.planned') continue;
    const same = entry.contract.sha256 === contract.sha256 && entry.contract.signer === contract.signer;
    demand(same && entry.code === code, 'evidence-invalid', 'The log is of another contract, or of other code.');
  }
}

function verifyCounts(entries: readonly SweepEntry[], verdict: Verdict): void {
  for (const side of SIDES) {
    const hashed = entries.filter((entry) => entry.action === 'partition.hashed' && entry.side === side);
    const rows = hashed.reduce((sum, entry) => sum + (entry.action === 'partition.hashed' ? entry.rows : 0), 0);
    demand(rows === verdict.coverage[side].rows, 'evidence-invalid', 'The partitions add up to other counts.');
    const names = new Set(
      hashed.map((entry) => (entry.action === 'partition.hashed' ? `${entry.partition} ${entry.stretch}` : '')),
    );
    demand(names.size === hashed.length, 'evidence-invalid', 'A partition counts twice.');
  }
}

function demand(condition: boolean, code: ProblemCode, otherwise: string): void {
  if (!condition) throw new Problem(code, { detail: otherwise });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
