/**
 * The fourth step as a function. First whether the sides still have the columns under which they were read; then, where they differ, which
 * rows do. The state machine has waited for the settling delay; further readings wait here.
 */
import { SIDES } from '../../../shared/equivalence/relation.ts';
import type { KeyService } from '../../../shared/ports.ts';
import { type Reason, reason, reasonOf } from '../../../shared/verdict/reasons.ts';
import type { Comparison } from '../protocol/comparison.ts';
import { type LocateAnswer, type StepRequest, sweepIdOf } from '../protocol/messages.ts';
import { openPlanned } from '../protocol/open-planned.ts';
import { type OpenEndpoint, SWEEP_KEYS, type SweepStore } from '../protocol/ports.ts';
import { schemaDigest } from '../protocol/schema-digest.ts';
import { decodeComparison, encodeLocated, encodeReasons, readStored } from '../protocol/stored.ts';
import { demandSameCode, type PlannedSweep, requirePlanned, type StepPorts } from '../protocol/sweep.ts';
import { locate } from './locate.ts';

export interface SuspectsPorts extends StepPorts {
  readonly open: OpenEndpoint;
  readonly store: (sweep: string) => SweepStore;
  readonly keys: KeyService;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export async function locateSuspects(request: StepRequest, ports: SuspectsPorts): Promise<LocateAnswer> {
  const sweep = sweepIdOf(request.execution);
  const store = ports.store(sweep);
  if ((await store.read(SWEEP_KEYS.located)) !== undefined) return { sweep, outcome: 'located' };
  if ((await store.read(SWEEP_KEYS.failures('locate'))) !== undefined) return { sweep, outcome: 'failed' };
  const planned = await requirePlanned(request, store, ports);
  demandSameCode(planned, ports.code);
  const failures = await changedSides(planned, ports.open);
  if (failures.length > 0) {
    await store.create(SWEEP_KEYS.failures('locate'), encodeReasons(failures));
    return { sweep, outcome: 'failed' };
  }
  const comparison = await readStored(store, SWEEP_KEYS.comparison, decodeComparison);
  if (!differs(comparison)) return { sweep, outcome: 'nothing' };
  const { manifest, trusted } = planned;
  const { contract } = trusted;
  const { outcome, keySample } = comparison;
  let readings = 0;
  const located = await locate(
    {
      contract,
      manifest,
      items: outcome.items,
      complete: outcome.complete,
      keySample,
      read: outcome.trip === undefined,
    },
    {
      open: (side) => openPlanned(side, contract, manifest, ports.open),
      keys: ports.keys,
      wait: async (milliseconds) => {
        readings += 1;
        if (readings > 1) await ports.wait(milliseconds);
      },
    },
  );
  await store.create(SWEEP_KEYS.located, encodeLocated(located));
  return { sweep, outcome: 'located' };
}

type Differing = Comparison & { readonly outcome: NonNullable<Comparison['outcome']> };

function differs(comparison: Comparison | undefined): comparison is Differing {
  const outcome = comparison?.outcome;
  return outcome !== undefined && !outcome.equal && outcome.counts.source > 0 && outcome.counts.target > 0;
}

/** Of settled sides the columns, or the place, may have changed after the last partition was opened: what was read is of another relation then. */
async function changedSides({ manifest, trusted }: PlannedSweep, open: OpenEndpoint): Promise<Reason[]> {
  const found: Reason[] = [];
  for (const side of SIDES) {
    const { schema, consistency } = manifest[side];
    if (consistency === 'frozen') continue;
    try {
      const engine = await openPlanned(side, trusted.contract, manifest, open);
      try {
        if (schema !== undefined && schemaDigest(await engine.schema()) !== schema)
          found.push(reason('schema-changed', { side }));
      } finally {
        await engine.close();
      }
    } catch (error) {
      found.push(reasonOf(error, 'reading', side));
    }
  }
  return found;
}
