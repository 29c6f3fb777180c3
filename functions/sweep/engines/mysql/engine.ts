import { fromMysqlText } from '../../../../shared/canonical/mysql/text-protocol.ts';
import type { Masks } from '../../../../shared/equivalence/mask.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import type { EndpointOf } from '../../../../shared/equivalence/schema.ts';
import type { RowBatch } from '../../../../shared/fingerprint/row-batch.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { DatabasePlace } from '../database-place.ts';
import type { Engine, FoundRow, Partition, Reader, Scan, ScanOptions, ScanStep } from '../engine.ts';
import { KeptRows, keySet } from '../kept-rows.ts';
import { lookupByScan } from '../lookup-by-scan.ts';
import { RowWriter } from '../row-writer.ts';
import { demandColumns } from '../schema-check.ts';
import { demandWriters, planSlots, type SlotPlan, type WriterFor } from '../slots.ts';
import { parseBounds, toJson } from './bounds.ts';
import { type Catalog, readCatalog, readIdentity, schemaOf } from './catalog.ts';
import { orderBy, printKey, type RangeKey, rangeCondition, rangeKeyOf } from './key-range.ts';
import { type LookupKey, lookupCondition, lookupKeyOf } from './lookup-key.ts';
import { planRanges } from './plan.ts';
import { quoteName, quoteTable } from './quote.ts';
import { RowReader } from './row-reader.ts';
import { readSteps } from './scan.ts';
import { selectColumn } from './select.ts';
import { Session } from './session.ts';

/** Keys in one statement of a lookup. */
const LOOKUP_BATCH = 200;

/**
 * A table of MySQL or MariaDB. Every partition is read in a transaction of its own, from a consistent snapshot (InnoDB, REPEATABLE READ); but
 * two sessions cannot share one, so that the side as a whole is settled and never frozen.
 */
export async function openMysql(endpoint: EndpointOf<'mysql'>, place: DatabasePlace): Promise<Engine> {
  const { schema, table } = endpoint;
  const session = await Session.connect(place);
  return {
    identity: () => readIdentity(session, schema, table),
    schema: async () => schemaOf(await readCatalog(session, schema, table)),
    snapshot: async () => {
      await readCatalog(session, schema, table);
      return { consistency: 'settled', position: 'live table, a consistent read per partition', share: undefined };
    },
    read: async (relation, masks) => {
      const catalog = await readCatalog(session, schema, table);
      demandColumns(relation, schemaOf(catalog));
      return new MysqlReader(place, session, quoteTable(schema, table), catalog, relation, masks);
    },
    close: () => session.close(),
  };
}

class MysqlReader implements Reader {
  readonly keyed: boolean;
  readonly #place: DatabasePlace;
  readonly #session: Session;
  readonly #table: string;
  readonly #catalog: Catalog;
  readonly #relation: Relation;
  readonly #masks: Masks;
  readonly #writerFor: WriterFor;
  readonly #rangeKey: RangeKey | undefined;
  readonly #lookupKey: LookupKey | undefined;

  constructor(
    place: DatabasePlace,
    session: Session,
    table: string,
    catalog: Catalog,
    relation: Relation,
    masks: Masks,
  ) {
    this.#place = place;
    this.#session = session;
    this.#table = table;
    this.#catalog = catalog;
    this.#relation = relation;
    this.#masks = masks;
    this.#rangeKey = rangeKeyOf(catalog);
    this.#lookupKey = lookupKeyOf(relation, catalog);
    this.keyed = this.#lookupKey !== undefined;
    const types = new Map(catalog.columns.map(({ name, dataType }) => [name, dataType]));
    this.#writerFor = ({ name }, declared, notes) => fromMysqlText(types.get(name) ?? '', declared, notes);
    demandWriters(planSlots(relation, masks, 'all', this.#writerFor));
  }

  async plan(target: number): Promise<readonly Partition[]> {
    if (this.#rangeKey !== undefined) return planRanges(this.#session, this.#table, this.#rangeKey, target);
    const bounds = toJson({ from: undefined, exclusive: false, to: undefined });
    return [{ bounds, estimatedRows: 0 }];
  }

  scan(partition: Partition, rows: RowBatch, options: ScanOptions = {}): Scan {
    const slots = planSlots(this.#relation, this.#masks, options.columns ?? 'all', this.#writerFor);
    const row = new RowWriter(slots, rows);
    return {
      counts: () => row.counts(),
      [Symbol.asyncIterator]: () => this.#steps(partition, slots, row),
    };
  }

  async *#steps(partition: Partition, slots: SlotPlan, row: RowWriter): AsyncGenerator<ScanStep> {
    const bounds = parseBounds(partition.bounds);
    const key = this.#rangeKey;
    const { sql, values } = key === undefined ? { sql: 'TRUE', values: [] } : rangeCondition(key, bounds);
    // A whole key says where to go on; half a one does not.
    const hasKey = key?.unique === true;
    const columns = [...this.#select(slots), ...(hasKey ? [printKey(key)] : [])].join(', ');
    const index = key === undefined ? '' : `FORCE INDEX (${quoteName(key.index)})`;
    const order = hasKey ? `ORDER BY ${orderBy(key)}` : '';
    const session = await Session.connect(this.#place);
    try {
      await session.bind(values);
      await session.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const reader = new RowReader(slots.natives.length, row);
      yield* readSteps(
        session,
        `SELECT ${columns} FROM ${this.#table} ${index} WHERE ${sql} ${order}`,
        reader,
        partition,
        bounds,
        hasKey,
      );
    } finally {
      // It may be in the middle of an answer that nobody wants any more.
      session.destroy();
    }
  }

  #select(slots: SlotPlan): readonly string[] {
    const columns = new Map(this.#catalog.columns.map((column) => [column.name, column]));
    return slots.natives.map((name) => {
      const column = columns.get(name);
      if (column === undefined) throw new Problem('schema-changed', { detail: 'A column is no longer there.' });
      return selectColumn(column);
    });
  }

  async lookup(keys: readonly Uint8Array[]): Promise<readonly FoundRow[]> {
    const key = this.#lookupKey;
    if (key === undefined) return lookupByScan(this, keys);
    const found: FoundRow[] = [];
    for (let from = 0; from < keys.length; from += LOOKUP_BATCH) {
      const some = keys.slice(from, from + LOOKUP_BATCH);
      // By a collation, or by rounding, a statement may find rows of keys that another one asks for: each keeps its own.
      const kept = new KeptRows(keySet(some));
      const slots = planSlots(this.#relation, this.#masks, 'all', this.#writerFor);
      const reader = new RowReader(slots.natives.length, new RowWriter(slots, kept));
      const { sql, values } = lookupCondition(key, some);
      await this.#session.bind(values);
      const select = `SELECT ${this.#select(slots).join(', ')} FROM ${this.#table} WHERE ${sql}`;
      await this.#session.raw(select, (bytes, start, end) => reader.read(bytes, start, end));
      found.push(...kept.rows);
    }
    return found;
  }
}
