import type { Actor } from '../../../shared/names.ts';
import type { Lease, Run, RunPins, RunStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

export class MemoryRunStore implements RunStore {
  readonly items = new Map<string, Run>();

  async read(run: string): Promise<Run | undefined> {
    return this.items.get(run);
  }

  async claim(run: string, stage: Actor, lease: Lease, startedAt: string): Promise<Run | undefined> {
    const found = this.items.get(run);
    const free =
      found === undefined ||
      (found.state === 'running'
        ? found.execution === lease.execution || found.leaseUntil < lease.now
        : found.outcome === 'failed');
    if (!free) return undefined;
    const base = found ?? { run, startedAt, attempts: {}, pinned: undefined, counts: undefined, seal: undefined };
    return this.#take(base, stage, lease);
  }

  async renew(run: string, stage: Actor, lease: Lease): Promise<Run | undefined> {
    const found = this.items.get(run);
    if (found === undefined || found.execution !== lease.execution) return undefined;
    if (found.state === 'sealed' && found.outcome !== 'failed') return undefined;
    return this.#take(found, stage, lease);
  }

  async pin(run: string, execution: string, pins: RunPins): Promise<RunPins> {
    const found = this.items.get(run);
    if (found?.execution !== execution) throw new Problem('run-busy');
    const pinned = found.pinned ?? pins;
    this.items.set(run, { ...found, pinned });
    return pinned;
  }

  async seal(run: string, execution: string, ending: Parameters<RunStore['seal']>[2]): Promise<void> {
    const found = this.items.get(run);
    if (found?.execution !== execution) throw new Problem('run-busy');
    if (found.seal !== undefined && found.seal.generation > ending.seal.generation) throw new Problem('run-busy');
    this.items.set(run, { ...found, ...ending, state: 'sealed' });
  }

  #take(base: Omit<Run, 'execution' | 'leaseUntil' | 'state' | 'outcome'>, stage: Actor, lease: Lease): Run {
    const taken: Run = {
      ...base,
      execution: lease.execution,
      leaseUntil: lease.until,
      state: 'running',
      outcome: undefined,
      attempts: { ...base.attempts, [stage]: (base.attempts[stage] ?? 0) + 1 },
    };
    this.items.set(base.run, taken);
    return taken;
  }
}
