/** `parapet sweep` as a process, from every kind of address to another; and what it tells of what it read, and of who it was. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../../cli/sweep/local-keys.ts';
import { clientOptions } from '../../../functions/aws/client-options.ts';
import type { Endpoint as Address, Equivalence } from '../../../shared/equivalence/schema.ts';
import { Verdict } from '../../../shared/verdict/schema.ts';
import { type Endpoint, startEndpoint } from '../../support/endpoint/endpoint.ts';
import { mariaDbMissing } from '../../support/engines/mariadb.ts';
import { Grounds } from '../../support/sweep/adversary/grounds.ts';
import { PLAIN_NATIVE, type PlainEngine, type PlainTable, plainSide } from '../../support/sweep/adversary/plain.ts';
import { contractOf, SIGNER, signed } from '../../support/sweep/contract.ts';
import { type Ended, jsonOf, parapet } from '../run.ts';
import { parapetProcess } from './child.ts';

const CANARY = 'quetzalcoatlus';
const PASSWORD = 'p@ss:w/rd%#xylophone';
/** As whom the cloud is called. */
const SOMEBODY = { AWS_ACCESS_KEY_ID: 'AKIASOMEBODYSOMEBODY', AWS_SECRET_ACCESS_KEY: 'not looked at there' };
const ROWS = 90;

const table = (change: (id: number) => string = () => 'note'): PlainTable => ({
  columns: { id: 'integer', note: 'text', email: 'text' },
  key: ['id'],
  rows: Array.from({ length: ROWS }, (_, id) => [id, `${CANARY} ${change(id)} ${id}`, `${CANARY}-${id}@example.org`]),
});
const other = table((id) => (id === 7 ? 'changed' : 'note'));

/** A place, what contracts say of it, and the address that a person types. */
interface Named {
  readonly engine: PlainEngine;
  readonly endpoint: Address;
  readonly url: string;
}

let grounds: Grounds;
let cloud: Endpoint;
let folder: string;
let reader: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-addresses-'));
  [grounds, cloud] = await Promise.all([Grounds.start(), startEndpoint({ folder: join(folder, 'cloud') })]);
  reader = `reader:${encodeURIComponent(PASSWORD)}`;
  await grounds.admin.query(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'; GRANT pg_read_all_data TO reader`);
  if (grounds.mariaDb !== undefined) {
    await grounds.maria.owner.query(`ALTER USER reader@'%' IDENTIFIED BY '${PASSWORD}'`);
  }
});
afterAll(async () => {
  await Promise.all([grounds[Symbol.asyncDispose](), cloud.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function named(kind: PlainEngine | 's3', rows: PlainTable): Promise<Named> {
  if (kind === 's3') return bucketOf(rows);
  const { endpoint } = await plainSide(grounds, kind, rows);
  switch (endpoint.engine) {
    case 'postgres':
      return { engine: kind, endpoint, url: `postgres://${reader}@127.0.0.1:${grounds.postgres.place.port}/postgres` };
    case 'mysql':
      return { engine: kind, endpoint, url: `mysql://${reader}@127.0.0.1:${grounds.maria.port}/parapet` };
    case 'dynamodb': {
      const { hostname = '', port = 0 } = (await grounds.dynamo.client.config.endpoint?.()) ?? {};
      const at = encodeURIComponent(`http://${hostname}:${port}`);
      return { engine: kind, endpoint, url: `dynamodb://${endpoint.table}?endpoint=${at}&region=eu-central-1` };
    }
    case 'files':
      return {
        engine: kind,
        endpoint,
        url: 'path' in endpoint.location ? pathToFileURL(endpoint.location.path).href : '',
      };
  }
}

/** Two objects below a prefix, one beside it. */
async function bucketOf({ columns, rows }: PlainTable): Promise<Named> {
  const bucket = `things-${grounds.name().replace('_', '-')}`;
  const client = new S3Client({
    ...clientOptions(),
    endpoint: cloud.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: SOMEBODY.AWS_ACCESS_KEY_ID, secretAccessKey: SOMEBODY.AWS_SECRET_ACCESS_KEY },
  });
  const names = Object.keys(columns);
  const lines = rows.map(
    (row) => `${JSON.stringify(Object.fromEntries(row.map((value, at) => [names[at], value])))}\n`,
  );
  const put = (key: string, some: readonly string[]) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: some.join('') }));
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await put('data/a.ndjson', lines.slice(0, 40));
  await put('data/b.ndjson', lines.slice(40));
  await put('elsewhere/c.ndjson', lines.slice(0, 3));
  client.destroy();
  return {
    engine: 'ndjson',
    endpoint: {
      engine: 'files',
      connection: 'bucket',
      consistency: 'frozen',
      location: { bucket, prefix: 'data/' },
      format: 'ndjson',
    },
    url: `s3://${bucket}/data/?format=ndjson&endpoint=${encodeURIComponent(cloud.url)}&region=us-east-1`,
  };
}

function contractFor(source: Named, target: Named, more: Partial<Equivalence> = {}): Equivalence {
  const natives = (kind: 'integer' | 'text') => ({
    source: { type: PLAIN_NATIVE[source.engine][kind] },
    target: { type: PLAIN_NATIVE[target.engine][kind] },
  });
  return {
    ...contractOf({
      dataset: 'addresses',
      source: source.endpoint,
      target: target.endpoint,
      key: ['id'],
      columns: [
        { name: 'id', type: { kind: 'integer' }, ...natives('integer') },
        { name: 'note', type: { kind: 'text' }, class: 'internal', ...natives('text') },
        { name: 'email', type: { kind: 'text' }, class: 'pii', mask: 'token', ...natives('text') },
      ],
      settle: { delaySeconds: 0, attempts: 1 },
    }),
    ...more,
  };
}

let runs = 0;

interface Ran extends Ended {
  /** Everything that this run wrote, beside what it printed. */
  readonly written: readonly Buffer[];
}

type Call = typeof parapetProcess;
/** Without a process of its own, where that is not what it is about. */
const here: Call = (argv) => parapet(...argv);

/** Each in a folder of its own, with a report and everything else that a sweep may leave. */
async function run(
  source: Named,
  target: Named,
  options: readonly string[] = [],
  more: Partial<Equivalence> = {},
  call: Call = parapetProcess,
): Promise<Ran> {
  runs += 1;
  const own = join(folder, `run-${runs}`);
  mkdirSync(join(own, 'tmp'), { recursive: true });
  const { text, signature } = await signed(contractFor(source, target, more));
  writeFileSync(join(folder, `contract-${runs}.json`), text);
  writeFileSync(join(folder, `contract-${runs}.json.jws`), signature);
  const ended = await call(
    [
      ...['sweep', '--contract', join(folder, `contract-${runs}.json`), '--signer', SIGNER],
      ...['--source', source.url, '--target', target.url, '--workers', '2'],
      ...['--report', join(own, 'report.html'), '--state', join(own, 'state'), ...options],
    ],
    { ...SOMEBODY, TMPDIR: join(own, 'tmp'), PARAPET_DEBUG: '1' },
    own,
  );
  const names = readdirSync(own, { recursive: true, encoding: 'utf8' });
  const written = names
    .map((name) => join(own, name))
    .filter((name) => statSync(name).isFile())
    .map((name) => readFileSync(name));
  return { ...ended, written: [...written, Buffer.from(names.join('\n'))] };
}

/** As it is, in base64 of each alignment, in hexadecimal, in UTF-16. */
const formsOf = (text: string): Buffer[] => [
  Buffer.from(text),
  Buffer.from(encodeURIComponent(text)),
  Buffer.from(Buffer.from(text).toString('hex')),
  Buffer.from(text, 'utf16le'),
  ...[0, 1, 2].map((skip) => Buffer.from(Buffer.from(text.slice(skip, skip + 12)).toString('base64'))),
];

function expectSilent({ out, err, written }: Ran): void {
  const everything = [Buffer.from(out), Buffer.from(err), ...written];
  for (const needle of [CANARY, PASSWORD].flatMap(formsOf)) {
    expect(everything.some((bytes) => bytes.includes(needle))).toBe(false);
  }
}

const KINDS: readonly (PlainEngine | 's3')[] = [
  'postgres',
  ...(mariaDbMissing === undefined ? (['mysql'] as const) : []),
  'dynamodb',
  's3',
  'parquet',
];
if (mariaDbMissing !== undefined) console.info(mariaDbMissing);

describe('parapet sweep, from one address to another', () => {
  it.each(KINDS.map((kind, index) => [kind, KINDS[(index + 1) % KINDS.length] ?? 'csv', index] as const))(
    '[S05] [S16] says EQUAL or DIVERGED by its exit code, and nothing of what it read: %s to %s',
    async (left, right, index) => {
      const equal = index % 2 === 0;
      const [source, target] = [await named(left, table()), await named(right, equal ? table() : other)];
      const secret = join(folder, `secret-${index}`);
      writeFileSync(secret, random(32));
      const ran = await run(source, target, equal ? ['--json'] : ['--json', '--resume', secret]);
      expect(ran).toMatchObject({ code: equal ? 0 : 1 });
      const verdict = Verdict.parse(jsonOf(ran));
      expect(verdict).toMatchObject({
        verdict: equal ? 'EQUAL' : 'DIVERGED',
        counts: { source: ROWS, target: ROWS },
        divergences: { missing: 0, extra: 0, changed: equal ? 0 : 1 },
      });
      if (!equal) expect(verdict.divergences.list[0]).toMatchObject({ kind: 'changed', columns: ['note'] });
      // Not a terminal: no bar, and nothing that a terminal would act on.
      for (const drawn of ['█', '░', '\r', '\u001b']) expect(ran.err).not.toContain(drawn);
      expectSilent(ran);
    },
  );

  it('[S08] gives the same rows other fingerprints in every sweep', async () => {
    const [source, target] = [await named('csv', table()), await named('ndjson', table())];
    const sums = new Set<string | undefined>();
    for (let time = 0; time < 2; time++) {
      const { fingerprints } = Verdict.parse(jsonOf(await run(source, target, ['--json'], {}, here)));
      expect(fingerprints?.source).toBe(fingerprints?.target);
      sums.add(fingerprints?.source);
    }
    expect(sums.size).toBe(2);
  });

  it('[S16] repeats nothing of an error of PostgreSQL, which quotes the value that it is about', async () => {
    const { endpoint, url } = await named('postgres', table());
    const name = 'table' in endpoint ? endpoint.table : '';
    await grounds.admin.query(`CREATE VIEW broken AS SELECT id, (note::int)::text AS note, email FROM ${name}`);
    await expect(grounds.admin.query('SELECT * FROM broken')).rejects.toThrow(CANARY);
    const broken: Named = {
      engine: 'postgres',
      endpoint: { engine: 'postgres', connection: 'here', consistency: 'settled', schema: 'public', table: 'broken' },
      url,
    };
    const secret = join(folder, 'secret');
    writeFileSync(secret, random(32));
    // What was read of the other side lies there for the next run.
    const ran = await run(broken, await named('csv', table()), ['--json', '--resume', secret]);
    expect(ran.code).toBe(2);
    expect(jsonOf(ran)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ side: 'source' }] });
    expectSilent(ran);
  });

  it.runIf(mariaDbMissing === undefined)(
    '[S16] repeats nothing of an error of MariaDB, which quotes the value that it is about',
    async () => {
      const { endpoint, url } = await named('mysql', table());
      const name = 'table' in endpoint ? endpoint.table : '';
      // Whatever the text is, it is the message of an error.
      await grounds.maria.owner.query(
        `CREATE FUNCTION parapet.refuse(v varchar(300) CHARACTER SET utf8mb4) RETURNS varchar(300) CHARACTER SET utf8mb4 DETERMINISTIC
         BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v; RETURN v; END`,
      );
      await grounds.maria.owner.query(
        `CREATE VIEW broken_view AS SELECT id, parapet.refuse(note) AS note, email FROM ${name}`,
      );
      await expect(grounds.maria.owner.query('SELECT * FROM broken_view')).rejects.toThrow(CANARY);
      const source: Named = {
        engine: 'mysql',
        endpoint: {
          engine: 'mysql',
          connection: 'here',
          consistency: 'settled',
          schema: 'parapet',
          table: 'broken_view',
        },
        url,
      };
      const target = await named('csv', table());
      const ran = await run(source, target, ['--json']);
      expect(ran.code).toBe(2);
      expect(jsonOf(ran)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ side: 'source' }] });
      expectSilent(ran);
    },
  );

  it('[S16] repeats no value that its contract refuses', async () => {
    const rows = table();
    const [source, target] = [await named('csv', rows), await named('ndjson', rows)];
    const { columns } = contractFor(source, target);
    const ran = await run(source, target, [], {
      columns: columns.map((column) => (column.name === 'note' ? { ...column, type: { kind: 'decimal' } } : column)),
    });
    expect(ran).toMatchObject({ code: 2, out: expect.stringContaining('value-refused') });
    expectSilent(ran);
  });
});

describe('an address that is wrong', () => {
  it('[S18] ends with 3, and without a word of a password', async () => {
    const [source, target] = [await named('postgres', table()), await named('csv', table())];
    const wrong = [
      `postgres://reader:${CANARY}%zz@127.0.0.1:1/postgres`,
      `postgres://reader:${CANARY}@db.example.org/postgres?sslmode=disable`,
      `postgres://reader:${CANARY}@127.0.0.1:1/`,
      `mysql://reader:${CANARY}@127.0.0.1:1/x`,
      `gopher://reader:${CANARY}@127.0.0.1/x`,
      `postgres://reader:${CANARY}@127.0.0.1:99999/x`,
    ];
    for (const url of wrong) {
      const ran = await run({ ...source, url }, target, [], {}, here);
      expect([url, ran.code]).toEqual([url, 3]);
      expectSilent(ran);
    }
  });

  it('ends with 2 where nobody answers, or not to this password', async () => {
    const [source, target] = [await named('postgres', table()), await named('csv', table())];
    const { port } = grounds.postgres.place;
    for (const url of [
      `postgres://reader:${CANARY}@127.0.0.1:1/postgres`,
      `postgres://reader:${CANARY}@127.0.0.1:${port}/postgres`,
      `postgres://${reader}@127.0.0.1:${port}/${CANARY}`,
    ]) {
      const ran = await run({ ...source, url }, target, ['--json'], {}, here);
      expect(ran.code).toBe(2);
      expect(jsonOf(ran)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ side: 'source' }] });
      expectSilent(ran);
    }
  });
});
