/** One place under two addresses: a comparison with itself finds nothing, and is refused before anything is read. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweep } from '../../../../cli/sweep/sweep.ts';
import { DynamoDbDocumentTable } from '../../../../functions/aws/document-table.ts';
import { openDynamoDb } from '../../../../functions/sweep/engines/dynamodb/engine.ts';
import { openDisk } from '../../../../functions/sweep/engines/files/disk.ts';
import { openFiles } from '../../../../functions/sweep/engines/files/engine.ts';
import { openMysql } from '../../../../functions/sweep/engines/mysql/engine.ts';
import { openPostgres } from '../../../../functions/sweep/engines/postgres/engine.ts';
import type { Endpoint } from '../../../../shared/equivalence/schema.ts';
import { mariaDbMissing } from '../../../support/engines/mariadb.ts';
import { Grounds, type Side } from '../../../support/sweep/adversary/grounds.ts';
import { PLAIN_NATIVE, type PlainEngine, type PlainTable, plainSide } from '../../../support/sweep/adversary/plain.ts';
import { contractOf } from '../../../support/sweep/contract.ts';
import { memoryStore, portsOf, requestOf } from '../../../support/sweep/run.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

const TABLE: PlainTable = {
  columns: { id: 'integer', v: 'text' },
  key: ['id'],
  rows: [
    [1, 'one'],
    [2, 'two'],
  ],
};

/** The same place, as somebody else would call it. */
async function otherwise({ endpoint }: Side): Promise<Side> {
  const there: Endpoint = { ...endpoint, connection: 'there' };
  switch (there.engine) {
    case 'postgres':
      return {
        endpoint: there,
        open: async () => openPostgres(there, { ...grounds.postgres.place, host: 'localhost' }),
      };
    case 'mysql': {
      await grounds.maria.owner.query("CREATE USER IF NOT EXISTS other@'%'; GRANT SELECT ON *.* TO other@'%'");
      const place = { host: 'localhost', port: grounds.maria.port, database: 'parapet', user: 'other', password: '' };
      return { endpoint: there, open: async () => openMysql(there, place) };
    }
    case 'dynamodb': {
      const { port } = (await grounds.dynamo.client.config.endpoint?.()) ?? { port: 0 };
      const client = new DynamoDBClient({
        endpoint: `http://localhost:${port}`,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'other', secretAccessKey: 'other' },
      });
      return { endpoint: there, open: async () => openDynamoDb(new DynamoDbDocumentTable(client, there.table)) };
    }
    case 'files': {
      const path = 'path' in there.location ? there.location.path : '';
      const link = join(grounds.folder, `link-${grounds.name()}`);
      symlinkSync(path, link);
      const linked: Endpoint = { ...there, location: { path: link } };
      return { endpoint: linked, open: async (options = {}) => openFiles(linked, await openDisk(link), options) };
    }
  }
}

const ENGINES: readonly PlainEngine[] = [
  'postgres',
  ...(mariaDbMissing === undefined ? (['mysql'] as const) : []),
  'dynamodb',
  'csv',
];

describe('one place under two addresses', () => {
  it.each(ENGINES)('[S09] is refused before anything is read: %s', async (engine) => {
    const source = await plainSide(grounds, engine, TABLE);
    const target = await otherwise(source);
    const natives = PLAIN_NATIVE[engine];
    const both = (kind: 'integer' | 'text') => ({ source: { type: natives[kind] }, target: { type: natives[kind] } });
    const contract = contractOf({
      dataset: 'itself',
      source: source.endpoint,
      target: target.endpoint,
      key: ['id'],
      columns: [
        { name: 'id', type: { kind: 'integer' }, ...both('integer') },
        { name: 'v', type: { kind: 'text' }, ...both('text') },
      ],
    });
    const store = memoryStore();
    const ports = portsOf(async (side, _endpoint, options) => (side === 'source' ? source : target).open(options), {
      store,
    });
    await expect(sweep(await requestOf(contract), ports)).rejects.toMatchObject({ code: 'endpoint-same' });
    expect([...store.objects.keys()]).toEqual([]);
  });
});
