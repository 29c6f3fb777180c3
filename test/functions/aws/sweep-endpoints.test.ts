import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { deployedEndpoints } from '../../../functions/aws/sweep-endpoints.ts';
import { ObjectSweepStore, sweepObjectKey } from '../../../functions/aws/sweep-store.ts';
import { parsePlace } from '../../../functions/sweep/protocol/connections.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';
import { MemoryObjectStore } from '../../support/memory/object-store.ts';

const dynamodb = new DynamoDBClient({ region: 'eu-central-1', endpoint: 'http://127.0.0.1:9' });
afterAll(() => dynamodb.destroy());

const CONNECTIONS = JSON.stringify({
  main: { engine: 'postgres', secret: 'arn:secret' },
  copy: { engine: 'dynamodb', named: 'ledger', table: 'stack-LedgerTable-1' },
  lake: { engine: 'files', bucket: 'lake' },
});

const open = (endpoint: Endpoint, secret = '{}') =>
  deployedEndpoints(CONNECTIONS, {
    dynamodb,
    bytes: () => {
      throw new Error('no bucket is to be read');
    },
    secret: () => ({ read: async () => secret }),
  })('source', endpoint);

const postgres = (connection: string): Endpoint => ({
  engine: 'postgres',
  connection,
  consistency: 'settled',
  schema: 'public',
  table: 'ledger',
});

describe('the sides of a sweep as a deployment has configured them', () => {
  it.each<[string, Endpoint]>([
    ['a connection that nobody configured', postgres('elsewhere')],
    ['a connection of another engine', postgres('copy')],
    ['another table', { engine: 'dynamodb', connection: 'copy', consistency: 'settled', table: 'secrets' }],
    [
      'another bucket',
      {
        engine: 'files',
        connection: 'lake',
        consistency: 'settled',
        location: { bucket: 'vault', prefix: '' },
        format: 'csv',
      },
    ],
    [
      'a path of a disk',
      { engine: 'files', connection: 'lake', consistency: 'settled', location: { path: '/etc/passwd' }, format: 'csv' },
    ],
  ])('refuses %s', async (_, endpoint) => {
    await expect(open(endpoint)).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  it('reads a database where the secret says that it is', async () => {
    const place = { host: '127.0.0.1', port: 9, dbname: 'd', username: 'u', password: 'p' };
    await expect(open(postgres('main'), JSON.stringify(place))).rejects.toMatchObject({ code: 'endpoint-failed' });
  });

  it('names the members that a secret lacks, and no word of it', () => {
    const wrong = JSON.stringify({ host: 'canary-host', port: 'canary-port', username: 'u', password: 'canary' });
    expect(() => parsePlace(wrong)).toThrowError(expect.objectContaining({ code: 'configuration-invalid' }));
    try {
      parsePlace(wrong);
    } catch (error) {
      expect(String(error)).toContain('port, dbname');
      expect(String(error)).not.toContain('canary');
    }
  });
});

describe('the store of a sweep in a bucket', () => {
  const sweep = '0123456789abcdef0123456789abcdef';

  it('keeps the first attempt, under what it is and whose it is', async () => {
    const objects = new MemoryObjectStore('sweep');
    const store = new ObjectSweepStore(objects, sweep);
    const [first, second] = [Buffer.from('first'), Buffer.from('second')];
    expect(await store.read('results/source/3/0')).toBeUndefined();
    expect(await store.create('results/source/3/0', first)).toBe(true);
    expect(await store.create('results/source/3/0', second)).toBe(false);
    expect(Buffer.from((await store.read('results/source/3/0')) ?? [])).toEqual(first);
    expect([...objects.versions.keys()]).toEqual([`results/${sweep}/source/3/0`]);
  });

  it('refuses an id that leads elsewhere', () => {
    expect(() => sweepObjectKey('../manifest', 'items')).toThrowError();
  });
});
