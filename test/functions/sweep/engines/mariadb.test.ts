import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabasePlace } from '../../../../functions/sweep/engines/database-place.ts';
import type { Partition } from '../../../../functions/sweep/engines/engine.ts';
import { KeptRows } from '../../../../functions/sweep/engines/kept-rows.ts';
import { openMysql } from '../../../../functions/sweep/engines/mysql/engine.ts';
import { parseMysqlUrl } from '../../../../functions/sweep/engines/mysql/place.ts';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { type RowCodec, rowCodec } from '../../../../shared/canonical/row.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import { masks } from '../../../support/engines/contract.ts';
import { type MariaDb, mariaDbMissing, startMariaDb } from '../../../support/engines/mariadb.ts';
import { bytesOf, readText, relationOver } from '../../../support/engines/memory-source.ts';

const endpointOf = (table: string) =>
  ({ engine: 'mysql', connection: 'x', consistency: 'settled', schema: 'parapet', table }) as const;

describe.skipIf(mariaDbMissing !== undefined)(mariaDbMissing ?? 'a table of MariaDB', () => {
  let mariaDb: MariaDb;
  let place: DatabasePlace;

  beforeAll(async () => {
    mariaDb = await startMariaDb();
    const { port, user, password } = mariaDb;
    place = { host: '127.0.0.1', port, database: 'parapet', user, password };
  });
  afterAll(() => mariaDb?.[Symbol.asyncDispose]());

  const run = (sql: string): Promise<unknown> => mariaDb.owner.query(sql);

  /** The values of a column `v` beside a key `id`. */
  async function values(table: string, type: ColumnType, native: string): Promise<unknown[]> {
    await using engine = await opened(table);
    const relation = relationOver(endpointOf(table), ['v'], { v: type }, { v: native });
    return (await readText(engine, relation)).map(([value]) => value);
  }

  async function opened(table: string) {
    const engine = await openMysql(endpointOf(table), place);
    return { ...engine, [Symbol.asyncDispose]: () => engine.close() };
  }

  it.each<[string, string, ColumnType, readonly unknown[]]>([
    ['bigint(20) unsigned', '18446744073709551615, 0', { kind: 'integer' }, [2n ** 64n - 1n, 0n]],
    ['int(10) unsigned zerofill', '42', { kind: 'integer' }, [42n]],
    ['year(4)', '1999, 0', { kind: 'integer' }, [1999n, 0n]],
    ['bit(1)', "b'1', b'0'", { kind: 'boolean' }, [true, false]],
    [
      'bit(64)',
      "b'1111111111111111111111111111111111111111111111111111111111111111'",
      { kind: 'integer' },
      [2n ** 64n - 1n],
    ],
    ['tinyint(1)', '1, 0', { kind: 'boolean' }, [true, false]],
    ['float', '16777216, 1.1, 1e-45', { kind: 'float32' }, [16777216, Math.fround(1.1), 2 ** -149]],
    ['double', '16777217, 1e300, 0.1', { kind: 'float64' }, [16777217, 1e300, 0.1]],
    ['decimal(65,0)', '1e64', { kind: 'decimal' }, [{ coefficient: 1n, exponent: 64 }]],
    ["enum('é','b''c')", "'é', 'b''c'", { kind: 'text' }, ['é', "b'c"]],
    ["set('a','b')", "'b,a', ''", { kind: 'text' }, ['a,b', '']],
    ['binary(3)', "'a'", { kind: 'bytes' }, [Uint8Array.of(0x61, 0, 0)]],
    ['binary(3)', "'a'", { kind: 'bytes', padding: 'trim' }, [Uint8Array.of(0x61)]],
    [
      'binary(16)',
      "UNHEX('01890a5dac96774bbcceb302099a8057')",
      { kind: 'uuid' },
      [Uint8Array.from(Buffer.from('01890a5dac96774bbcceb302099a8057', 'hex'))],
    ],
    ['char(5)', "'a'", { kind: 'text' }, ['a']],
    ['varchar(5)', "'a  '", { kind: 'text' }, ['a  ']],
    [
      'date',
      "'0000-00-00', '2024-02-30'",
      { kind: 'date' },
      [{ date: { year: 0, month: 0, day: 0 } }, { date: { year: 2024, month: 2, day: 30 } }],
    ],
    ['time(6)', "'-838:59:59.999999'", { kind: 'time', precision: 6 }, [{ time: -3020399999999000n }]],
    [
      'datetime(3)',
      "'2024-01-01 00:00:00.5'",
      { kind: 'instant', precision: 3, zoneless: 'utc' },
      [{ instant: 1704067200500000000n }],
    ],
  ])('has %s values %s exactly', async (native, literals, type, expected) => {
    await run(
      `DROP TABLE IF EXISTS parapet.one; CREATE TABLE parapet.one (id int PRIMARY KEY AUTO_INCREMENT, v ${native})`,
    );
    await run(`SET SESSION sql_mode = 'ALLOW_INVALID_DATES'; SET NAMES utf8mb4`);
    for (const literal of literals.split(/, (?=[^']*(?:'[^']*'[^']*)*$)/)) {
      await run(`INSERT INTO parapet.one (v) VALUES (${literal})`);
    }
    expect(await values('one', type, native)).toEqual(expected);
  });

  it('[S06] has instants in UTC, whatever zone the server is in, also on a day of change', async () => {
    await run("CREATE TABLE parapet.times (id int PRIMARY KEY, v timestamp(6) NULL); SET SESSION time_zone = '+00:00'");
    await run("INSERT INTO parapet.times VALUES (1, '2024-10-27 00:30:00'), (2, '2024-10-27 01:30:00.000001')");
    expect(await values('times', { kind: 'instant', precision: 6 }, 'timestamp(6)')).toEqual([
      { instant: 1729989000000000000n },
      { instant: 1729992600000001000n },
    ]);
  });

  it('[S06] has texts as they are, whatever character set they are stored in', async () => {
    await run(
      `CREATE TABLE parapet.texts (id int PRIMARY KEY, v text CHARACTER SET latin1, w text CHARACTER SET utf16, x text CHARACTER SET utf8mb3);
       INSERT INTO parapet.texts VALUES (1, 'é€', '😀', 'ж')`,
    );
    await using engine = await opened('texts');
    const natives = { v: 'text', w: 'text', x: 'text' };
    expect(await readText(engine, relationOver(endpointOf('texts'), ['v', 'w', 'x'], {}, natives))).toEqual([
      ['é€', '😀', 'ж'],
    ]);
  });

  it('keeps texts apart that its collation does not, in lookups and in ranges', async () => {
    await run(
      `CREATE TABLE parapet.collated (k varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci, n int, PRIMARY KEY (k, n));
       INSERT INTO parapet.collated SELECT ELT(1 + seq % 4, 'a', 'A', 'ä', 'å'), seq FROM seq_1_to_400`,
    );
    const relation: Relation = {
      ...relationOver(
        endpointOf('collated'),
        ['k', 'n'],
        { n: { kind: 'integer' } },
        { k: 'varchar(20)', n: 'int(11)' },
      ),
      keyColumns: 2,
    };
    await using engine = await opened('collated');
    expect(await readText(engine, relation, 10)).toHaveLength(400);
    const reader = await engine.read(relation, masks);
    const codec: RowCodec = rowCodec(relation.columns);
    const found = await reader.lookup([codec.encode(['A', '1']), codec.encode(['a', '1']), codec.encode(['å', '3'])]);
    expect(found.map(({ key }) => codec.decode(key))).toEqual([
      ['A', 1n],
      ['å', 3n],
    ]);
  });

  it('[S05] finds a row once, though a key of another statement is the same by its collation', async () => {
    await run(
      `CREATE TABLE parapet.cased (k varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY);
       INSERT INTO parapet.cased SELECT CONCAT('key ', seq) FROM seq_1_to_300`,
    );
    const relation: Relation = {
      ...relationOver(endpointOf('cased'), ['k'], { k: { kind: 'text' } }, { k: 'varchar(20)' }),
      keyColumns: 1,
    };
    await using engine = await opened('cased');
    const reader = await engine.read(relation, masks);
    const codec = rowCodec(relation.columns);
    const names = Array.from({ length: 300 }, (_, index) => `ey ${index + 1}`);
    // All in capitals first: more than one statement takes.
    const keys = [...names.map((name) => `K${name}`), ...names.map((name) => `k${name}`)];
    expect(reader.keyed).toBe(true);
    expect(await reader.lookup(keys.map((key) => codec.encode([key])))).toHaveLength(300);
  });

  it.each(['utf8mb4_nopad_bin', 'utf8mb4_unicode_nopad_ci', 'latin1_swedish_nopad_ci'])(
    '[S05] reads every row of a CHAR key that its index orders otherwise than a comparison: %s',
    async (collation) => {
      const charset = collation.split('_', 1).join();
      await run(
        `DROP TABLE IF EXISTS parapet.padded; CREATE TABLE parapet.padded (k char(8) CHARACTER SET ${charset} COLLATE ${collation} PRIMARY KEY);
         INSERT INTO parapet.padded VALUES (''), ('ab'), ('ab\t'), ('ab\n'), ('a'), ('a\n'), ('b'), ('\t')`,
      );
      const relation = relationOver(endpointOf('padded'), ['k'], { k: { kind: 'text' } }, { k: 'char(8)' });
      await using engine = await opened('padded');
      for (const parts of [1, 3, 8]) expect(await readText(engine, relation, parts)).toHaveLength(8);
    },
  );

  it('[S05] is read to its end, also where the server ends answers early', async () => {
    await run(
      'CREATE TABLE parapet.long_one (v int PRIMARY KEY); INSERT INTO parapet.long_one SELECT seq FROM seq_1_to_500',
    );
    await run('SET GLOBAL sql_select_limit = 7');
    try {
      expect(await values('long_one', { kind: 'integer' }, 'int(11)')).toHaveLength(500);
    } finally {
      await run('SET GLOBAL sql_select_limit = DEFAULT');
    }
  });

  it('is found again by keys of every type that has one form there', async () => {
    await run(
      `CREATE TABLE parapet.typed (a date, b datetime(6), c timestamp(6), d time(6), e decimal(20,5), f varbinary(9), g uuid, PRIMARY KEY (a, b, c, d, e, f, g));
       INSERT INTO parapet.typed VALUES ('0000-00-00', '0000-00-00 00:00:00', '2024-01-01 00:00:00', '-01:00:00', -1.5, '', '01890a5d-ac96-774b-bcce-b302099a8057')`,
    );
    const types: Record<string, ColumnType> = {
      a: { kind: 'date' },
      b: { kind: 'datetime', precision: 6 },
      c: { kind: 'instant', precision: 6 },
      d: { kind: 'time', precision: 6 },
      e: { kind: 'decimal' },
      f: { kind: 'bytes' },
      g: { kind: 'uuid' },
    };
    const natives = {
      a: 'date',
      b: 'datetime(6)',
      c: 'timestamp(6)',
      d: 'time(6)',
      e: 'decimal(20,5)',
      f: 'varbinary(9)',
      g: 'uuid',
    };
    const relation = { ...relationOver(endpointOf('typed'), Object.keys(types), types, natives), keyColumns: 7 };
    await using engine = await opened('typed');
    const reader = await engine.read(relation, masks);
    expect(reader.keyed).toBe(true);
    const [partition] = await reader.plan(1);
    if (partition === undefined) throw new Error('No partition.');
    expect(await reader.lookup(await bytesOf(reader, partition))).toHaveLength(1);
  });

  it('[S13] is cut into parts of about equal size, however its keys are spread', async () => {
    await run(
      `CREATE TABLE parapet.skewed (tenant varchar(40) COLLATE utf8mb4_unicode_ci, n bigint, v varchar(60), PRIMARY KEY (tenant, n)) CHARACTER SET utf8mb4;
       INSERT INTO parapet.skewed SELECT IF(seq % 20 = 0, CONCAT('tenant-', seq % 13), 'the big tenant'), POW(seq, 3), REPEAT('x', 50) FROM seq_1_to_30000;
       ANALYZE TABLE parapet.skewed`,
    );
    const relation = relationOver(endpointOf('skewed'), ['n'], { n: { kind: 'integer' } }, { n: 'bigint(20)' });
    await using engine = await opened('skewed');
    const reader = await engine.read(relation, masks);
    const sizes = await Promise.all((await reader.plan(12)).map(async (part) => (await bytesOf(reader, part)).length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(30_000);
    expect(sizes.length).toBe(12);
    expect(Math.max(...sizes)).toBeLessThan(30_000 / 3);
  });

  describe('of many rows', () => {
    const relation = {
      ...relationOver(
        endpointOf('many'),
        ['id', 'v'],
        { id: { kind: 'integer' } },
        { id: 'int(11)', v: 'varchar(60)' },
      ),
      keyColumns: 1,
    };

    beforeAll(async () => {
      await run(
        `CREATE TABLE parapet.many (id int PRIMARY KEY, v varchar(60)) CHARACTER SET utf8mb4;
         INSERT INTO parapet.many SELECT seq, CONCAT('row ', seq) FROM seq_1_to_100000`,
      );
    });

    it('tells of every stretch before the next one is read', async () => {
      await using engine = await opened('many');
      const reader = await engine.read(relation, masks);
      const [partition] = await reader.plan(1);
      if (partition === undefined) throw new Error('No partition.');
      const kept = new KeptRows();
      let [told, steps] = [0, 0];
      for await (const step of reader.scan(partition, kept)) {
        told += step.rows;
        steps += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        expect(kept.rows.length).toBe(told);
      }
      expect([told, steps]).toEqual([100_000, 4]);
    });

    it('is read on where a reader stopped, in another session', async () => {
      const ids: string[] = [];
      let left: Partition | undefined;
      for (let first = true; first || left !== undefined; first = false) {
        await using engine = await opened('many');
        const reader = await engine.read(relation, masks);
        const [whole] = await reader.plan(1);
        const now: Partition | undefined = left === undefined ? whole : JSON.parse(JSON.stringify(left));
        if (now === undefined) throw new Error('No partition.');
        const kept = new KeptRows();
        left = undefined;
        for await (const step of reader.scan(now, kept)) {
          left = step.rest;
          break;
        }
        ids.push(...kept.rows.map(({ key }) => Buffer.from(key).toString('hex')));
      }
      expect(ids).toHaveLength(100_000);
      expect(new Set(ids).size).toBe(100_000);
    });

    it('is read as it was when the partition began', async () => {
      await using engine = await opened('many');
      const reader = await engine.read(relation, masks);
      const [partition] = await reader.plan(1);
      if (partition === undefined) throw new Error('No partition.');
      const kept = new KeptRows();
      let written = false;
      for await (const _ of reader.scan(partition, kept)) {
        if (!written)
          await run(
            "UPDATE parapet.many SET v = 'changed' WHERE id > 90000; DELETE FROM parapet.many WHERE id = 80000",
          );
        written = true;
      }
      const codec = rowCodec(relation.columns);
      const rows = kept.rows.map(({ fields }) => codec.decode(Buffer.concat(fields)));
      expect(rows).toHaveLength(100_000);
      expect(rows.every(([id, v]) => v === `row ${id}`)).toBe(true);
    });

    it('ends with what a value was refused for', async () => {
      await using engine = await opened('many');
      const wrong = {
        ...relation,
        columns: relation.columns.map((column) =>
          column.name === 'v' ? { ...column, type: { kind: 'uuid' } as const } : column,
        ),
      };
      await expect(readText(engine, wrong)).rejects.toMatchObject({
        code: 'field-format',
        errors: [{ pointer: '/v' }],
      });
    });
  });

  it('[P05] is read by a role that can do nothing else, and says when it may not even that', async () => {
    await run("CREATE TABLE parapet.secret (id int PRIMARY KEY); CREATE USER nobody@'%' IDENTIFIED BY 'x'");
    const nobody = { ...place, user: 'nobody', password: 'x' };
    const engine = await openMysql(endpointOf('secret'), nobody);
    await expect(engine.schema()).rejects.toMatchObject({ code: 'not-found' });
    await engine.close();
    await expect(openMysql(endpointOf('secret'), { ...nobody, password: 'wrong' })).rejects.toMatchObject({
      code: 'access-denied',
    });
    await expect(openMysql(endpointOf('secret'), { ...nobody, port: 1 })).rejects.toMatchObject({
      code: 'endpoint-failed',
    });
  });

  it('that loses its rights in the middle says so', async () => {
    await run(
      `CREATE TABLE parapet.revoked (id int PRIMARY KEY); INSERT INTO parapet.revoked VALUES (1);
       CREATE USER soon@'%' IDENTIFIED BY 'x'; GRANT SELECT ON parapet.revoked TO soon@'%'`,
    );
    const engine = await openMysql(endpointOf('revoked'), { ...place, user: 'soon', password: 'x' });
    const reader = await engine.read(
      relationOver(endpointOf('revoked'), ['id'], { id: { kind: 'integer' } }, { id: 'int(11)' }),
      masks,
    );
    const [partition] = await reader.plan(1);
    if (partition === undefined) throw new Error('No partition.');
    await run("REVOKE SELECT ON parapet.revoked FROM soon@'%'");
    await expect(bytesOf(reader, partition)).rejects.toMatchObject({ code: 'access-denied' });
    await engine.close();
  });

  it('[P08] is not reached without TLS from anywhere but its own machine', async () => {
    // The short form of 127.0.0.1 leads to the server, and is a name like another.
    await expect(openMysql(endpointOf('many'), { ...place, host: '127.1' })).rejects.toMatchObject({
      code: 'endpoint-failed',
    });
    // By its number, no certificate could be verified.
    await expect(openMysql(endpointOf('many'), { ...place, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'tls-required',
    });
  });
});

describe('the address of a MySQL schema', () => {
  it('[S18] is a URL', () => {
    expect(parseMysqlUrl('mysql://us%40er:p%2Fw@db.example:3307/led%20ger?ssl-mode=VERIFY_IDENTITY')).toEqual({
      host: 'db.example',
      port: 3307,
      database: 'led ger',
      user: 'us@er',
      password: 'p/w',
    });
    expect(parseMysqlUrl('mariadb://u:p@[::1]/x')).toMatchObject({ host: '::1', port: 3306 });
  });

  it.each([
    ['nonsense', 'configuration-invalid'],
    ['postgres://u:p@h/x', 'configuration-invalid'],
    ['mysql://u:p@h/', 'configuration-invalid'],
    ['mysql://u:p@h/x?charset=latin1', 'configuration-invalid'],
    ['mysql://u:p%zz@h/x', 'configuration-invalid'],
    ['mysql://u:p@h/x?ssl-mode=PREFERRED', 'tls-required'],
  ])('[P08] %s is refused', (url, code) => {
    expect(() => parseMysqlUrl(url)).toThrow(expect.objectContaining({ code }));
  });
});
