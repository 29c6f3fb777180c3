import { sealOrigin, signCheckpoint } from '../../../shared/audit/checkpoint.ts';
import type { EntryOf } from '../../../shared/audit/entry.ts';
import { encodeSealDocument, type SealDocument } from '../../../shared/audit/seal-document.ts';
import { SegmentWriter } from '../../../shared/audit/segment.ts';
import type { RunCounts } from '../../../shared/audit/tally.ts';
import type { SealRequest, SealResult } from '../../../shared/messages.ts';
import { KEYS } from '../../../shared/names.ts';
import type { ObjectStore, Run, Signer } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { custodyRunIdOf, runIdOf } from '../../../shared/run-id.ts';
import { Transient } from '../../../shared/transient.ts';
import { leaseFor } from '../protocol/lease.ts';
import type { FlowPorts } from '../protocol/ports.ts';
import { COPYABLE_BYTES } from '../protocol/upload.ts';
import { outcomeOf, runEnded } from './ending.ts';
import { type Evidence, Gathering, gatherEvidence, readSegment, writtenEnd } from './evidence.ts';

export interface SealPorts extends FlowPorts {
  readonly signer: Signer;
  /** Name of the key in signature lines; with the run, the origin of its checkpoints. */
  readonly sealName: string;
  /** Deletes by version; reads nothing. */
  readonly landing: ObjectStore;
}

/**
 * The end of a run, however it came: its entries become one signed tree (requirement B16), the run table learns the outcome,
 * and the upload leaves landing. Doing it again changes nothing; what was written since goes into a next generation,
 * whose tree begins with the last one's.
 */
export async function seal(request: SealRequest, ports: SealPorts): Promise<SealResult> {
  const run = runOf(request);
  const found = await ports.runs.read(run);
  if (found !== undefined && found.execution !== request.execution) return resultOf(run, found);
  if (found?.state === 'sealed' && (found.outcome !== 'failed' || (await nothingNew(ports, run)))) {
    await clearLanding(ports, request, found.outcome);
    return resultOf(run, found);
  }
  // A run that failed before ingestion could claim it has no item yet; its seal says that it failed.
  const lease = leaseFor(request.execution, ports);
  const startedAt = new Date(ports.clock.now()).toISOString();
  const held =
    found === undefined
      ? await ports.runs.claim(run, 'seal', lease, startedAt)
      : await ports.runs.renew(run, 'seal', lease);
  if (held === undefined) return resultOf(run, await ports.runs.read(run));

  const document = await sealAll(request, ports, run);
  const generation = document.generation;
  const ending = {
    outcome: document.outcome,
    counts: document.counts,
    seal: { key: KEYS.sealDocument(run, generation), generation, treeSize: document.tree.size },
  };
  await ports.runs.seal(run, request.execution, ending);
  await clearLanding(ports, request, document.outcome);
  return { run, outcome: ending.outcome, counts: countsOf(ending.counts), seal: ending.seal };
}

/**
 * Seals generation after generation until every entry is covered, and the end of this execution with them: usually one,
 * none when an earlier attempt did it.
 */
async function sealAll(request: SealRequest, ports: SealPorts, run: string): Promise<SealDocument> {
  for (;;) {
    const evidence = await gatherEvidence(ports.audit, run);
    const { previous, fresh } = evidence;
    const overtaken = request.ending === 'completed' && previous?.outcome === 'failed';
    if (previous !== undefined && fresh.length === 0 && !overtaken) return previous;
    const { document, root } = await composeNext(request, ports, evidence);
    await writeSeal(ports, run, document, root);
  }
}

interface Composed {
  readonly document: SealDocument;
  readonly root: Uint8Array;
}

async function composeNext(request: SealRequest, ports: SealPorts, evidence: Evidence): Promise<Composed> {
  const { run, generation, fresh } = evidence;
  const endKey = KEYS.auditOutcome('seal', run, generation);
  const written = await writtenEnd(ports.audit, evidence);
  if (written !== undefined) return recompose(ports.audit, evidence, endKey, written);

  const all = await gathered(ports.audit, evidence, fresh);
  const counts = all.composer.tally.counts();
  const writer = new SegmentWriter({ run, stage: 'seal' }, ports.clock);
  writer.add(runEnded(request, generation, outcomeOf(request.ending, counts, all.said), counts, all.said));
  const { outcome } = await ports.audit.create(endKey, writer.bytes(), { contentType: 'application/x-ndjson' });
  if (outcome === 'exists') throw new Transient('composeNext', 'interrupted');
  await all.addFresh(endKey);
  return all.composer.finish();
}

/**
 * Takes up a generation of which an earlier attempt wrote the end, and perhaps the checkpoint. Usually nothing was written
 * since; where a later execution resumed the run, what it wrote belongs to the next generation.
 */
async function recompose(
  audit: ObjectStore,
  evidence: Evidence,
  endKey: string,
  end: EntryOf<'run.ended'>,
): Promise<Composed> {
  const others = evidence.fresh.filter((key) => key !== endKey);
  for (const keys of [others, await writtenBefore(audit, others, end.time)]) {
    const chosen = await gathered(audit, evidence, keys);
    if (!sameCounts(chosen.composer.tally.counts(), end.counts)) continue;
    await chosen.addFresh(endKey);
    const composed = chosen.composer.finish();
    const { size } = composed.document.tree;
    // The origin is the run's own; a line each for size and root.
    const head = `\n${size}\n${Buffer.from(composed.root).toString('base64')}\n`;
    if (evidence.signed === undefined || evidence.signed.includes(head)) return composed;
  }
  throw new Problem('evidence-invalid', { detail: 'The end of the run does not agree with its entries.' });
}

function sameCounts(left: RunCounts, right: RunCounts): boolean {
  return left.received === right.received && left.exported === right.exported && left.quarantined === right.quarantined;
}

async function gathered(audit: ObjectStore, evidence: Evidence, keys: readonly string[]): Promise<Gathering> {
  const gathering = new Gathering(audit, evidence);
  await gathering.addSealed(evidence.previous);
  for (const key of keys) await gathering.addFresh(key);
  return gathering;
}

async function writtenBefore(audit: ObjectStore, keys: readonly string[], time: string): Promise<string[]> {
  const before: string[] = [];
  for (const key of keys) {
    const { bytes } = await readSegment(audit, key);
    const first = /"time":"([^"]+)"/.exec(Buffer.from(bytes).toString('utf8'))?.[1];
    if (first !== undefined && first <= time) before.push(key);
  }
  return before;
}

/** The checkpoint first: where there is a seal document, there is its signature. */
async function writeSeal(ports: SealPorts, run: string, document: SealDocument, root: Uint8Array): Promise<void> {
  const checkpoint = { origin: sealOrigin(ports.sealName, run), size: document.tree.size, root };
  const note = await signCheckpoint(checkpoint, ports.sealName, ports.signer);
  await writeOnce(ports.audit, KEYS.checkpoint(run, document.generation), note, 'text/plain; charset=utf-8');
  const text = encodeSealDocument(document);
  await writeOnce(ports.audit, KEYS.sealDocument(run, document.generation), text, 'application/json');
}

/** Ed25519 signs alike (RFC 8032 section 5.1.6) and the document follows from the entries: an earlier attempt wrote the same. */
async function writeOnce(audit: ObjectStore, key: string, text: string, contentType: string): Promise<void> {
  const bytes = Buffer.from(text, 'utf8');
  const { outcome } = await audit.create(key, bytes, { contentType });
  if (outcome === 'created') return;
  const found = await audit.get(key, { maxBytes: bytes.byteLength });
  if (found === undefined || !bytes.equals(found.bytes)) {
    throw new Problem('evidence-invalid', { detail: 'Another seal of this generation is there.' });
  }
}

async function nothingNew(ports: SealPorts, run: string): Promise<boolean> {
  return (await gatherEvidence(ports.audit, run)).fresh.length === 0;
}

/** An upload that is over leaves landing; one that failed stays for the next attempt, and one too large to copy for a person. */
async function clearLanding(ports: SealPorts, { upload }: SealRequest, outcome: Run['outcome']): Promise<void> {
  if (upload === undefined || upload.bucket !== ports.landing.bucket) return;
  if (outcome === undefined || outcome === 'failed') return;
  if (outcome === 'refused' && upload.size > COPYABLE_BYTES) return;
  await ports.landing.deleteVersion(upload.key, upload.versionId);
}

/** Whatever the request names the run by, it is one run. */
function runOf({ run, upload, custody }: SealRequest): string {
  const began = upload && runIdOf(upload);
  const asked = custody && custodyRunIdOf(custody);
  const [named, ...others] = new Set([run, began, asked].filter((each) => each !== undefined));
  if (named === undefined || others.length > 0) {
    throw new Problem('configuration-invalid', { detail: 'SealRequest: run, upload, custody.' });
  }
  return named;
}

function countsOf({ received, exported, quarantined }: SealDocument['counts']): SealResult['counts'] {
  return { received, passed: exported, quarantined };
}

function resultOf(run: string, found: Run | undefined): SealResult {
  const counts = found?.counts ?? { received: 0, exported: 0, quarantined: 0 };
  const sealed = found?.seal === undefined ? {} : { seal: found.seal };
  return { run, outcome: found?.outcome ?? 'failed', counts: countsOf(counts), ...sealed };
}
