import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Partition, Reader } from '../../../../../functions/sweep/engines/engine.ts';
import { KeptRows } from '../../../../../functions/sweep/engines/kept-rows.ts';
import { openPostgres } from '../../../../../functions/sweep/engines/postgres/engine.ts';
import type { ColumnType } from '../../../../../shared/canonical/column-type.ts';
import { rowCodec } from '../../../../../shared/canonical/row.ts';
import type { CanonicalValue, Spelling } from '../../../../../shared/canonical/spelling.ts';
import type { Relation } from '../../../../../shared/equivalence/relation.ts';
import type { EndpointOf } from '../../../../../shared/equivalence/schema.ts';
import { deriveSweepKeys } from '../../../../../shared/fingerprint/keys.ts';
import { createAccumulator, ReferenceAccumulator } from '../../../../../shared/sketch/accumulator.ts';
import { planSketch } from '../../../../../shared/sketch/plan.ts';
import { masks } from '../../../../support/engines/contract.ts';
import { type PostgresServer, startPostgres } from '../../../../support/engines/postgres-server.ts';

let server: PostgresServer;
let admin: pg.Client;
const engines: Engine[] = [];

beforeAll(async () => {
  server = await startPostgres();
  admin = await server.connect();
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await server[Symbol.asyncDispose]();
});

type Consistency = EndpointOf<'postgres'>['consistency'];
/** Name, native type, canonical type of each column; the key first. */
type Columns = readonly (readonly [string, string, ColumnType])[];

const endpointOf = (table: string, consistency: Consistency = 'frozen', schema = 'public'): EndpointOf<'postgres'> => ({
  engine: 'postgres',
  connection: 'test',
  consistency,
  schema,
  table,
});

function relationOf(endpoint: EndpointOf<'postgres'>, columns: Columns, keyColumns = 1): Relation {
  return {
    side: 'source',
    endpoint,
    columns: columns.map(([name, native, type], index) => ({
      name,
      type,
      masked: false,
      nullable: index >= keyColumns,
      absentIsNull: false,
      native: { name, type: native },
    })),
    keyColumns,
    filters: [],
  };
}

async function open(endpoint: EndpointOf<'postgres'>, user = server.place): Promise<Engine> {
  const engine = await openPostgres(endpoint, user);
  engines.push(engine);
  return engine;
}

async function readerOf(table: string, columns: Columns, consistency: Consistency = 'frozen'): Promise<Reader> {
  const endpoint = endpointOf(table, consistency);
  const engine = await open(endpoint);
  await engine.snapshot();
  return engine.read(relationOf(endpoint, columns), masks);
}

async function keep(reader: Reader, partitions: readonly Partition[]): Promise<KeptRows> {
  const kept = new KeptRows();
  for (const partition of partitions) for await (const _ of reader.scan(partition, kept));
  return kept;
}

async function values(reader: Reader, columns: Columns, parts = 1): Promise<(CanonicalValue | null | undefined)[][]> {
  const codec = rowCodec(columns.map(([name, , type]) => ({ name, type })));
  const { rows } = await keep(reader, await reader.plan(parts));
  return rows.map(({ fields }) => [...codec.decode(new Uint8Array(Buffer.concat(fields)))]);
}

const ID = ['id', 'bigint', { kind: 'integer' }] as const;
const NOTE = ['note', 'text', { kind: 'text' }] as const;

/** The canonical key of one value. */
const keyOf = (type: ColumnType, spelling: Spelling): Uint8Array =>
  rowCodec([{ name: 'key', type }]).encode([spelling]);

describe('PostgreSQL', () => {
  it('[S05] hashes in the kernel what the reference hashes, over many batches and parts', async () => {
    await admin.query(`
      CREATE TABLE ledger (id bigint PRIMARY KEY, branch int, name text, amount numeric(12,2), booked timestamptz, open boolean, rate float8, ref uuid, doc jsonb);
      INSERT INTO ledger SELECT i, i % 7, 'né ' || i, i / 8.0, '2024-01-01'::timestamptz + i * interval '1.5 s', i % 2 = 0, nullif(i % 5, 0) * -1.1, gen_random_uuid(), jsonb_build_object('n', i)
      FROM generate_series(1, 3000) i; ANALYZE ledger`);
    const columns: Columns = [
      ID,
      ['branch', 'integer', { kind: 'integer' }],
      ['name', 'text', { kind: 'text' }],
      ['amount', 'numeric(12,2)', { kind: 'decimal' }],
      ['booked', 'timestamp with time zone', { kind: 'instant', precision: 6 }],
      ['open', 'boolean', { kind: 'boolean' }],
      ['rate', 'double precision', { kind: 'float64' }],
      ['ref', 'uuid', { kind: 'uuid' }],
      ['doc', 'jsonb', { kind: 'json' }],
    ];
    const reader = await readerOf('ledger', columns);
    const keys = deriveSweepKeys(new Uint8Array(32).fill(4));
    const plan = planSketch(10, 12);
    const [inKernel, reference] = [createAccumulator(keys, plan), new ReferenceAccumulator(keys, plan)];
    for (const accumulator of [inKernel, reference]) {
      for (const partition of await reader.plan(5)) {
        let rows = 0;
        for await (const step of reader.scan(partition, accumulator.rows)) rows += step.rows;
        expect(rows).toBeGreaterThan(0);
      }
    }
    const [left, right] = [inKernel.aggregate(), reference.aggregate()];
    expect(left.set.count).toBe(3000n);
    expect(left).toEqual(right);
  });

  it('reads one state when frozen, and what is there when settled', async () => {
    await admin.query(
      'CREATE TABLE moving (id bigint PRIMARY KEY, note text); INSERT INTO moving VALUES (1, $$a$$), (2, $$b$$)',
    );
    const frozen = await readerOf('moving', [ID, NOTE]);
    const settled = await readerOf('moving', [ID, NOTE], 'settled');
    await admin.query(
      'UPDATE moving SET note = $$z$$ WHERE id = 1; DELETE FROM moving WHERE id = 2; INSERT INTO moving VALUES (3, $$c$$)',
    );
    expect(await values(frozen, [ID, NOTE])).toEqual([
      [1n, 'a'],
      [2n, 'b'],
    ]);
    expect((await values(settled, [ID, NOTE])).toSorted()).toEqual([
      [1n, 'z'],
      [3n, 'c'],
    ]);
    const again = await frozen.lookup([keyOf({ kind: 'integer' }, 2n), keyOf({ kind: 'integer' }, 3n)]);
    expect(again.map(({ key }) => Buffer.from(key).toString('hex'))).toEqual(['100102']);
  });

  it('says that a snapshot is gone when the session that held it is', async () => {
    await admin.query('CREATE TABLE held (id bigint PRIMARY KEY)');
    const holder = await openPostgres(endpointOf('held'), server.place);
    const { share } = await holder.snapshot();
    await holder.close();
    const worker = await openPostgres(endpointOf('held'), server.place, { share: share ?? null });
    engines.push(worker);
    const reader = await worker.read(relationOf(endpointOf('held'), [ID]), masks);
    await expect(reader.plan(2)).rejects.toMatchObject({ code: 'snapshot-gone' });
  });

  it.each([{ snapshot: "0-0-1'; DROP TABLE held; --" }, { snapshot: 7 }, [], 'x', { snapshot: '0-0-1', more: 1 }])(
    '[S11] refuses a share that is none of its own: %j',
    async (share) => {
      await expect(openPostgres(endpointOf('held'), server.place, { share })).rejects.toMatchObject({
        code: 'evidence-invalid',
      });
    },
  );

  it.each([
    { by: 'blocks', from: '0', to: 1, open: false },
    { by: 'blocks', from: -1, to: 1, open: false },
    { by: 'sql' },
    null,
    { by: 'keys', from: [1] },
  ])('[S11] refuses bounds that are none of its own: %j', async (bounds) => {
    await admin.query('CREATE TABLE IF NOT EXISTS bounded (id bigint PRIMARY KEY)');
    const reader = await readerOf('bounded', [ID]);
    await expect(keep(reader, [{ bounds, estimatedRows: 1 }])).rejects.toMatchObject({ code: 'evidence-invalid' });
  });

  it('cannot write, whatever the role may do', async () => {
    await admin.query(`CREATE SEQUENCE counter; CREATE VIEW counting AS SELECT nextval('public.counter') AS id`);
    const reader = await readerOf('counting', [ID]);
    await expect(values(reader, [ID])).rejects.toMatchObject({ code: 'endpoint-failed', state: '25006' });
  });

  it('cuts a frozen table by its blocks, and reads on where it stopped', async () => {
    await admin.query(`
      CREATE TABLE wide (id bigint PRIMARY KEY, note text);
      INSERT INTO wide SELECT i, repeat('x', 900) FROM generate_series(1, 4000) i; ANALYZE wide`);
    const reader = await readerOf('wide', [ID, NOTE]);
    const parts = await reader.plan(8);
    expect(parts.length).toBe(8);
    expect(parts.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0)).toBeGreaterThan(3900);
    const counts = await Promise.all(parts.map(async (part) => (await keep(reader, [part])).rows.length));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4000);
    expect(Math.max(...counts)).toBeLessThan(1.2 * (4000 / 8));
  });

  it.each([
    ['plain', 'CREATE TABLE skewed (tenant text NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant, id))'],
    [
      'partitioned',
      'CREATE TABLE skewed (tenant text NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant, id)) PARTITION BY HASH (id); CREATE TABLE skewed_0 PARTITION OF skewed FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE skewed_1 PARTITION OF skewed FOR VALUES WITH (MODULUS 2, REMAINDER 1)',
    ],
  ])(
    '[S13] cuts a settled table by its key so that no part is much larger than another, though one tenant has nearly all rows (%s)',
    async (_kind, create) => {
      await admin.query(`DROP TABLE IF EXISTS skewed; ${create};
      INSERT INTO skewed SELECT CASE WHEN i % 20 = 0 THEN 'tenant ' || i % 7 ELSE 'big' END, i FROM generate_series(1, 20000) i; ANALYZE skewed`);
      const columns: Columns = [['tenant', 'text', { kind: 'text' }], ID];
      const endpoint = endpointOf('skewed', 'settled');
      const engine = await open(endpoint);
      const reader = await engine.read(relationOf(endpoint, columns, 2), masks);
      const parts = await reader.plan(8);
      expect(parts.length).toBe(8);
      const counts = await Promise.all(parts.map(async (part) => (await keep(reader, [part])).rows.length));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20_000);
      expect(Math.max(...counts)).toBeLessThan(2 * (20_000 / 8));
    },
  );

  it('reads views, materialized views, domains, enumerations and padded characters', async () => {
    await admin.query(`
      CREATE DOMAIN cents AS numeric(10,2); CREATE TYPE mood AS ENUM ('sad', 'ha''ppy');
      CREATE TABLE odd (id bigint PRIMARY KEY, price cents, feeling mood, code char(5), address inet);
      INSERT INTO odd VALUES (1, 1.50, 'ha''ppy', 'ab', '10.0.0.1/8');
      CREATE VIEW odd_view AS SELECT * FROM odd; CREATE MATERIALIZED VIEW odd_copy AS SELECT * FROM odd`);
    const columns: Columns = [
      ID,
      ['price', 'public.cents', { kind: 'decimal' }],
      ['feeling', 'public.mood', { kind: 'text' }],
      ['code', 'character(5)', { kind: 'text' }],
      ['address', 'inet', { kind: 'text' }],
    ];
    for (const table of ['odd', 'odd_view', 'odd_copy']) {
      const [row] = await values(await readerOf(table, columns), columns, 4);
      expect(row).toEqual([1n, { coefficient: 15n, exponent: -1 }, "ha'ppy", 'ab   ', '10.0.0.1/8']);
    }
  });

  it('finds no row for keys that its types cannot hold, beside those that it has', async () => {
    await admin.query(`CREATE TABLE small (id smallint PRIMARY KEY); INSERT INTO small VALUES (1), (2);
      CREATE TABLE named (name varchar(3) PRIMARY KEY); INSERT INTO named VALUES ('abc'), ('')`);
    const integer: ColumnType = { kind: 'integer' };
    const small = await readerOf('small', [['id', 'smallint', integer]]);
    const keys = [1n, 70_000n, 2n, 10n ** 40n, -1n].map((id) => keyOf(integer, id));
    expect((await small.lookup(keys)).map(({ key }) => Buffer.from(key).toString('hex')).toSorted()).toEqual([
      '100101',
      '100102',
    ]);
    const text: ColumnType = { kind: 'text' };
    const named = await readerOf('named', [['name', 'character varying(3)', text]]);
    const names = ['abc', 'abcd', 'a\0c', '', '😀'].map((name) => keyOf(text, name));
    expect(await named.lookup(names)).toHaveLength(2);
    expect(named.keyed).toBe(true);
  });

  it('[S05] finds a row once, though other keys become its own when they are rounded, and others fail', async () => {
    await admin.query('CREATE TABLE rounding (id numeric(10,2) PRIMARY KEY); INSERT INTO rounding VALUES (0), (1.5)');
    const decimal: ColumnType = { kind: 'decimal' };
    const reader = await readerOf('rounding', [['id', 'numeric(10,2)', decimal]]);
    const keys = ['0', '1e60', '0.001', '1e61', '-0.004', '1.5', '1.501'].map((key) => keyOf(decimal, key));
    const found = (await reader.lookup(keys)).map(({ key }) => Buffer.from(key).toString('hex'));
    expect(found.toSorted()).toEqual(
      [keys[0], keys[5]].map((key) => Buffer.from(key ?? '').toString('hex')).toSorted(),
    );
  });

  it.each<[string, ColumnType]>([
    ['text', { kind: 'text', padding: 'trim' }],
    ['text', { kind: 'text', normalization: 'nfc' }],
    ['numeric', { kind: 'decimal', scale: 1 }],
    ['timestamp with time zone', { kind: 'instant', precision: 0, excess: 'round' }],
  ])('does not go by an index where a rule has lost something of the key: %s as %j', async (native, type) => {
    await admin.query(`DROP TABLE IF EXISTS lossy; CREATE TABLE lossy (id ${native} PRIMARY KEY)`);
    expect((await readerOf('lossy', [['id', native, type]])).keyed).toBe(false);
  });

  it('[S05] reads rows without a key too, where a constraint against them was never held against the rows', async () => {
    await admin.query(`
      CREATE TABLE unheld (id bigint, note text); INSERT INTO unheld SELECT nullif(i, 70), 'x' FROM generate_series(1, 400) i;
      CREATE UNIQUE INDEX ON unheld (id); ALTER TABLE unheld ADD CONSTRAINT held NOT NULL id NOT VALID; ANALYZE unheld`);
    const reader = await readerOf('unheld', [ID, NOTE], 'settled');
    // There is no key to write down, and no silence about it.
    await expect(values(reader, [ID, NOTE], 5)).rejects.toMatchObject({ code: 'field-type' });
    const nullable = relationOf(endpointOf('unheld', 'settled'), [NOTE, ID]);
    const engine = await open(endpointOf('unheld', 'settled'));
    const schema = await engine.schema();
    expect([schema.columns[0]?.nullable, schema.uniqueKeys]).toEqual([true, []]);
    expect(
      (await keep(await engine.read(nullable, masks), await (await engine.read(nullable, masks)).plan(5))).rows,
    ).toHaveLength(400);
  });

  it('[S05] is refused where a policy hides rows: nobody would miss them', async () => {
    await admin.query(`
      CREATE TABLE hidden (id bigint PRIMARY KEY); INSERT INTO hidden SELECT generate_series(1, 20);
      CREATE ROLE tenant LOGIN PASSWORD 'x'; GRANT SELECT ON hidden TO tenant;
      ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON hidden FOR SELECT USING (id <= 10)`);
    for (const consistency of ['frozen', 'settled'] as const) {
      const endpoint = endpointOf('hidden', consistency);
      const engine = await open(endpoint, { ...server.place, user: 'tenant', password: 'x' });
      await engine.snapshot();
      const reader = await engine.read(relationOf(endpoint, [ID]), masks);
      await expect(values(reader, [ID])).rejects.toMatchObject({ code: 'access-denied' });
    }
    // Whom no policy concerns reads everything.
    expect(await values(await readerOf('hidden', [ID]), [ID])).toHaveLength(20);
  });

  it('keeps no lock on the table between reads', async () => {
    await admin.query('CREATE TABLE busy (id bigint PRIMARY KEY); INSERT INTO busy VALUES (1)');
    const reader = await readerOf('busy', [ID], 'settled');
    expect(await values(reader, [ID])).toHaveLength(1);
    await admin.query("SET lock_timeout = '2s'; ALTER TABLE busy ADD COLUMN more int; RESET lock_timeout");
    expect(await values(reader, [ID])).toHaveLength(1);
  });

  it('[S13] says in its schema what the catalogue says', async () => {
    await admin.query(
      'CREATE TABLE described (b numeric(12,2), a varchar(9) NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, UNIQUE (a, id), UNIQUE (b)); CREATE UNIQUE INDEX ON described (id) WHERE id > 5; CREATE UNIQUE INDEX ON described (lower(a))',
    );
    const engine = await open(endpointOf('described'));
    expect(await engine.schema()).toEqual({
      columns: [
        { name: 'b', type: 'numeric(12,2)', nullable: true },
        { name: 'a', type: 'character varying(9)', nullable: false },
        { name: 'id', type: 'bigint', nullable: false },
      ],
      uniqueKeys: [['id'], ['a', 'id']],
      sampled: false,
    });
  });

  it('refuses a type that has no exact form, before any row', async () => {
    await admin.query('CREATE TABLE paid (id bigint PRIMARY KEY, sum money)');
    const endpoint = endpointOf('paid');
    const engine = await open(endpoint);
    const relation = relationOf(endpoint, [ID, ['sum', 'money', { kind: 'decimal' }]]);
    await expect(engine.read(relation, masks)).rejects.toMatchObject({
      code: 'configuration-invalid',
      errors: [{ pointer: '/sum' }],
    });
    // The column does no harm where it is not compared.
    await expect(engine.read(relationOf(endpoint, [ID]), masks)).resolves.toBeDefined();
  });

  it('tells what is missing, forbidden or out of reach apart, and names no value', async () => {
    await admin.query(
      `CREATE ROLE outsider LOGIN PASSWORD 'secret-of-outsider'; CREATE TABLE inner_table (id bigint PRIMARY KEY)`,
    );
    const missing = await open(endpointOf('nowhere'));
    await expect(missing.schema()).rejects.toMatchObject({ code: 'not-found' });
    const outsider = { ...server.place, user: 'outsider', password: 'secret-of-outsider' };
    const endpoint = endpointOf('inner_table');
    const reader = await (await open(endpoint, outsider)).read(relationOf(endpoint, [ID]), masks);
    await expect(values(reader, [ID])).rejects.toMatchObject({ code: 'access-denied' });
    await expect(openPostgres(endpoint, { ...outsider, password: 'wrong' })).rejects.toMatchObject({
      code: 'access-denied',
    });
    await expect(openPostgres(endpoint, { ...server.place, database: 'none' })).rejects.toMatchObject({
      code: 'not-found',
    });
    const unreachable = openPostgres(endpoint, { ...server.place, port: 1 }).catch((error: unknown) => error);
    expect(await unreachable).toMatchObject({ code: 'endpoint-failed' });
    expect(String(await unreachable)).not.toContain(server.place.password);
  });

  it('refuses a database of which nothing is known about its texts', async () => {
    await admin.query(`CREATE DATABASE bytes_only ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`);
    const place = { ...server.place, database: 'bytes_only' };
    await expect(openPostgres(endpointOf('any'), place)).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  it('reads a database of another encoding as what its characters are', async () => {
    await admin.query(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`);
    const place = { ...server.place, database: 'latin' };
    const client = new (await import('pg')).default.Client({ ...place });
    await client.connect();
    await client.query(`CREATE TABLE notes (id bigint PRIMARY KEY, note text); INSERT INTO notes VALUES (1, 'é')`);
    await client.end();
    const endpoint = endpointOf('notes');
    const engine = await open(endpoint, place);
    const reader = await engine.read(relationOf(endpoint, [ID, NOTE]), masks);
    expect(await values(reader, [ID, NOTE])).toEqual([[1n, 'é']]);
  });

  it('is read where the server says nothing of its log and its cluster, as Aurora may, and is the same place to those who may ask', async () => {
    await admin.query('CREATE DATABASE reticent');
    await admin.query("CREATE ROLE modest LOGIN PASSWORD 'modest'");
    const place = { ...server.place, database: 'reticent' };
    const owner = new (await import('pg')).default.Client({ ...place });
    await owner.connect();
    const refused = ['pg_current_wal_lsn()', 'pg_last_wal_replay_lsn()', 'pg_control_system()'];
    await owner.query(`
      CREATE TABLE kept (id bigint PRIMARY KEY, note text); INSERT INTO kept VALUES (1, 'a'), (2, 'b');
      GRANT SELECT ON kept TO modest;
      ${refused.map((name) => `REVOKE EXECUTE ON FUNCTION pg_catalog.${name} FROM PUBLIC`).join('; ')}`);
    const modest = { ...place, user: 'modest', password: 'modest' };
    try {
      for (const consistency of ['frozen', 'settled'] as const) {
        const endpoint = endpointOf('kept', consistency);
        const [known, engine] = [await open(endpoint, place), await open(endpoint, modest)];
        expect(await engine.identity()).toBe(await known.identity());
        expect((await known.snapshot()).position).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
        const { position, share } = await engine.snapshot();
        expect(position).toBe('unknown');
        // The exported snapshot is still there for others.
        const worker = await openPostgres(endpoint, modest, share === undefined ? {} : { share });
        engines.push(worker);
        const reader = await worker.read(relationOf(endpoint, [ID, NOTE]), masks);
        expect(await values(reader, [ID, NOTE])).toEqual([
          [1n, 'a'],
          [2n, 'b'],
        ]);
      }
    } finally {
      await owner.end();
    }
  });

  it('tells tables, databases and servers apart that are numbered alike', async () => {
    await using other = await startPostgres();
    const fresh = async (place: typeof server.place, table: string): Promise<string> => {
      const engine = await openPostgres(endpointOf(table, 'settled', 'pg_catalog'), place);
      try {
        return await engine.identity();
      } finally {
        await engine.close();
      }
    };
    const identities = await Promise.all([
      fresh(server.place, 'pg_class'),
      fresh(server.place, 'pg_proc'),
      fresh({ ...server.place, database: 'template1' }, 'pg_class'),
      fresh(other.place, 'pg_class'),
    ]);
    expect(new Set(identities).size).toBe(4);
  });
});
