/**
 * The second step as a function: one partition, in as many invocations as it takes. What repeating cannot cure is written down for the
 * report, and so is what trips the breaker: the workers of the other partitions find it there, and read no further.
 */
import { createMasks } from '../../../shared/equivalence/mask.ts';
import { relationOf } from '../../../shared/equivalence/relation.ts';
import type { SweepKeys } from '../../../shared/fingerprint/keys.ts';
import type { Clock, Deadline, KeyService } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { type BreakerRules, errorsTrip, RateWatch, skewTrip, type Trip } from '../../../shared/verdict/breaker.ts';
import { isFinal, reasonOf } from '../../../shared/verdict/reasons.ts';
import { openSweepKeys } from '../protocol/keys.ts';
import { type HashAnswer, type HashRequest, sweepIdOf } from '../protocol/messages.ts';
import { openPlanned } from '../protocol/open-planned.ts';
import { type OpenEndpoint, SWEEP_KEYS, type SweepStore } from '../protocol/ports.ts';
import { encodeReasons, encodeTrip } from '../protocol/stored.ts';
import { demandSameCode, type PlannedSweep, requirePlanned, type StepPorts } from '../protocol/sweep.ts';
import { type HashOutcome, hash } from './hash.ts';

export interface PartitionPorts extends StepPorts {
  readonly open: OpenEndpoint;
  readonly store: (sweep: string) => SweepStore;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly deadline: Deadline;
}

/** Thrown through the engine to end a read. */
class Tripped extends Error {
  readonly trip: Trip;
  constructor(trip: Trip) {
    super('the breaker tripped');
    this.trip = trip;
  }
}

/** Rejects when another attempt may succeed. */
export async function hashPartition(request: HashRequest, ports: PartitionPorts): Promise<HashAnswer> {
  const sweep = sweepIdOf(request.execution);
  const store = ports.store(sweep);
  if ((await store.read(SWEEP_KEYS.trip)) !== undefined) return { sweep, outcome: 'halted' };
  const planned = await requirePlanned(request, store, ports);
  const rules = planned.trusted.contract.breaker;
  try {
    demandSameCode(planned, ports.code);
    return { sweep, outcome: await readPartition(request, planned, store, ports) };
  } catch (error) {
    const trip = error instanceof Tripped ? error.trip : await countedFailure(rules, store);
    if (trip !== undefined) {
      await store.create(SWEEP_KEYS.trip, encodeTrip(trip));
      return { sweep, outcome: 'tripped' };
    }
    if (!isFinal(error)) throw error;
    await store.create(
      SWEEP_KEYS.failures('hash'),
      encodeReasons([reasonOf(error, 'reading', request.side, request.partition)]),
    );
    if (error instanceof Problem && error.code === 'schema-changed') {
      await store.create(SWEEP_KEYS.trip, encodeTrip({ cause: 'schema' }));
    }
    return { sweep, outcome: 'failed' };
  }
}

async function readPartition(
  { side, partition }: HashRequest,
  { manifest, trusted: { contract } }: PlannedSweep,
  store: SweepStore,
  ports: PartitionPorts,
): Promise<HashOutcome> {
  const keys: SweepKeys = await openSweepKeys(manifest, ports.keys);
  const { partitions } = manifest[side];
  const engine = await openPlanned(side, contract, manifest, ports.open);
  try {
    const reader = await engine.read(relationOf(contract, side), createMasks(keys.mask));
    const rate = new RateWatch(contract.breaker);
    const plannedRows = partitions[partition]?.estimatedRows ?? 0;
    let rows = 0;
    const watch = (more: number): void => {
      rows += more;
      const trip = skewTrip(contract.breaker, rows, plannedRows) ?? rate.observe(more, ports.clock.now());
      if (trip !== undefined) throw new Tripped(trip);
    };
    const { clock, deadline } = ports;
    return await hash({ side, partition }, manifest, {
      reader,
      keyColumns: contract.key.length,
      keys,
      store,
      clock,
      deadline,
      watch,
    });
  } finally {
    await engine.close();
  }
}

/** The workers count together: each failed attempt takes the next free place, and whoever takes the one too many trips the breaker. */
async function countedFailure(rules: BreakerRules, store: SweepStore): Promise<Trip | undefined> {
  const { errors: allowed } = rules;
  if (allowed === undefined) return undefined;
  for (let ordinal = 0; ordinal <= allowed; ordinal++) {
    if (await store.create(SWEEP_KEYS.failedAttempt(ordinal), new Uint8Array())) return errorsTrip(rules, ordinal + 1);
  }
  return errorsTrip(rules, allowed + 1);
}
