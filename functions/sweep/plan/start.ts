/**
 * The first step as a function: whether the sweep may begin, its plan, and the list for the fan-out. A second attempt finds what the first
 * has written down, and says the same.
 */

import { SIDES } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { Clock, KeyService, Random } from '../../../shared/ports.ts';
import { Problem, type ProblemCode } from '../../../shared/problem.ts';
import { type Reason, reason } from '../../../shared/verdict/reasons.ts';
import { type SweepSettings, settingsOf, workersWithin } from '../protocol/configured.ts';
import type { SweepManifest } from '../protocol/manifest.ts';
import { type PlanAnswer, type StepRequest, sweepIdOf } from '../protocol/messages.ts';
import { type OpenEndpoint, SWEEP_KEYS, type SweepGate, type SweepStore } from '../protocol/ports.ts';
import { encoded, encodeReasons } from '../protocol/stored.ts';
import { type ContractPorts, findContract, loadPlanned } from '../protocol/sweep.ts';
import { tasksOf } from '../protocol/tasks.ts';
import { plan } from './plan.ts';
import { demandRoom } from './room.ts';

export interface StartPorts extends ContractPorts {
  readonly open: OpenEndpoint;
  readonly store: (sweep: string) => SweepStore;
  /** Where the state machine finds an object of a sweep's store. */
  readonly place: (sweep: string, key: string) => { readonly bucket: string; readonly key: string };
  readonly keys: KeyService;
  readonly gate: SweepGate;
  readonly random: Random;
  readonly clock: Clock;
  readonly code: string;
  /** JSON, as the template sets it. */
  readonly sweeps: string;
}

/** After these nothing runs, and a report says so. A contract that is not trusted is not among them: nobody may report under it. */
const NOT_BEGUN: ReadonlySet<ProblemCode> = new Set([
  'configuration-invalid',
  'endpoint-same',
  'tls-required',
  'not-implemented',
  'usage-invalid',
]);

/** What one invocation of locate waits between two readings, at most. Before the first, the state machine waits. */
const WAITING_SECONDS = 600;

export async function startSweep(request: StepRequest, ports: StartPorts): Promise<PlanAnswer> {
  const sweep = sweepIdOf(request.execution);
  const store = ports.store(sweep);
  const before = await loadPlanned(request, store, ports);
  if (before !== undefined) return planned(sweep, before.manifest, before.trusted.contract, store, ports);
  if ((await store.read(SWEEP_KEYS.failures('plan'))) !== undefined) return { sweep, outcome: 'unplanned' };
  const { signed, trust, trusted } = await findContract(request.dataset, ports);
  const unplanned = async (failures: readonly Reason[]): Promise<PlanAnswer> => {
    await store.create(SWEEP_KEYS.failures('plan'), encodeReasons(failures));
    return { sweep, outcome: 'unplanned' };
  };
  try {
    const settings = settingsOf(ports.sweeps, request.dataset);
    demandShortSettling(trusted.contract);
    demandRoom(trusted.contract);
    if (!(await admitted(request.dataset, store, ports.gate))) return await unplanned([reason('breaker-open')]);
    const made = await plan(
      { sweep, signed, dataset: request.dataset, trust, partitions: settings.partitions },
      { ...ports, store },
    );
    if (!made.ready) return await unplanned(made.failures);
    await Promise.allSettled(SIDES.map((side) => made.engines[side].close()));
    return await planned(sweep, made.manifest, trusted.contract, store, ports);
  } catch (error) {
    // Another attempt at the same time was first.
    const standing = await loadPlanned(request, store, ports);
    if (standing !== undefined) return planned(sweep, standing.manifest, standing.trusted.contract, store, ports);
    if (!(error instanceof Problem) || !NOT_BEGUN.has(error.code)) throw error;
    return unplanned([reason('not-begun', { problem: error.code, ...fields(error) })]);
  }
}

/** The gate is asked once a sweep: what it gave is kept for the report, and for a second attempt. */
async function admitted(dataset: string, store: SweepStore, gate: SweepGate): Promise<boolean> {
  if ((await store.read(SWEEP_KEYS.ticket)) !== undefined) return true;
  const ticket = await gate.begin(dataset);
  if (ticket === undefined) return false;
  await store.create(SWEEP_KEYS.ticket, encoded(ticket));
  return true;
}

async function planned(
  sweep: string,
  manifest: SweepManifest,
  contract: Equivalence,
  store: SweepStore,
  ports: StartPorts,
): Promise<PlanAnswer> {
  const settings: SweepSettings = settingsOf(ports.sweeps, contract.dataset);
  await store.create(SWEEP_KEYS.items, encoded(tasksOf(manifest)));
  return {
    sweep,
    outcome: 'planned',
    items: ports.place(sweep, SWEEP_KEYS.items),
    workers: workersWithin(settings, contract),
  };
}

function demandShortSettling({ source, target, settle }: Equivalence): void {
  if (source.consistency === 'frozen' && target.consistency === 'frozen') return;
  if ((settle.attempts - 1) * settle.delaySeconds > WAITING_SECONDS) {
    throw new Problem('not-implemented', {
      detail: `Settling longer than ${WAITING_SECONDS} s after the first reading.`,
    });
  }
}

function fields({ errors = [] }: Problem): Pick<Reason, 'errors'> {
  return errors.length === 0 ? {} : { errors: errors.map(({ code, pointer, rule }) => ({ code, pointer, rule })) };
}
