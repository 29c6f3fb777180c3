/** The third step as a function. A second attempt finds what the first has written down, and says the same. */
import type { KeyService } from '../../../shared/ports.ts';
import type { Comparison } from '../protocol/comparison.ts';
import { type CompareAnswer, type StepRequest, sweepIdOf } from '../protocol/messages.ts';
import { SWEEP_KEYS, type SweepStore } from '../protocol/ports.ts';
import { decodeComparison, encodeComparison, readStored } from '../protocol/stored.ts';
import { demandSameCode, requirePlanned, type StepPorts } from '../protocol/sweep.ts';
import { compare } from './compare.ts';

export interface SidesPorts extends StepPorts {
  readonly store: (sweep: string) => SweepStore;
  readonly keys: KeyService;
}

export async function compareSweep(request: StepRequest, ports: SidesPorts): Promise<CompareAnswer> {
  const sweep = sweepIdOf(request.execution);
  const store = ports.store(sweep);
  const planned = await requirePlanned(request, store, ports);
  demandSameCode(planned, ports.code);
  const { manifest, trusted } = planned;
  const stored = (): Promise<Comparison | undefined> => readStored(store, SWEEP_KEYS.comparison, decodeComparison);
  let comparison = await stored();
  if (comparison === undefined) {
    comparison = await compare(manifest, trusted.contract.breaker, { store, keys: ports.keys });
    // Of two attempts at once the first counts: a result may have come in between them.
    if (!(await store.create(SWEEP_KEYS.comparison, encodeComparison(comparison)))) {
      comparison = (await stored()) ?? comparison;
    }
  }
  const outcome = outcomeOf(comparison);
  const waits = outcome === 'different' && !manifest.frozen && comparison.outcome?.trip === undefined;
  return { sweep, outcome, delaySeconds: waits ? trusted.contract.settle.delaySeconds : 0 };
}

function outcomeOf({ outcome }: Comparison): CompareAnswer['outcome'] {
  if (outcome === undefined) return 'incomplete';
  if (outcome.counts.source === 0 || outcome.counts.target === 0) return 'empty';
  return outcome.equal ? 'equal' : 'different';
}
