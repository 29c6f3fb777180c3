import { describe, expect, it } from 'vitest';
import { decide } from '../../../cli/infer/decide.ts';
import { draftContract } from '../../../cli/infer/draft.ts';
import type { DraftSide } from '../../../cli/infer/side.ts';
import type { RelationSchema, SchemaColumn } from '../../../functions/sweep/engines/engine.ts';
import { openDecisions } from '../../../shared/equivalence/draft.ts';
import { parseEquivalence } from '../../../shared/equivalence/parse.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';

type Column = readonly [name: string, type: string, more?: Partial<SchemaColumn>];
type Engine = 'postgres' | 'mysql' | 'dynamodb' | 'csv' | 'ndjson' | 'parquet';

function endpointOf(engine: Engine, name: string): Endpoint {
  if (engine === 'postgres') return { engine, connection: name, consistency: 'frozen', schema: 'public', table: name };
  if (engine === 'mysql') return { engine, connection: name, consistency: 'settled', schema: 'app', table: name };
  if (engine === 'dynamodb') return { engine, connection: name, consistency: 'settled', table: name };
  return { engine: 'files', connection: name, consistency: 'frozen', location: { path: `/${name}` }, format: engine };
}

function side(engine: Engine, columns: readonly Column[], uniqueKeys: RelationSchema['uniqueKeys'] = []): DraftSide {
  const sampled = engine === 'dynamodb' || engine === 'ndjson';
  return {
    endpoint: endpointOf(engine, `${engine}-${Math.random().toString(36).slice(2)}`),
    schema: {
      columns: columns.map(([name, type, more]) => ({ name, type, nullable: false, ...more })),
      uniqueKeys,
      sampled,
    },
  };
}

/** By pointer: what is asked of one column held against another, and what may be answered. */
function asked(source: readonly [Engine, string], target: readonly [Engine, string], more: Partial<SchemaColumn> = {}) {
  const draft = draftContract('things', {
    source: side(source[0], [['v', source[1], more]]),
    target: side(target[0], [['v', target[1], more]]),
  });
  const columns = Array.isArray(draft.columns) ? draft.columns : [];
  const found = openDecisions(draft).find(({ pointer }) => pointer === '/columns/0/type' || pointer === '/columns/0');
  return found === undefined ? columns[0].type : { because: found.decide, options: found.options };
}

describe('the canonical type of two native ones', () => {
  it.each<[readonly [Engine, string], readonly [Engine, string], unknown]>([
    [['postgres', 'bigint'], ['mysql', 'bigint(20) unsigned'], { kind: 'integer' }],
    [['postgres', 'integer'], ['postgres', 'numeric(10,0)'], { kind: 'decimal' }],
    [['postgres', 'numeric(12,2)'], ['mysql', 'decimal(12,2)'], { kind: 'decimal' }],
    [['postgres', 'numeric(12,2)'], ['dynamodb', 'N'], { kind: 'decimal' }],
    [['postgres', 'bigint'], ['dynamodb', 'N'], { kind: 'integer' }],
    [['postgres', 'bigint'], ['csv', 'text'], { kind: 'integer' }],
    [['postgres', 'uuid'], ['mysql', 'char(36)'], { kind: 'uuid' }],
    [['postgres', 'uuid'], ['dynamodb', 'B'], { kind: 'uuid' }],
    [['postgres', 'boolean'], ['dynamodb', 'BOOL'], { kind: 'boolean' }],
    [['postgres', 'character varying(20)'], ['mysql', 'varchar(20)'], { kind: 'text' }],
    [['postgres', 'timestamp(3) with time zone'], ['mysql', 'timestamp(3)'], { kind: 'instant', precision: 3 }],
    [['postgres', 'timestamp without time zone'], ['csv', 'text'], { kind: 'datetime', precision: 6 }],
    [['postgres', 'jsonb'], ['dynamodb', 'M'], { kind: 'json' }],
    [['postgres', 'text[]'], ['dynamodb', 'L'], { kind: 'array', element: { kind: 'text' } }],
    [['mysql', 'float'], ['parquet', 'FLOAT'], { kind: 'float32' }],
  ])('%j and %j: %j', (source, target, type) => {
    expect(asked(source, target)).toEqual(type);
  });

  it.each<[readonly [Engine, string], readonly [Engine, string], readonly string[], unknown]>([
    [['postgres', 'numeric(12,4)'], ['mysql', 'decimal(12,2)'], ['precision'], { kind: 'decimal' }],
    [['postgres', 'numeric'], ['dynamodb', 'N'], ['precision'], { kind: 'decimal' }],
    [
      ['postgres', 'timestamp(6) with time zone'],
      ['mysql', 'timestamp'],
      ['precision'],
      { kind: 'instant', precision: 0, excess: 'round' },
    ],
    [
      ['postgres', 'timestamp with time zone'],
      ['mysql', 'datetime(6)'],
      ['time-zone'],
      { kind: 'instant', precision: 6, zoneless: 'utc' },
    ],
    [
      ['postgres', 'timestamp with time zone'],
      ['dynamodb', 'N'],
      ['time-zone'],
      { kind: 'instant', precision: 6, epoch: 'seconds' },
    ],
    [['postgres', 'timestamp with time zone'], ['dynamodb', 'S'], ['time-zone'], { kind: 'instant', precision: 6 }],
    [['postgres', 'character(3)'], ['mysql', 'varchar(3)'], ['padding'], { kind: 'text', padding: 'trim' }],
    [['mysql', 'binary(8)'], ['postgres', 'bytea'], ['padding'], { kind: 'bytes', padding: 'trim' }],
    [['postgres', 'boolean'], ['mysql', 'int(11)'], ['type'], { kind: 'boolean' }],
    [['postgres', 'real'], ['mysql', 'double'], ['type'], { kind: 'float32' }],
    [['postgres', 'bytea'], ['csv', 'text'], ['type'], { kind: 'bytes', text: 'base64' }],
    [['csv', 'text'], ['ndjson', 'string'], ['type'], { kind: 'text' }],
    [['postgres', 'text'], ['mysql', 'bigint(20)'], ['type'], { kind: 'integer' }],
  ])('%j and %j is for a person to decide: %j', (source, target, because, suggestion) => {
    const found = asked(source, target);
    expect(found).toMatchObject({ because });
    expect(found.options[0]).toEqual(suggestion);
  });

  it('asks about texts that a collation takes for equal, and they are not', () => {
    const collation = 'utf8mb4_general_ci';
    expect(asked(['postgres', 'text'], ['mysql', 'varchar(20)'], { collation })).toEqual({
      because: ['collation'],
      options: [{ kind: 'text' }, { kind: 'text', normalization: 'nfc' }],
    });
  });

  it.each<[readonly [Engine, string], readonly [Engine, string]]>([
    [
      ['postgres', 'date'],
      ['mysql', 'double'],
    ],
    [
      ['postgres', 'point'],
      ['mysql', 'double'],
    ],
    [
      ['postgres', 'bigint'],
      ['dynamodb', 'N|S'],
    ],
  ])('offers %j and %j not to be compared, and nothing else', (source, target) => {
    const found = asked(source, target);
    expect(found.because).toEqual(['type']);
    expect(found.options).toEqual([expect.objectContaining({ mask: 'omit' }), null]);
  });
});

describe('a draft', () => {
  const sides = {
    source: side(
      'postgres',
      [
        ['user_id', 'bigint'],
        ['email', 'text', { nullable: true }],
        ['total', 'numeric(12,2)'],
        ['only_here', 'text'],
      ],
      [['user_id']],
    ),
    target: side(
      'dynamodb',
      [
        ['userId', 'N'],
        ['email', 'S', { nullable: true }],
        ['total', 'N'],
        ['onlyThere', 'S'],
      ],
      [['userId']],
    ),
  };
  const draft = draftContract('users', sides);
  const kinds = Object.fromEntries(openDecisions(draft).map(({ pointer, decide: of }) => [pointer, of]));

  it('asks whatever does not follow from the schemas, of every column what class it is', () => {
    expect(kinds).toEqual({
      '/columns/0/class': ['class'],
      '/columns/0/target': ['name'],
      '/columns/1/class': ['class'],
      '/columns/1/mask': ['mask'],
      '/columns/1/absent': ['absent'],
      '/columns/2/class': ['class'],
      '/columns/3': ['one-side'],
      '/columns/4': ['one-side'],
      '/breaker': ['breaker'],
    });
    expect(draft).toMatchObject({ key: ['user_id'], columns: [{ nullable: false }, { nullable: true }, {}, {}, {}] });
  });

  it('suggests nothing public, and a mask where the name is one that personal data often has', () => {
    const of = (pointer: string) => openDecisions(draft).find((each) => each.pointer === pointer)?.options[0];
    expect(of('/columns/0/class')).toBe('internal');
    expect(of('/columns/1/class')).toBe('pii');
    expect(of('/columns/1/mask')).toBe('token');
  });

  it('is refused as long as one decision is open, with every one named, and is a contract afterwards', () => {
    expect(() => parseEquivalence(JSON.stringify(draft))).toThrow('9 decisions are open');
    const all = openDecisions(draft).flatMap(({ decide: of }) => of);
    const nearly = decide(draft, { take: new Set(all.filter((kind) => kind !== 'name')), set: new Map() });
    expect(nearly.open.map(({ pointer }) => pointer)).toEqual(['/columns/0/target']);
    try {
      parseEquivalence(JSON.stringify(nearly.document));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'configuration-invalid', errors: [{ pointer: '/columns/0/target' }] });
    }
    const { document, open } = decide(nearly.document, { take: new Set(['name']), set: new Map() });
    expect(open).toEqual([]);
    const contract = parseEquivalence(JSON.stringify(document));
    expect(contract.columns.map(({ name, mask }) => [name, mask])).toEqual([
      ['user_id', 'none'],
      ['email', 'token'],
      ['total', 'none'],
    ]);
  });

  it('takes single decisions by their pointer, and no other', () => {
    const set = new Map<string, unknown>([
      ['/columns/1/absent', null],
      ['/columns/1/class', 'internal'],
    ]);
    const { document } = decide(draft, { take: new Set(), set });
    expect(document).toMatchObject({ columns: [{}, { class: 'internal' }, {}, {}, {}] });
    expect(Object.keys((document as { columns: object[] }).columns[1] ?? {})).not.toContain('absent');
    expect(() => decide(draft, { take: new Set(), set: new Map([['/columns/9/class', 'pii']]) })).toThrow(
      'no open decision',
    );
  });

  it('is not made a contract by altering a mark', () => {
    const altered = JSON.stringify(draft).replaceAll('"decide":["class"]', '"decide":"class"');
    expect(() => parseEquivalence(altered)).toThrow('decisions are open');
  });

  it('asks for the key where only one engine vouches for one, or none does', () => {
    const key = (source: RelationSchema['uniqueKeys'], target: RelationSchema['uniqueKeys']) =>
      openDecisions(
        draftContract('x', {
          source: side(
            'postgres',
            [
              ['id', 'bigint'],
              ['code', 'text'],
            ],
            source,
          ),
          target: side(
            'postgres',
            [
              ['id', 'bigint'],
              ['code', 'text'],
            ],
            target,
          ),
        }),
      ).find(({ pointer }) => pointer === '/key')?.options;
    expect(key([['id']], [['code'], ['id']])).toBeUndefined();
    expect(key([['id']], [])).toEqual([['id'], []]);
    expect(key([['id']], [['code']])).toEqual([['id'], ['code'], []]);
    expect(key([], [])).toEqual([[]]);
  });

  it('asks which text of a CSV file is NULL where the other side has some', () => {
    const open = openDecisions(
      draftContract('x', {
        source: side('csv', [['id', 'text']]),
        target: side('postgres', [['id', 'text', { nullable: true }]]),
      }),
    );
    expect(open.find(({ pointer }) => pointer === '/source/csv')?.options).toEqual([
      { null: '' },
      { null: 'NULL' },
      {},
    ]);
  });

  it('never takes two columns for one: names that are alike twice are left to a person', () => {
    const open = openDecisions(
      draftContract('x', {
        source: side('postgres', [['a_b', 'text']]),
        target: side('postgres', [
          ['aB', 'text'],
          ['A_B', 'text'],
        ]),
      }),
    );
    expect(open.filter(({ decide: of }) => of.includes('one-side'))).toHaveLength(3);
  });
});
