import { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import { pointerTo } from '../../../../shared/contract/names.ts';
import type { Masks } from '../../../../shared/equivalence/mask.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import type { RowBatch } from '../../../../shared/fingerprint/row-batch.ts';
import { type FieldProblem, Problem } from '../../../../shared/problem.ts';
import type { Engine, FoundRow, Partition, Reader, RelationSchema, Scan, ScanOptions, ScanStep } from '../engine.ts';
import { KeptRows, keySet, keyText } from '../kept-rows.ts';
import { lookupByScan } from '../lookup-by-scan.ts';
import { RowWriter } from '../row-writer.ts';
import { demandColumns } from '../schema-check.ts';
import { planSlots, type SlotPlan } from '../slots.ts';
import { ATTRIBUTE_KINDS, isAttributeType, spellAttribute } from './attribute.ts';
import { boundsOf, encodeBounds } from './bounds.ts';
import type { Document, DocumentTable, TableDescription } from './document-table.ts';
import { type Keys, keysOf } from './key.ts';
import { sampleColumns } from './sample.ts';

/** A table of DynamoDB, read by parallel scans. It has no snapshot: two pages are of two moments. */
export function openDynamoDb(table: DocumentTable): Engine {
  let described: Promise<TableDescription> | undefined;
  const describe = (): Promise<TableDescription> => {
    described ??= table.describe();
    return described;
  };
  const schema = async (): Promise<RelationSchema> => {
    const { key } = await describe();
    return {
      columns: await sampleColumns(table, key),
      uniqueKeys: [key.map(({ name }) => name)],
      sampled: true,
    };
  };
  return {
    identity: async () => (await describe()).identity,
    schema,
    snapshot: async () => {
      await describe();
      return { consistency: 'settled', position: 'live table, consistent reads', share: undefined };
    },
    read: async (relation, masks) => {
      demandColumns(relation, await schema());
      demandKinds(relation);
      return new DynamoDbReader(table, await describe(), relation, masks);
    },
    close: async () => {},
  };
}

function demandKinds(relation: Relation): void {
  const errors = relation.columns.flatMap(({ name, type, native }): FieldProblem[] =>
    isAttributeType(native.type) && ATTRIBUTE_KINDS[native.type].includes(type.kind)
      ? []
      : [{ code: 'configuration-invalid', pointer: pointerTo(name), rule: `${type.kind} from ${native.type}` }],
  );
  if (errors.length > 0) {
    throw new Problem('configuration-invalid', { detail: 'A column cannot be read as its canonical type.', errors });
  }
}

class DynamoDbReader implements Reader {
  readonly keyed: boolean;
  readonly #table: DocumentTable;
  readonly #description: TableDescription;
  readonly #relation: Relation;
  readonly #masks: Masks;
  readonly #keys: Keys | undefined;

  constructor(table: DocumentTable, description: TableDescription, relation: Relation, masks: Masks) {
    this.#table = table;
    this.#description = description;
    this.#relation = relation;
    this.#masks = masks;
    this.#keys = keysOf(relation, description.key);
    this.keyed = this.#keys !== undefined;
  }

  /** DynamoDB spreads keys by a hash of the partition key: segments are about equal, whatever the keys. */
  async plan(target: number): Promise<readonly Partition[]> {
    const segments = Math.max(1, Math.min(target, MAXIMUM_SEGMENTS));
    const estimatedRows = Math.ceil(this.#description.estimatedItems / segments);
    return Array.from({ length: segments }, (_, segment) => ({
      bounds: encodeBounds({ segment, segments, after: undefined }),
      estimatedRows,
    }));
  }

  scan(partition: Partition, rows: RowBatch, options: ScanOptions = {}): Scan {
    const slots = planSlots(this.#relation, this.#masks, options.columns ?? 'all');
    const row = new RowWriter(slots, rows);
    return {
      counts: () => row.counts(),
      [Symbol.asyncIterator]: () => this.#steps(partition, new Documents(slots, row)),
    };
  }

  async *#steps(partition: Partition, documents: Documents): AsyncGenerator<ScanStep> {
    const bounds = boundsOf(partition.bounds);
    let { after } = bounds;
    do {
      const page = await this.#table.page({ ...bounds, after, attributes: documents.attributes });
      const rows = documents.give(page.documents);
      after = page.after;
      const rest = after && { bounds: encodeBounds({ ...bounds, after }), estimatedRows: partition.estimatedRows };
      yield { rows, rest };
    } while (after !== undefined);
  }

  async lookup(keys: readonly Uint8Array[]): Promise<readonly FoundRow[]> {
    const known = this.#keys;
    if (known === undefined) return lookupByScan(this, keys);
    const distinct = new Map(keys.map((key) => [keyText(key), key]));
    const documentKeys = [...distinct.values()].map((key) => known.documentKey(key)).filter((key) => key !== undefined);
    const kept = new KeptRows(keySet(keys));
    const slots = planSlots(this.#relation, this.#masks, 'all');
    const documents = new Documents(slots, new RowWriter(slots, kept));
    documents.give(await this.#table.get(documentKeys, documents.attributes));
    return kept.rows;
  }
}

/** A scan has so many segments at most (DynamoDB's API reference, Scan, TotalSegments). */
const MAXIMUM_SEGMENTS = 1_000_000;

/** Gives documents to a row, attribute by attribute. */
class Documents {
  /** What a request has to ask for. */
  readonly attributes: readonly string[];
  readonly #row: RowWriter;
  readonly #slots: readonly Slot[];

  constructor(plan: SlotPlan, row: RowWriter) {
    this.#row = row;
    this.#slots = [
      ...plan.filters.map(({ native, filter }) => ({ native, type: filter.type, notes: new ColumnNotes(filter.name) })),
      ...plan.values.map(({ native, column }) => ({ native, type: column.type, notes: new ColumnNotes(column.name) })),
    ];
    this.attributes = [...new Set(plan.natives)];
  }

  /** How many of them went into the batch. */
  give(documents: readonly Document[]): number {
    let count = 0;
    for (const document of documents) {
      this.#row.beginLoose();
      for (const { native, type, notes } of this.#slots) {
        if (this.#row.dropped) break;
        const attribute = Object.hasOwn(document, native.name) ? document[native.name] : undefined;
        this.#row.spelled(spellAttribute(attribute, type, native.type, notes));
      }
      if (this.#row.end()) count += 1;
    }
    return count;
  }
}

interface Slot {
  readonly native: SlotPlan['values'][number]['native'];
  readonly type: Parameters<typeof spellAttribute>[1];
  /** For refusals only: what rules change is counted where a spelling becomes a field. */
  readonly notes: ColumnNotes;
}
