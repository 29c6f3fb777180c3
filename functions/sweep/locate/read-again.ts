/** Reads rows again, by key or all of them, and says what they come to under the sweep's keys. */
import type { Masks } from '../../../shared/equivalence/mask.ts';
import { relationOf, type SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { digestRows } from '../../../shared/fingerprint/digest-rows.ts';
import type { SweepKeys } from '../../../shared/fingerprint/keys.ts';
import { littleEndian } from '../../../shared/fingerprint/prf.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';
import { createAccumulator } from '../../../shared/sketch/accumulator.ts';
import type { Aggregate } from '../../../shared/sketch/aggregate.ts';
import { ITEM_PRF_BYTES } from '../../../shared/sketch/item.ts';
import type { SketchPlan } from '../../../shared/sketch/plan.ts';
import type { ReadRow } from '../../../shared/verdict/reading.ts';
import type { Engine, Reader } from '../engines/engine.ts';
import { KeptRows, keyText } from '../engines/kept-rows.ts';

/** Something went wrong at one side; the cause says what. */
export class SideFailure extends Error {
  readonly side: SideName;

  constructor(side: SideName, cause: unknown) {
    super(`at the ${side}`, { cause });
    this.side = side;
  }
}

/** A side, opened to be read again. Whatever its methods throw is a SideFailure. */
export class SideAgain {
  readonly side: SideName;
  readonly #engine: Engine;
  readonly #reader: Reader;
  readonly #keys: SweepKeys;
  /** Complete reads that this took. */
  scans = 0;

  static async open(
    side: SideName,
    contract: Equivalence,
    open: (side: SideName) => Promise<Engine>,
    masks: Masks,
    keys: SweepKeys,
  ): Promise<SideAgain> {
    const engine = await guarded(side, () => open(side));
    try {
      const reader = await guarded(side, () => engine.read(relationOf(contract, side), masks));
      return new SideAgain(side, engine, reader, keys);
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  private constructor(side: SideName, engine: Engine, reader: Reader, keys: SweepKeys) {
    this.side = side;
    this.#engine = engine;
    this.#reader = reader;
    this.#keys = keys;
  }

  get keyed(): boolean {
    return this.#reader.keyed;
  }

  /** Every row that has one of the keys, by `keyText` of its key. */
  async rowsOf(keys: readonly Uint8Array[]): Promise<ReadonlyMap<string, readonly ReadRow[]>> {
    if (keys.length === 0) return new Map();
    if (!this.#reader.keyed) this.scans += 1;
    const found = new Map<string, ReadRow[]>();
    const again = await guarded(this.side, () => this.#reader.lookup(keys));
    const digests = digestRows(
      this.#keys.row,
      again.map(({ fields }) => fields),
    );
    for (const [index, { key, fields }] of again.entries()) {
      const digest = digests[index] ?? new Uint8Array(0);
      const name = keyText(key);
      const rows = found.get(name) ?? [];
      rows.push({ prf: littleEndian(digest.subarray(0, ITEM_PRF_BYTES)), fields });
      found.set(name, rows);
    }
    return found;
  }

  /** Every key that satisfies `wanted`, by a scan of keys alone. */
  async keysThat(wanted: (key: Uint8Array) => boolean): Promise<readonly Uint8Array[]> {
    const kept = new KeptRows(wanted);
    await this.#scan(kept, 'key');
    return kept.rows.map(({ key }) => key);
  }

  /** What the whole side comes to now. */
  async aggregate(plan: SketchPlan): Promise<Aggregate> {
    const accumulator = createAccumulator(this.#keys, plan);
    await this.#scan(accumulator.rows, 'all');
    return accumulator.aggregate();
  }

  async #scan(rows: RowBatch, columns: 'key' | 'all'): Promise<void> {
    this.scans += 1;
    await guarded(this.side, async () => {
      for (const partition of await this.#reader.plan(1)) {
        // The rows are taken on the way; the steps say nothing more.
        for await (const _step of this.#reader.scan(partition, rows, { columns }));
      }
    });
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

async function guarded<Result>(side: SideName, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new SideFailure(side, error);
  }
}
