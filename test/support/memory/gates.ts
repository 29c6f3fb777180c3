import type { GateListing, GateStore, HeldGate } from '../../../functions/sweep/protocol/gate.ts';
import type { Closing, Gate } from '../../../shared/verdict/gate.ts';

export class MemoryGates implements GateStore, GateListing {
  readonly items = new Map<string, HeldGate>();
  /** `<dataset>/<sweep>` */
  readonly settled = new Map<string, Closing>();

  async read(dataset: string): Promise<HeldGate | undefined> {
    return structuredClone(this.items.get(dataset));
  }

  async write(gate: Gate, revision: number): Promise<boolean> {
    if ((this.items.get(gate.dataset)?.revision ?? 0) !== revision) return false;
    this.items.set(gate.dataset, { gate: structuredClone(gate), revision: revision + 1 });
    return true;
  }

  async closings(dataset: string, sweeps: readonly string[]): Promise<readonly Closing[]> {
    return [...new Set(sweeps)].flatMap((sweep) => this.settled.get(`${dataset}/${sweep}`) ?? []);
  }

  async close(closing: Closing): Promise<boolean> {
    const name = `${closing.dataset}/${closing.sweep}`;
    if (this.settled.has(name)) return false;
    this.settled.set(name, structuredClone(closing));
    return true;
  }

  async list(): Promise<readonly Gate[]> {
    return [...this.items.values()].map(({ gate }) => gate);
  }
}
