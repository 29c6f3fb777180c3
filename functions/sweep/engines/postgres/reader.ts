import { fromPostgresBinary } from '../../../../shared/canonical/postgres/binary.ts';
import type { Masks } from '../../../../shared/equivalence/mask.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import type { RowBatch } from '../../../../shared/fingerprint/row-batch.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { FoundRow, Partition, Reader, Scan, ScanOptions } from '../engine.ts';
import { lookupByScan } from '../lookup-by-scan.ts';
import { demandWriters, planSlots, type SlotPlan, type WriterFor } from '../slots.ts';
import type { Bounds } from './bounds.ts';
import type { CatalogColumn, CatalogTable, TableName } from './catalog.ts';
import { type Feeds, filteredFeeds, plainFeeds } from './feed.ts';
import { isReversible, keyTexts } from './key-text.ts';
import { lookupRows } from './lookup.ts';
import { planBlocks, planKeys, planWhole } from './plan.ts';
import { scanPartition } from './scan.ts';
import { selectKeys, selectPart } from './select.ts';
import type { Sessions } from './sessions.ts';
import { copyColumn, selectedAs, type TableColumn, tableColumns } from './table.ts';

/** What a reader reads from. */
export interface TableSource {
  readonly name: TableName;
  readonly catalog: CatalogTable;
  /** All parts are read from one state: rows stay in their blocks. */
  readonly frozen: boolean;
  /** Whether the server can begin in the middle of a table's blocks (PostgreSQL 14). */
  readonly rangesOfBlocks: boolean;
  /** Sessions in a transaction that reads that state. */
  readonly sessions: Sessions;
}

export class PostgresReader implements Reader {
  readonly keyed: boolean;
  readonly #source: TableSource;
  readonly #relation: Relation;
  readonly #masks: Masks;
  /** The compared columns, key first. */
  readonly #columns: readonly TableColumn[];
  readonly #key: readonly CatalogColumn[];
  readonly #writerFor: WriterFor;

  constructor(source: TableSource, relation: Relation, masks: Masks) {
    this.#source = source;
    this.#relation = relation;
    this.#masks = masks;
    this.#writerFor = ({ name }, declared, notes) => {
      const { sent, type } = this.#catalog(name);
      return fromPostgresBinary(sent ?? type, declared, notes);
    };
    demandWriters(this.#slots('all'));
    this.#columns = tableColumns(relation, source.catalog);
    const key = this.#columns.slice(0, relation.keyColumns);
    this.#key = key.map(({ catalog }) => catalog);
    this.keyed = key.length > 0 && key.every(isReversible) && this.#indexed();
  }

  async plan(target: number): Promise<readonly Partition[]> {
    const { name, catalog, frozen, rangesOfBlocks, sessions } = this.#source;
    const byBlocks = frozen && catalog.plain && rangesOfBlocks;
    const ordered = this.#key.length > 0 && this.#key.every(({ nullable, cast }) => !nullable && !cast);
    if (!byBlocks && !ordered) return planWhole(catalog);
    return sessions.use((session) =>
      byBlocks ? planBlocks(session, name, catalog, target) : planKeys(session, name, catalog, this.#key, target),
    );
  }

  scan(partition: Partition, rows: RowBatch, options: ScanOptions = {}): Scan {
    const columns = options.columns ?? 'all';
    const feeds = this.#feeds(rows, columns);
    const selected = this.#selected(columns);
    const source = {
      sessions: this.#source.sessions,
      select: (bounds: Bounds) => selectPart(this.#source.name, selected, this.#key, bounds),
    };
    return {
      counts: () => feeds.counts(),
      [Symbol.asyncIterator]: () => scanPartition(source, partition, feeds),
    };
  }

  async lookup(keys: readonly Uint8Array[]): Promise<readonly FoundRow[]> {
    if (!this.keyed) return lookupByScan(this, keys);
    const key = this.#columns.slice(0, this.#relation.keyColumns);
    const selected = this.#selected('all');
    const source = {
      texts: (bytes: Uint8Array) => keyTexts(key, bytes),
      select: (texts: readonly (readonly string[])[]) => selectKeys(this.#source.name, selected, this.#key, texts),
      feeds: (rows: RowBatch) => this.#feeds(rows, 'all'),
    };
    return this.#source.sessions.use((session) => lookupRows(session, source, keys));
  }

  #slots(columns: 'key' | 'all'): SlotPlan {
    return planSlots(this.#relation, this.#masks, columns, this.#writerFor);
  }

  /** What is selected, in the order of the slots. */
  #selected(columns: 'key' | 'all'): readonly string[] {
    return this.#slots(columns).natives.map((name) => selectedAs(this.#catalog(name)));
  }

  /** How tuples become rows. Without filters there are as many slots as columns. */
  #feeds(rows: RowBatch, columns: 'key' | 'all'): Feeds {
    const { filters, keyColumns } = this.#relation;
    if (filters.length > 0) return filteredFeeds(this.#slots(columns), rows);
    const read = columns === 'key' ? this.#columns.slice(0, keyColumns) : this.#columns;
    return plainFeeds(
      read.map((column) => copyColumn(column, this.#masks)),
      keyColumns,
      rows,
    );
  }

  #catalog(name: string): CatalogColumn {
    const column = this.#source.catalog.columns.find((found) => found.name === name);
    if (column === undefined) throw new Problem('schema-changed');
    return column;
  }

  /** Whether an index leads to a key, and not through the whole table. */
  #indexed(): boolean {
    const names = new Set(this.#key.map(({ name }) => name));
    const { indexes, uniqueKeys } = this.#source.catalog;
    const leads = (index: readonly string[]): boolean => index.slice(0, names.size).every((name) => names.has(name));
    return (
      indexes.some((index) => index.length >= names.size && leads(index)) || uniqueKeys.some((index) => leads(index))
    );
  }
}
