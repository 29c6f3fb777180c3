/** An engine in memory that keeps every promise of the port, and breaks those that a test asks it to. */
import type {
  Engine,
  Json,
  OpenOptions,
  Partition,
  Reader,
  Scan,
  ScanStep,
} from '../../../functions/sweep/engines/engine.ts';
import { KeptRows, keySet } from '../../../functions/sweep/engines/kept-rows.ts';
import { RowWriter } from '../../../functions/sweep/engines/row-writer.ts';
import { demandColumns } from '../../../functions/sweep/engines/schema-check.ts';
import { planSlots } from '../../../functions/sweep/engines/slots.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { Problem } from '../../../shared/problem.ts';

export type MemoryRow = Readonly<Record<string, Spelling>>;

export interface MemoryHooks {
  open?: () => void;
  schema?: () => void;
  /** Before each stretch of rows; `from` is its first row's index. */
  step?: (from: number) => void;
  lookup?: (keys: number) => void;
}

export class MemoryTable {
  rows: readonly MemoryRow[];
  /** Name to type, as a catalogue would spell it. */
  columns: Readonly<Record<string, string>>;
  identity: string;
  consistency: 'frozen' | 'settled' = 'frozen';
  uniqueKeys: readonly (readonly string[])[] = [];
  sampled = false;
  keyed = true;
  hooks: MemoryHooks = {};
  /** What statistics say of each partition, over what is true. */
  estimateFactor = 1;
  readonly #shared = new Map<string, readonly MemoryRow[]>();
  /** Rows read so far by scans. */
  scanned = 0;
  opened = 0;
  closed = 0;

  constructor(identity: string, columns: Readonly<Record<string, string>>, rows: readonly MemoryRow[]) {
    this.identity = identity;
    this.columns = columns;
    this.rows = rows;
  }

  open(options: OpenOptions = {}): Engine {
    this.opened += 1;
    this.hooks.open?.();
    let pinned = typeof options.share === 'string' ? this.#shared.get(options.share) : undefined;
    if (options.share !== undefined && pinned === undefined) throw new Problem('snapshot-gone');
    const schema = async () => {
      this.hooks.schema?.();
      return {
        columns: Object.entries(this.columns).map(([name, type]) => ({ name, type, nullable: true })),
        uniqueKeys: this.uniqueKeys,
        sampled: this.sampled,
      };
    };
    return {
      identity: async () => this.identity,
      schema,
      snapshot: async () => {
        if (this.consistency === 'settled') return { consistency: 'settled', position: 'now', share: undefined };
        const name = `state-${this.#shared.size}`;
        pinned = this.rows;
        this.#shared.set(name, pinned);
        return { consistency: 'frozen', position: name, share: name };
      },
      read: async (relation, masks) => {
        demandColumns(relation, await schema());
        return this.#reader(() => pinned ?? this.rows, relation, masks);
      },
      close: async () => {
        this.closed += 1;
      },
    };
  }

  #reader(
    rowsNow: () => readonly MemoryRow[],
    relation: Parameters<Engine['read']>[0],
    masks: Parameters<Engine['read']>[1],
  ): Reader {
    const scan: Reader['scan'] = (partition, rows, options = {}): Scan => {
      const slots = planSlots(relation, masks, options.columns ?? 'all');
      const writer = new RowWriter(slots, rows);
      return {
        counts: () => writer.counts(),
        [Symbol.asyncIterator]: () => this.#steps(rowsNow, partition, slots.natives, writer),
      };
    };
    const plan: Reader['plan'] = async (target) => {
      const { length } = rowsNow();
      const count = Math.max(1, Math.min(target, length));
      return Array.from({ length: count }, (_, index) => {
        const [from, to] = [Math.floor((length * index) / count), Math.floor((length * (index + 1)) / count)];
        // The last one has no end, so that rows that are added later belong to it.
        const bounds: Json = [from, index === count - 1 ? null : to];
        return { bounds, estimatedRows: (to - from) * this.estimateFactor };
      });
    };
    return {
      plan,
      scan,
      keyed: this.keyed,
      lookup: async (keys) => {
        this.hooks.lookup?.(keys.length);
        const kept = new KeptRows(keySet(keys));
        for (const partition of await plan(1)) for await (const _step of scan(partition, kept));
        return kept.rows;
      },
    };
  }

  async *#steps(
    rowsNow: () => readonly MemoryRow[],
    { bounds }: Partition,
    natives: readonly string[],
    writer: RowWriter,
  ): AsyncGenerator<ScanStep> {
    const [from, to] = Array.isArray(bounds) ? bounds : [];
    const end = typeof to === 'number' ? to : rowsNow().length;
    for (let at = typeof from === 'number' ? from : 0; at < end || at === from; at += 100) {
      this.hooks.step?.(at);
      let count = 0;
      for (const row of rowsNow().slice(at, Math.min(at + 100, end))) {
        writer.beginLoose();
        for (const name of natives) if (!writer.dropped) writer.spelled(row[name]);
        if (writer.end()) count += 1;
        this.scanned += 1;
      }
      const next: Json = [at + 100, to ?? null];
      yield { rows: count, rest: at + 100 < end ? { bounds: next, estimatedRows: end - at - 100 } : undefined };
    }
  }
}
