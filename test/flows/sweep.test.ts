import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../cli/session/clients.ts';
import { writeConnection } from '../../cli/session/connection.ts';
import { type LocalDatabase, startDatabase } from '../../cli/session/database.ts';
import { type Sweeping, sweepingOn } from '../../cli/session/sweeping.ts';
import { type LedgerDatabase, loadLedger } from '../../cli/sweep/ledger-database.ts';
import { DynamoGateStore } from '../../functions/aws/gate-store.ts';
import { tripBreaker } from '../../functions/sweep/protocol/gate.ts';
import { parseEntries } from '../../shared/verdict/entries.ts';
import { jsonOf, parapet } from '../cli/run.ts';
import { type Flow, LEDGER, startFlow } from './support.ts';

let server: LocalDatabase;
let database: LedgerDatabase;
let flow: Flow;
let sweeping: Sweeping;

beforeAll(async () => {
  server = await startDatabase();
  database = await loadLedger(server.place, LEDGER);
  flow = await startFlow({ sweeps: true });
  sweeping = sweepingOn(flow.cloud);
  await sweeping.place('ledger-database', database.reader);
}, 120_000);

afterAll(async () => {
  sweeping.close();
  await flow.remove();
  await database.close();
  await server[Symbol.asyncDispose]();
});

const rows = LEDGER.grantors.length + LEDGER.grants.length;

describe('a sweep as deployed', () => {
  it('[S19] [S20] is started by its schedule, and ends in a sealed verdict: EQUAL', async () => {
    const { verdict } = await sweeping.sweep('ledger');
    expect(verdict).toMatchObject({ verdict: 'EQUAL', counts: { source: rows, target: rows }, reasons: [] });
    expect(flow.cloud.report()).toMatchObject({ denied: 0, denials: [], defects: [] });
  });

  it('[S13] [S17] begins no more once it tripped, until the operator has closed the breaker, and nobody else can', async () => {
    const file = join(flow.folder, 'connection.json');
    writeConnection(file, flow.connection);
    const ask = (...argv: readonly string[]) => parapet(...argv, '--connection', file);
    expect((await ask('gate', 'ledger')).code).toBe(0);
    const { accessKeyId, secretAccessKey } = flow.cloud.credentials();
    const { endpoint, region, tables } = flow.connection;
    const root = new DynamoDBClient({
      endpoint: endpoint ?? '',
      region,
      credentials: { accessKeyId, secretAccessKey },
    });
    const tripping = '0'.repeat(32);
    const trip = {
      cause: 'drift',
      seen: 0.5,
      allowed: 0.25,
      sweep: tripping,
      since: new Date().toISOString(),
    } as const;
    await tripBreaker(new DynamoGateStore(root, tables), 'ledger', trip);
    root.destroy();
    expect(await ask('gate', 'ledger')).toMatchObject({ code: 1, out: expect.stringContaining('closed (tripped)') });
    expect((await sweeping.sweep('ledger')).verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'breaker-open' }],
      counts: { source: 0, target: 0 },
    });

    const steward = connect(flow.connection, 'steward');
    const closing = { dataset: 'ledger', sweep: tripping, trip, closedAt: trip.since, by: 'x', reason: 'x' };
    for (const dynamodb of [steward.dynamodb, flow.uploader.dynamodb]) {
      await expect(new DynamoGateStore(dynamodb, tables).close(closing)).rejects.toMatchObject({
        code: 'access-denied',
      });
    }
    steward.close();
    // Whoever closes a breaker opens no gate.
    const operators = new DynamoGateStore(flow.operator.dynamodb, tables);
    const held = await operators.read('ledger');
    if (held === undefined) throw new Error('nothing is held');
    const emptied = { ...held.gate, trips: [] };
    await expect(operators.write(emptied, held.revision)).rejects.toMatchObject({ code: 'access-denied' });

    const closed = await ask('breaker', 'close', 'ledger', '--reason', 'the copy was repaired', '--json');
    expect(jsonOf(closed)).toMatchObject({ breaker: 'closed', closings: [{ reason: 'the copy was repaired' }] });
    expect((await ask('gate', 'ledger')).code).toBe(1);
    const { verdict, files } = await sweeping.sweep('ledger');
    expect(verdict.verdict).toBe('EQUAL');
    expect(parseEntries(files['entries.ndjson'])[0]).toMatchObject({
      action: 'breaker.closed',
      tripped: tripping,
      by: expect.stringMatching(/^arn:aws:(sts|iam)::.*operator/),
      reason: 'the copy was repaired',
    });
    expect((await ask('gate', 'ledger')).code).toBe(0);
    expect((await ask('breaker', 'list', '--json')).out).toContain('"breaker":"closed"');
  });
});
