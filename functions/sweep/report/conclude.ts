/**
 * The last step as a function: gathers whatever the others have written down, and writes the sealed verdict under Object Lock. It is put
 * down whole before it is published, so that no two attempts mix; `verdict.json` is published last, and where it is, everything is.
 */

import * as z from 'zod/mini';
import { sha256Hex } from '../../../shared/digest.ts';
import { SIDES } from '../../../shared/equivalence/relation.ts';
import { KEYS, type SweepEvidenceFile } from '../../../shared/names.ts';
import type { Clock, ObjectStore, Signer } from '../../../shared/ports.ts';
import type { Trip } from '../../../shared/verdict/breaker.ts';
import { type Reason, reason } from '../../../shared/verdict/reasons.ts';
import { Verdict } from '../../../shared/verdict/schema.ts';
import type { Json } from '../engines/engine.ts';
import type { Comparison } from '../protocol/comparison.ts';
import { type ReportAnswer, type ReportRequest, sweepIdOf } from '../protocol/messages.ts';
import { SWEEP_KEYS, type SweepGate, type SweepStore } from '../protocol/ports.ts';
import {
  decodeComparison,
  decoded,
  decodeLocated,
  decodeReasons,
  decodeTrip,
  encoded,
  readStored,
} from '../protocol/stored.ts';
import { type ContractPorts, findContract, loadPlanned } from '../protocol/sweep.ts';
import { type Report, report } from './report.ts';
import { verdictOf } from './verdict.ts';

export interface ConcludePorts extends ContractPorts {
  readonly store: (sweep: string) => SweepStore;
  readonly audit: ObjectStore;
  readonly signer: Signer;
  readonly sealName: string;
  readonly gate: SweepGate;
  readonly clock: Clock;
  readonly code: string;
  /** Told once the verdict is durable. */
  readonly measure: (verdict: Verdict) => void;
}

const TRIP_REASONS = {
  drift: 'breaker-drift',
  errors: 'breaker-errors',
  skew: 'breaker-skew',
  rate: 'breaker-rate',
  schema: 'schema-changed',
} as const;

const StoredReport = z.strictObject({
  document: z.string(),
  entries: z.string(),
  checkpoint: z.string(),
  page: z.string(),
});
type StoredReport = z.infer<typeof StoredReport>;

export async function concludeSweep(request: ReportRequest, ports: ConcludePorts): Promise<ReportAnswer> {
  const sweep = sweepIdOf(request.execution);
  const ticket = await readStored(ports.store(sweep), SWEEP_KEYS.ticket, (stored) => decoded(z.json(), stored));
  const made = await committed(sweep, request, ticket, ports);
  const verdict = decoded(Verdict, Buffer.from(made.document, 'utf8'));
  const files: readonly [SweepEvidenceFile, string, string][] = [
    ['entries.ndjson', made.entries, 'application/x-ndjson'],
    ['checkpoint', made.checkpoint, 'text/plain; charset=utf-8'],
    ['report.html', made.page, 'text/html; charset=utf-8'],
    ['verdict.json', made.document, 'application/json'],
  ];
  for (const [file, text, contentType] of files) {
    const key = KEYS.sweepEvidence(request.dataset, sweep, file);
    await ports.audit.create(key, Buffer.from(text, 'utf8'), { contentType });
  }
  // A sweep that the gate did not let begin has nothing to tell it.
  if (ticket !== undefined) await ports.gate.conclude(ticket, verdict, 'sealed');
  ports.measure(verdict);
  return { sweep, outcome: outcomeOf(verdict), event: eventOf(verdict) };
}

/** The first attempt that puts its report down counts, also where what looks after lost executions comes as well. */
async function committed(
  sweep: string,
  request: ReportRequest,
  ticket: Json | undefined,
  ports: ConcludePorts,
): Promise<StoredReport> {
  const store = ports.store(sweep);
  const stored = (): Promise<StoredReport | undefined> =>
    readStored(store, SWEEP_KEYS.report, (bytes) => decoded(StoredReport, bytes));
  const before = await stored();
  if (before !== undefined) return before;
  const { document, entries, checkpoint, page } = await makeReport(sweep, request, ticket, ports);
  const made = { document, entries, checkpoint, page };
  return (await store.create(SWEEP_KEYS.report, encoded(made))) ? made : ((await stored()) ?? made);
}

async function makeReport(
  sweep: string,
  request: ReportRequest,
  ticket: Json | undefined,
  ports: ConcludePorts,
): Promise<Report> {
  const store = ports.store(sweep);
  const planned = await loadPlanned(request, store, ports);
  const trusted = planned?.trusted ?? (await findContract(request.dataset, ports)).trusted;
  const comparison = await readStored(store, SWEEP_KEYS.comparison, decodeComparison);
  const located = await readStored(store, SWEEP_KEYS.located, decodeLocated);
  const trip = await readStored(store, SWEEP_KEYS.trip, decodeTrip);
  // Locate alone comes after a comparison: of frozen sides that differ, what is lost with it is which rows do, not whether.
  const unlike = planned?.manifest.frozen === true && comparison?.outcome?.equal === false;
  const failures = await failuresOf(request, store, { planned: planned !== undefined, comparison, trip, unlike });
  if (planned !== undefined && planned.manifest.code !== ports.code) failures.push(reason('code-changed'));
  const ending = {
    sweep,
    trusted,
    // What hashed the rows; that this is other code is said by a reason.
    code: planned?.manifest.code ?? ports.code,
    startedAt: Date.parse(request.startedAt),
    endedAt: ports.clock.now(),
    failures,
    manifest: planned?.manifest,
    manifestDigest: planned === undefined ? undefined : sha256Hex(planned.bytes),
    comparison,
    located,
    unread: unlike && request.ending === 'failed' ? [reason('suspects-unread')] : [],
    trip,
    closings: ticket === undefined ? [] : ports.gate.closings(ticket),
  };
  // What closes the gate must not wait for a key or a bucket that fails; what opens it waits until it is sealed and published.
  const verdict = verdictOf(ending);
  if (ticket !== undefined && verdict.verdict !== 'EQUAL') await ports.gate.conclude(ticket, verdict, 'found');
  return report(ending, { signer: ports.signer, sealName: ports.sealName, clock: ports.clock });
}

interface Known {
  readonly planned: boolean;
  readonly comparison: Comparison | undefined;
  readonly trip: Trip | undefined;
  /** Whether the comparison alone says that the sides differ. */
  readonly unlike: boolean;
}

/** Why there is no answer, from what the steps have written down; where they could not, from how the execution ended. */
async function failuresOf(request: ReportRequest, store: SweepStore, known: Known): Promise<Reason[]> {
  const found: Reason[] = [];
  for (const step of ['plan', 'hash', 'locate'] as const) {
    found.push(...((await readStored(store, SWEEP_KEYS.failures(step), decodeReasons)) ?? []));
  }
  const { trip, comparison, planned, unlike } = known;
  if (trip !== undefined && trip.cause !== 'schema') {
    found.push(reason(TRIP_REASONS[trip.cause], trip.seen === undefined ? {} : { count: trip.seen }));
  }
  if (request.ending === 'timed-out' || request.ending === 'aborted') found.push(reason('interrupted'));
  if (found.length > 0) return found;
  for (const side of SIDES) {
    const partitions = comparison?.coverage[side].unread ?? [];
    if (partitions.length > 0) found.push(reason('partition-unread', { side, partitions }));
  }
  const lost = (request.ending === 'failed' && !unlike) || !planned || comparison === undefined;
  return found.length === 0 && lost ? [reason('worker-failed')] : found;
}

function outcomeOf({ verdict, breaker }: Verdict): ReportAnswer['outcome'] {
  if (breaker !== null) return 'tripped';
  return verdict === 'EQUAL' ? 'equal' : verdict === 'DIVERGED' ? 'diverged' : 'inconclusive';
}

function eventOf(verdict: Verdict): ReportAnswer['event'] {
  const { missing, extra, changed } = verdict.divergences;
  return {
    dataset: verdict.contract.dataset,
    sweep: verdict.sweep,
    verdict: verdict.verdict,
    reasons: verdict.reasons.map(({ code }) => code),
    rows: { ...verdict.counts },
    divergences: { missing, extra, changed },
    breaker: verdict.breaker?.cause ?? null,
    endedAt: verdict.endedAt,
  };
}
