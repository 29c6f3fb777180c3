/** A whole sweep on this machine: the steps that Step Functions runs in AWS, one after the other. */
import { randomUUID } from 'node:crypto';
import { compare } from '../../functions/sweep/compare/compare.ts';
import { locate } from '../../functions/sweep/locate/locate.ts';
import { newSweepId, type Planned, type PlanRequest, plan } from '../../functions/sweep/plan/plan.ts';
import { beginSweep, concludeSweep, type GateStore, tripBreaker } from '../../functions/sweep/protocol/gate.ts';
import type { Located } from '../../functions/sweep/protocol/located.ts';
import { openPlanned } from '../../functions/sweep/protocol/open-planned.ts';
import type { OpenEndpoint, SweepStore } from '../../functions/sweep/protocol/ports.ts';
import { schemaDigest } from '../../functions/sweep/protocol/schema-digest.ts';
import { type Report, report } from '../../functions/sweep/report/report.ts';
import { type Ending, verdictOf } from '../../functions/sweep/report/verdict.ts';
import { SIDES } from '../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../shared/equivalence/schema.ts';
import type { Clock, KeyService, Signer } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { openEquivalence } from '../../shared/signature/equivalence.ts';
import type { Trip } from '../../shared/verdict/breaker.ts';
import { type OpenTrip, openTrip } from '../../shared/verdict/gate.ts';
import { type Reason, reason, reasonOf } from '../../shared/verdict/reasons.ts';
import { type FanOutProgress, fanOut, type Lane } from './fan-out.ts';
import { random } from './local-keys.ts';
import { keepTicket, readTicket } from './ticket.ts';

export type SweepRequest = Omit<PlanRequest, 'sweep'>;

export interface SweepProgress extends FanOutProgress {
  planned(partitions: number, rows: number): void;
  step(name: 'planning' | 'hashing' | 'comparing' | 'locating' | 'reporting'): void;
}

export interface SweepPorts {
  readonly open: OpenEndpoint;
  readonly store: SweepStore;
  readonly keys: KeyService;
  readonly gates: GateStore;
  readonly clock: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** `rows`: what statistics promise of both sides; undefined where they promise nothing. */
  readonly lanes: (contract: Equivalence, rows: number | undefined) => readonly Lane[];
  readonly code: string;
  readonly signer: Signer;
  readonly sealName: string;
  readonly signal: AbortSignal;
  /** The plan of a run that broke off, to go on with. */
  readonly resume?: (request: SweepRequest) => Promise<Planned | undefined>;
  /** What the verdict follows from besides the results in the store. */
  readonly retain?: (ending: Pick<Ending, 'sweep' | 'failures' | 'located' | 'trip'>) => Promise<void>;
  /** Puts the sealed log where it stays. Without it nobody keeps one: who closed the breaker is left for the log of a later sweep. */
  readonly publish?: (report: Report) => Promise<void>;
  readonly progress: SweepProgress;
}

type Ready = Extract<Planned, { readonly ready: true }>;
type Found = Pick<Ending, 'failures' | 'comparison' | 'located' | 'trip'>;

/**
 * Throws the problems after which nothing may run (a contract that is not trusted, one place named twice, an open breaker); all else is in
 * the verdict, which the gate has when this returns.
 */
export async function sweep(request: SweepRequest, ports: SweepPorts): Promise<Report> {
  const now = ports.clock.now();
  ports.progress.step('planning');
  // Verified before anything is asked or changed in its dataset's name.
  openEquivalence(request.signed, request.dataset, request.trust);
  const beginning = await beginSweep(ports.gates, request.dataset, randomUUID);
  if (!beginning.may) throw breakerOpen(request.dataset, beginning.trips);
  const { closings } = beginning;
  const resumed = await ports.resume?.(request);
  const begun = resumed?.ready === true ? resumed.manifest : undefined;
  const id = begun?.sweep ?? newSweepId();
  // What was read before others began must not count as if it were newer than what they found.
  const ticket = begun === undefined ? beginning.ticket : await readTicket(ports.store, id);
  if (ports.resume !== undefined && begun === undefined) await keepTicket(ports.store, id, ticket);
  const startedAt = begun === undefined ? now : Date.parse(begun.plannedAt);
  const planned = resumed ?? (await plan({ ...request, sweep: id }, { ...ports, random }));
  const ending = { sweep: id, trusted: planned.trusted, code: ports.code, startedAt, closings };
  const conclude = async (more: Omit<Parameters<typeof report>[0], keyof typeof ending | 'endedAt'>) => {
    ports.progress.step('reporting');
    await ports.retain?.({ sweep: id, ...more });
    const whole = { ...ending, ...more, endedAt: ports.clock.now() };
    // What closes the gate does not wait for a key that may not sign.
    const verdict = verdictOf(whole);
    if (verdict.verdict !== 'EQUAL') await concludeSweep(ports.gates, ticket, verdict, 'found');
    const ended = await report(whole, ports);
    await ports.publish?.(ended);
    await concludeSweep(ports.gates, ticket, ended.verdict, ports.publish === undefined ? 'found' : 'sealed');
    return ended;
  };
  if (!planned.ready) return conclude({ failures: planned.failures });
  const { manifest, digest: manifestDigest } = planned;
  try {
    return await conclude({ ...(await find(planned, ports)), manifest, manifestDigest });
  } finally {
    await Promise.allSettled(SIDES.map((side) => planned.engines[side].close()));
  }
}

function breakerOpen(dataset: string, trips: readonly OpenTrip[]): Problem {
  const told = trips.map(({ cause, sweep, since }) => `on ${cause} in sweep ${sweep}, ${since}`).join('; ');
  return new Problem('breaker-open', {
    detail: `It tripped ${told}. Nothing was read. Look into it, then: parapet breaker close ${dataset} --reason TEXT`,
  });
}

async function find(planned: Ready, ports: SweepPorts): Promise<Found> {
  const { manifest, trusted } = planned;
  const { contract } = trusted;
  const { failures, trip } = await hashAll(planned, ports);
  await openBreaker(planned, trip, ports);
  ports.progress.step('comparing');
  const changed = failures.length > 0 ? [] : await changedSchemas(planned);
  const comparison = await compare(manifest, contract.breaker, ports);
  const found = { failures: [...failures, ...changed], trip, comparison };
  const { outcome } = comparison;
  await openBreaker(planned, outcome?.trip, ports);
  if (found.failures.length > 0 || outcome === undefined || outcome.equal || isEmpty(outcome.counts)) return found;
  ports.progress.step('locating');
  const located: Located = await locate(
    {
      contract,
      manifest,
      items: outcome.items,
      complete: outcome.complete,
      keySample: comparison.keySample,
      read: outcome.trip === undefined,
    },
    {
      open: (side) => openPlanned(side, contract, manifest, ports.open),
      keys: ports.keys,
      wait: ports.wait,
    },
  );
  return { ...found, located };
}

/** At once: what is still to be done of this sweep may take long, or not come to its end. */
async function openBreaker(
  { manifest: { sweep: id, contract } }: Ready,
  trip: Trip | undefined,
  { gates, clock }: SweepPorts,
): Promise<void> {
  if (trip === undefined) return;
  const endedAt = new Date(clock.now()).toISOString();
  await tripBreaker(gates, contract.dataset, openTrip(trip, { sweep: id, endedAt }));
}

const isEmpty = ({ source, target }: { readonly source: number; readonly target: number }): boolean =>
  source === 0 || target === 0;

async function hashAll({ manifest, trusted: { contract } }: Ready, ports: SweepPorts) {
  const { progress } = ports;
  const partitions = SIDES.flatMap((side) => manifest[side].partitions);
  const rows = partitions.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0);
  progress.planned(partitions.length, rows);
  progress.step('hashing');
  const lanes = ports.lanes(contract, partitions.every(({ estimatedRows }) => estimatedRows > 0) ? rows : undefined);
  try {
    return await fanOut({ ...ports, manifest, lanes, rules: contract.breaker });
  } finally {
    await Promise.allSettled(lanes.map((lane) => lane.end()));
  }
}

/** Columns of settled sides may have changed after the last partition was opened: what was read before is of another relation then. */
async function changedSchemas({ manifest, engines }: Ready): Promise<Reason[]> {
  const found: Reason[] = [];
  for (const side of SIDES) {
    const { schema, consistency } = manifest[side];
    if (schema === undefined || consistency === 'frozen') continue;
    try {
      if (schemaDigest(await engines[side].schema()) !== schema) found.push(reason('schema-changed', { side }));
    } catch (error) {
      found.push(reasonOf(error, 'reading', side));
    }
  }
  return found;
}
