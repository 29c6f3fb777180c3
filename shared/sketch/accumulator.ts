import { instantiateKernel, type Kernel } from '../fingerprint/kernel/kernel.ts';
import { type HashedBatch, KernelBatch } from '../fingerprint/kernel-batch.ts';
import type { SweepKeys } from '../fingerprint/keys.ts';
import { ReferenceBatch } from '../fingerprint/reference-batch.ts';
import { BATCH_ROWS, type RowBatch } from '../fingerprint/row-batch.ts';
import type { Aggregate } from './aggregate.ts';
import { type CellKeys, expandCellKey } from './cell-keys.ts';
import { ITEM_PRF_BYTES, makeItem } from './item.ts';
import { cellBytes, cellCount, type SketchPlan } from './plan.ts';
import { emptySketch, insert, overfull } from './sketch.ts';
import { firstLevel, insertIntoStrata, STRATA_BYTES } from './strata.ts';

/** Takes canonical rows, and gives what they come to. */
export interface Accumulator {
  readonly rows: RowBatch;
  /** Of all rows committed so far: a view, good until more are committed. */
  aggregate(): Aggregate;
  /** Ends its use, and that of what it gave. Its memory is cleared, and serves the next one. */
  free(): void;
}

export type HashingKeys = Pick<SweepKeys, 'row' | 'cell' | 'keyId'>;

/** Told of rows as they are hashed, some at a time; `keyOf` gives the canonical key of each, good until the call returns. */
export type KeysSeen = (rows: number, keyOf: (row: number) => Uint8Array) => void;

const UNSEEN: KeysSeen = () => {};

/** In the kernel where there is one, else with @noble/hashes: the same results, some fifty times more slowly. */
export function createAccumulator(keys: HashingKeys, plan: SketchPlan, seen: KeysSeen = UNSEEN): Accumulator {
  const kernel = instantiateKernel();
  return kernel ? new KernelAccumulator(kernel, keys, plan, seen) : new ReferenceAccumulator(keys, plan, seen);
}

export class KernelAccumulator implements Accumulator {
  readonly rows: KernelBatch;
  readonly #kernel: Kernel;
  readonly #plan: SketchPlan;
  readonly #seen: KeysSeen;
  readonly #idKey: number;
  readonly #cellKey: number;
  readonly #strataKey: number;
  readonly #items: number;
  readonly #ids: number;
  readonly #cells: number;
  readonly #strata: number;
  readonly #firstLevel: number;

  constructor(kernel: Kernel, keys: HashingKeys, plan: SketchPlan, seen: KeysSeen = UNSEEN) {
    this.#kernel = kernel;
    this.#plan = plan;
    this.#seen = seen;
    const expanded = expandCellKey(keys.cell, plan);
    this.#idKey = placed(kernel, keys.keyId);
    this.#cellKey = placed(kernel, expanded.cellBytes);
    this.#strataKey = placed(kernel, expanded.strataBytes);
    this.#items = kernel.allocate(BATCH_ROWS * (ITEM_PRF_BYTES + plan.slotBytes));
    this.#ids = kernel.allocate(BATCH_ROWS * 32);
    this.#cells = kernel.allocate(cellCount(plan) * cellBytes(plan));
    this.#strata = kernel.allocate(STRATA_BYTES);
    this.#firstLevel = firstLevel(plan);
    this.rows = new KernelBatch(kernel, keys.row, (batch) => this.#insert(batch));
  }

  aggregate(): Aggregate {
    const sum = this.rows.sum();
    const cells = this.#kernel.bytes(this.#cells, cellCount(this.#plan) * cellBytes(this.#plan));
    return {
      set: { count: this.rows.count, sum },
      sketch: { plan: this.#plan, cells },
      strata: this.#kernel.bytes(this.#strata, STRATA_BYTES),
    };
  }

  free(): void {
    this.#kernel.free();
  }

  #insert({ start, ends, keyEnds, count, digests, chains }: HashedBatch): void {
    // A cell counts to 2³¹ − 1: so many rows in all cannot overfill one.
    if (this.rows.count >= 2n ** 31n) throw overfull();
    const { call } = this.#kernel;
    const { slotBytes, cellsPerTable } = this.#plan;
    const items = this.#items;
    call.makeItems(this.#idKey, start, ends, keyEnds, count, digests, slotBytes, items, this.#ids, chains);
    call.insertItems(this.#cells, cellsPerTable, slotBytes, this.#cellKey, items, count);
    call.insertStrata(this.#strata, this.#strataKey, items, slotBytes, count, this.#firstLevel);
    const [endWords, keyEndWords] = [this.#kernel.words(ends, count), this.#kernel.words(keyEnds, count)];
    this.#seen(count, (row) => {
      const from = row === 0 ? 0 : (endWords[row - 1] ?? 0);
      return this.#kernel.bytes(start + from, (keyEndWords[row] ?? from) - from);
    });
  }
}

function placed(kernel: Kernel, bytes: Uint8Array): number {
  const address = kernel.allocate(bytes.length);
  kernel.store(address, bytes);
  return address;
}

export class ReferenceAccumulator implements Accumulator {
  readonly rows: ReferenceBatch;
  readonly #sketch;
  readonly #strata = new Uint8Array(STRATA_BYTES);

  constructor(keys: HashingKeys, plan: SketchPlan, seen: KeysSeen = UNSEEN) {
    this.#sketch = emptySketch(plan);
    const expanded: CellKeys = expandCellKey(keys.cell, plan);
    const first = firstLevel(plan);
    this.rows = new ReferenceBatch(keys.row, (digest, key) => {
      const item = makeItem(plan, keys.keyId, digest, key);
      insert(this.#sketch, expanded, item);
      insertIntoStrata(this.#strata, expanded.strata, item, first);
      seen(1, () => key);
    });
  }

  aggregate(): Aggregate {
    return {
      set: { count: this.rows.count, sum: this.rows.sum() },
      sketch: this.#sketch,
      strata: this.#strata,
    };
  }

  free(): void {}
}
