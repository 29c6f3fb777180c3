import { describe, expect, it } from 'vitest';
import { attributeType } from '../../../../functions/sweep/engines/dynamodb/attribute.ts';
import type {
  Attribute,
  Document,
  DocumentTable,
  PageRequest,
} from '../../../../functions/sweep/engines/dynamodb/document-table.ts';
import { openDynamoDb } from '../../../../functions/sweep/engines/dynamodb/engine.ts';
import type { Partition } from '../../../../functions/sweep/engines/engine.ts';
import { KeptRows } from '../../../../functions/sweep/engines/kept-rows.ts';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { rowCodec } from '../../../../shared/canonical/row.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import { masks } from '../../../support/engines/contract.ts';
import { readText, relationOver } from '../../../support/engines/memory-source.ts';

const endpoint = { engine: 'dynamodb', connection: 'x', consistency: 'settled', table: 't' } as const;

/** Documents in memory, in pages of two; what was asked for is kept. */
function memoryTable(documents: readonly Document[]): DocumentTable & { readonly gets: Document[] } {
  const gets: Document[] = [];
  return {
    gets,
    describe: async () => ({ identity: 'memory', key: [{ name: 'id', type: 'S' }], estimatedItems: documents.length }),
    page: async ({ segment, segments, after, limit = 2 }: PageRequest) => {
      const mine = documents.filter((_, index) => index % segments === segment);
      const from = after === undefined ? 0 : mine.findIndex(({ id }) => id?.S === after.id?.S) + 1;
      const page = mine.slice(from, from + limit);
      const last = page.at(-1);
      return { documents: page, after: last && from + limit < mine.length && last.id ? { id: last.id } : undefined };
    },
    get: async (keys) => {
      gets.push(...keys);
      return documents.filter(({ id }) => keys.some((key) => key.id?.S === id?.S));
    },
  };
}

const relation = (type: ColumnType, native: string, more: Partial<Relation['columns'][number]> = {}): Relation => {
  const plain = relationOver(endpoint, ['id', 'a'], { a: type }, { id: 'S', a: native });
  const columns = plain.columns.map((column) => (column.name === 'a' ? { ...column, ...more } : column));
  return { ...plain, columns, keyColumns: 1 };
};

const read = (attribute: Attribute | undefined, type: ColumnType): Promise<unknown> => {
  const document: Document = { id: { S: '1' }, ...(attribute === undefined ? {} : { a: attribute }) };
  const native = (attribute && attributeType(attribute)) ?? 'S';
  return readText(openDynamoDb(memoryTable([document])), relation(type, native)).then(([row]) => row?.[1]);
};

describe('documents of DynamoDB', () => {
  it.each<[Attribute | undefined, ColumnType, unknown]>([
    [{ N: '1E+2' }, { kind: 'integer' }, 100n],
    [{ N: '-0.10' }, { kind: 'decimal' }, { coefficient: -1n, exponent: -1 }],
    [{ N: '0.1' }, { kind: 'float64' }, 0.1],
    [{ N: '1' }, { kind: 'boolean' }, true],
    [{ N: '1700000000' }, { kind: 'instant', precision: 0, epoch: 'seconds' }, { instant: 1700000000000000000n }],
    [{ S: '1.50' }, { kind: 'decimal' }, { coefficient: 15n, exponent: -1 }],
    [
      { S: '{"b":1,"a":[]}' },
      { kind: 'json' },
      {
        json: new Map<string, unknown>([
          ['a', []],
          ['b', { coefficient: 1n, exponent: 0 }],
        ]),
      },
    ],
    [
      { M: { b: { N: '1.0' }, a: { L: [{ NULL: true }, { BOOL: true }, { S: '' }] } } },
      { kind: 'json' },
      {
        json: new Map<string, unknown>([
          ['a', [null, true, '']],
          ['b', { coefficient: 1n, exponent: 0 }],
        ]),
      },
    ],
    [{ L: [{ N: '1' }, { NULL: true }] }, { kind: 'array', element: { kind: 'integer' } }, [1n, null]],
    [
      { BS: [Uint8Array.of(2), Uint8Array.of(1)] },
      { kind: 'set', element: { kind: 'bytes' } },
      [Uint8Array.of(1), Uint8Array.of(2)],
    ],
    [{ B: new Uint8Array(0) }, { kind: 'bytes' }, new Uint8Array(0)],
    [{ NULL: true }, { kind: 'text' }, null],
    [undefined, { kind: 'text' }, undefined],
  ])('have %j as %j', async (attribute, type, expected) => {
    expect(await read(attribute, type)).toEqual(expected);
  });

  it.each<[string, Attribute, ColumnType, string]>([
    ['a fraction for an integer', { N: '1.5' }, { kind: 'integer' }, 'field-type'],
    ['a number for a text', { N: '1' }, { kind: 'text' }, 'configuration-invalid'],
    ['a text for bytes', { S: 'AQ==' }, { kind: 'bytes' }, 'field-type'],
    ['bytes in JSON', { M: { a: { B: Uint8Array.of(1) } } }, { kind: 'json' }, 'field-type'],
    ['a 2 for a boolean', { N: '2' }, { kind: 'boolean' }, 'field-type'],
    ['a lone surrogate', { S: '\ud800' }, { kind: 'text' }, 'field-characters'],
  ])('are refused with %s', async (_name, attribute, type, code) => {
    await expect(read(attribute, type)).rejects.toMatchObject({ code });
  });

  it('are refused when an attribute has another type than the contract says, beyond the sample too', async () => {
    const documents = Array.from({ length: 300 }, (_, index): Document => ({ id: { S: `${index}` }, a: { S: 'x' } }));
    const engine = openDynamoDb(memoryTable([...documents, { id: { S: 'last' }, a: { N: '1' } }]));
    await expect(readText(engine, relation({ kind: 'text' }, 'S'))).rejects.toMatchObject({ code: 'field-type' });
    const early = openDynamoDb(memoryTable([{ id: { S: 'first' }, a: { N: '1' } }, ...documents]));
    await expect(readText(early, relation({ kind: 'text' }, 'S'))).rejects.toMatchObject({
      code: 'schema-changed',
      errors: [{ pointer: '/a' }],
    });
  });

  it('without an attribute have NULL where the contract says so, and it is counted', async () => {
    const engine = openDynamoDb(memoryTable([{ id: { S: '1' } }, { id: { S: '2' }, a: { NULL: true } }]));
    const same = relation({ kind: 'text' }, 'S', { absentIsNull: true });
    const reader = await engine.read(same, masks);
    const [partition] = await reader.plan(1);
    if (partition === undefined) throw new Error('No partition.');
    const kept = new KeptRows();
    const scan = reader.scan(partition, kept);
    for await (const _ of scan);
    const codec = rowCodec(same.columns);
    expect(kept.rows.map(({ fields }) => codec.decode(Buffer.concat(fields))[1])).toEqual([null, null]);
    expect(scan.counts().map(({ column, changed }) => [column, changed.absent])).toEqual([
      ['id', 0],
      ['a', 1],
    ]);
  });

  it('of several kinds in one table are told apart by a filter of this side', async () => {
    const engine = openDynamoDb(
      memoryTable([
        { id: { S: '1' }, kind: { S: 'GRANT' }, a: { S: 'x' } },
        // What the filter drops may be of any shape.
        { id: { S: '2' }, kind: { S: 'DONOR' }, a: { S: 'y' }, other: { N: '1' } },
        { id: { S: '3' }, a: { NULL: true } },
      ]),
    );
    const filters = [
      {
        name: 'kind',
        type: { kind: 'text' },
        absentIsNull: false,
        native: { name: 'kind', type: undefined },
        where: { op: '=', value: 'GRANT' },
      },
    ] as const;
    expect(await readText(engine, { ...relation({ kind: 'text' }, 'S'), filters })).toEqual([['1', 'x']]);
  });

  it('are read on from the last page in any process', async () => {
    const documents = Array.from({ length: 9 }, (_, index): Document => ({ id: { S: `${index}` }, a: { S: 'x' } }));
    const reader = await openDynamoDb(memoryTable(documents)).read(relation({ kind: 'text' }, 'S'), masks);
    const ids: string[] = [];
    let left: Partition | undefined = (await reader.plan(1))[0];
    while (left !== undefined) {
      const kept = new KeptRows();
      const now: Partition = JSON.parse(JSON.stringify(left));
      left = undefined;
      for await (const step of reader.scan(now, kept)) {
        left = step.rest;
        break;
      }
      ids.push(...kept.rows.map(({ key }) => Buffer.from(key).toString('hex')));
    }
    expect(new Set(ids).size).toBe(9);
    expect(ids).toHaveLength(9);
  });

  it('are not asked for by keys that no document can have', async () => {
    const table = memoryTable([{ id: { S: '1' }, a: { S: 'x' } }]);
    const plain = relation({ kind: 'text' }, 'S');
    const reader = await openDynamoDb(table).read(plain, masks);
    const codec = rowCodec(plain.columns.slice(0, 1));
    const keys = ['1', '', 'x'.repeat(2049), '1'].map((id) => codec.encode([id]));
    expect(await reader.lookup(keys)).toHaveLength(1);
    expect(table.gets).toEqual([{ id: { S: '1' } }]);
  });
});
