/** Verifies a seal with the public key alone: the signature, the tree, and that the entries add up to what the seal says. */
import { sha256Hex } from '../digest.ts';
import { TreeBuilder } from '../merkle/builder.ts';
import { leafHash } from '../merkle/hash.ts';
import type { RunOutcome } from '../messages.ts';
import { KEYS } from '../names.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { sealOrigin } from './checkpoint.ts';
import type { AuditAction } from './entry.ts';
import { parseSealDocument, type SealDocument, type SealSegment } from './seal-document.ts';
import { decodeLeaf, leavesOf, parseEntry } from './segment.ts';
import { outcomeAgrees, type RunCounts, RunTally } from './tally.ts';
import type { VerifierKey } from './verifier-key.ts';
import { type SignedCheckpoint, verifyCheckpoint } from './verify-checkpoint.ts';

export interface SealEvidence {
  /** The signed note. */
  readonly checkpoint: string;
  /** The seal document's text. */
  readonly document: string;
  /** The bytes of one segment; `undefined` when it is not at hand. Asked for in the order of the tree, one at a time. */
  readonly segment: (segment: SealSegment) => Promise<Uint8Array | undefined>;
  readonly key: VerifierKey;
}

export interface SealReport {
  readonly run: string;
  readonly generation: number;
  readonly outcome: RunOutcome;
  readonly counts: RunCounts;
  /** Entries by action. */
  readonly actions: Readonly<Record<AuditAction, number>>;
  /** Refused records and submissions by code. */
  readonly problems: ReadonlyMap<ProblemCode, number>;
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Returns what has been proven. Throws Problem('seal-invalid') when the signature or the documents are not what they claim,
 * Problem('evidence-invalid') when the entries are not the sealed ones or do not add up.
 */
export async function verifySeal({
  checkpoint: note,
  document: text,
  segment,
  key,
}: SealEvidence): Promise<SealReport> {
  const checkpoint = verifyCheckpoint(note, key);
  const document = parseSealDocument(text);
  verifyHead(checkpoint, document);
  const tally = await verifyTree(document, segment, checkpoint);
  verifyCounts(document, tally);
  const { run, generation, outcome, counts } = document;
  return { run, generation, outcome, counts, actions: tally.actions, problems: tally.problems, checkpoint };
}

function verifyHead(checkpoint: SignedCheckpoint, { run, tree }: SealDocument): void {
  const root = Buffer.from(checkpoint.root).toString('base64');
  demand(
    checkpoint.origin === sealOrigin(checkpoint.keyName, run),
    'seal-invalid',
    'The checkpoint is of another run.',
  );
  demand(tree.size === checkpoint.size && tree.root === root, 'seal-invalid', 'The checkpoint is of another tree.');
}

async function verifyTree(
  { run, segments, previous }: SealDocument,
  fetch: SealEvidence['segment'],
  { size, root }: SignedCheckpoint,
): Promise<RunTally> {
  const tally = new RunTally(run);
  const tree = new TreeBuilder();
  const keys = new Set<string>();
  let extendsPrevious = previous === undefined;
  for (const segment of segments) {
    demand(segment.key.startsWith(KEYS.auditPrefix(run)), 'seal-invalid', 'A segment is of another run.');
    demand(!keys.has(segment.key), 'seal-invalid', 'A segment stands twice in the seal.');
    keys.add(segment.key);
    const bytes = await fetch(segment);
    if (bytes === undefined) throw new Problem('evidence-invalid', { detail: `${segment.key} is missing.` });
    demand(sha256Hex(bytes) === segment.sha256, 'evidence-invalid', `${segment.key} is not the sealed one.`);
    demand(segment.firstLeaf === tree.size, 'seal-invalid', 'The segments are not numbered through.');
    const leaves = [...leavesOf(bytes)];
    demand(leaves.length === segment.leaves, 'seal-invalid', 'A segment has another number of entries.');
    tally.addSegment(
      segment.key,
      leaves.map((leaf) => parseEntry(decodeLeaf(leaf))),
    );
    for (const leaf of leaves) tree.append(leafHash(leaf));
    if (tree.size === previous?.size) extendsPrevious = base64(tree.root()) === previous.root;
  }
  demand(
    tree.size === size && base64(tree.root()) === base64(root),
    'evidence-invalid',
    'The entries lead to another root.',
  );
  demand(extendsPrevious, 'evidence-invalid', 'The tree does not begin with that of the generation before.');
  return tally;
}

function verifyCounts(document: SealDocument, tally: RunTally): void {
  const { ended } = tally;
  const counts = tally.counts();
  if (ended === undefined) throw new Problem('evidence-invalid', { detail: 'No entry ends the run.' });
  demand(
    ended.generation === document.generation && (document.previous === undefined) === (document.generation === 1),
    'evidence-invalid',
    'The run ended in another generation.',
  );
  demand(ended.outcome === document.outcome, 'evidence-invalid', 'The run ended in another way.');
  demand(
    sameNumbers(ended.counts, counts) && sameNumbers(document.counts, counts),
    'evidence-invalid',
    'The entries add up to other counts.',
  );
  demand(sameNumbers(document.actions, tally.actions), 'evidence-invalid', 'The entries add up to other actions.');
  demand(outcomeAgrees(document.outcome, counts), 'evidence-invalid', 'The outcome does not agree with the counts.');
}

function sameNumbers(left: object, right: object): boolean {
  const numbers = new Map<string, unknown>(Object.entries(left));
  const others = Object.entries(right);
  return others.length === numbers.size && others.every(([name, value]) => numbers.get(name) === value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function demand(condition: boolean, code: ProblemCode, otherwise: string): void {
  if (!condition) throw new Problem(code, { detail: otherwise });
}
