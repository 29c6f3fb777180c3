import { instantiateKernel, type Kernel } from '../fingerprint/kernel/kernel.ts';
import { EMPTY, type MultisetHash, merge } from '../fingerprint/multiset.ts';
import type { Aggregate } from './aggregate.ts';
import { cellBytes, cellCount, type SketchPlan } from './plan.ts';
import { emptySketch, mergeInto, overfull, refuseOtherShape } from './sketch.ts';
import { mergeStrataInto, STRATA_BYTES } from './strata.ts';

/** Adds up the aggregates of the parts of one side. Memory is that of two aggregates, however many parts. */
export interface Side {
  add(part: Aggregate): void;
  /** Of all parts added so far: a view, good until another is added. */
  aggregate(): Aggregate;
}

export function createSide(plan: SketchPlan): Side {
  const kernel = instantiateKernel();
  return kernel ? new KernelSide(kernel, plan) : new ReferenceSide(plan);
}

export class KernelSide implements Side {
  readonly #kernel: Kernel;
  readonly #plan: SketchPlan;
  readonly #cells: number;
  readonly #strata: number;
  readonly #partCells: number;
  readonly #partStrata: number;
  #set: MultisetHash = EMPTY;

  constructor(kernel: Kernel, plan: SketchPlan) {
    this.#kernel = kernel;
    this.#plan = plan;
    const bytes = cellCount(plan) * cellBytes(plan);
    this.#cells = kernel.allocate(bytes);
    this.#partCells = kernel.allocate(bytes);
    this.#strata = kernel.allocate(STRATA_BYTES);
    this.#partStrata = kernel.allocate(STRATA_BYTES);
  }

  add(part: Aggregate): void {
    refuseOtherShape(this.#plan, part.sketch.plan);
    const { call } = this.#kernel;
    this.#kernel.store(this.#partCells, part.sketch.cells);
    this.#kernel.store(this.#partStrata, part.strata);
    const sound =
      call.mergeCells(this.#cells, this.#partCells, cellCount(this.#plan), this.#plan.slotBytes) === 1 &&
      call.mergeStrata(this.#strata, this.#partStrata) === 1;
    if (!sound) throw overfull();
    this.#set = merge(this.#set, part.set);
  }

  aggregate(): Aggregate {
    const bytes = cellCount(this.#plan) * cellBytes(this.#plan);
    return {
      set: this.#set,
      sketch: { plan: this.#plan, cells: this.#kernel.bytes(this.#cells, bytes) },
      strata: this.#kernel.bytes(this.#strata, STRATA_BYTES),
    };
  }
}

export class ReferenceSide implements Side {
  readonly #sketch;
  readonly #strata = new Uint8Array(STRATA_BYTES);
  #set: MultisetHash = EMPTY;

  constructor(plan: SketchPlan) {
    this.#sketch = emptySketch(plan);
  }

  add(part: Aggregate): void {
    mergeInto(this.#sketch, part.sketch);
    mergeStrataInto(this.#strata, part.strata);
    this.#set = merge(this.#set, part.set);
  }

  aggregate(): Aggregate {
    return {
      set: this.#set,
      sketch: this.#sketch,
      strata: this.#strata,
    };
  }
}
