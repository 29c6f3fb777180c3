import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../cli/session/clients.ts';
import { writeConnection } from '../../cli/session/connection.ts';
import { type LocalDatabase, startDatabase } from '../../cli/session/database.ts';
import { type Sweeping, sweepingOn } from '../../cli/session/sweeping.ts';
import { type LedgerDatabase, loadLedger } from '../../cli/sweep/ledger-database.ts';
import { DynamoGateStore } from '../../functions/aws/gate-store.ts';
import { tripBreaker } from '../../functions/sweep/protocol/gate.ts';
import type { FaultCall } from '../../local/gateway/fault.ts';
import { parseEntries } from '../../shared/verdict/entries.ts';
import type { Verdict } from '../../shared/verdict/schema.ts';
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

afterEach(() => flow.cloud.setHook(undefined));

afterAll(async () => {
  sweeping?.close();
  await flow?.remove();
  await database?.close();
  await server?.[Symbol.asyncDispose]();
});

const rows = LEDGER.grantors.length + LEDGER.grants.length;
const CANARY = 'Canary Foundation 5f1c';
const steps = (call: FaultCall, step: string): boolean => call.caller.name.endsWith(`-sweep-${step}`);
const found = ({ divergences }: Verdict) =>
  divergences.list.map(({ kind, key, columns }) => [kind, key.map(({ value }) => value).join('/'), columns ?? []]);

const PLANTED = [
  ['extra', 'grant/GRA-0002', []],
  ['changed', 'grantor/GTR-0001', ['name']],
  ['missing', 'grantor/GTR-9999', []],
];

async function plant(): Promise<void> {
  await database.query("UPDATE ledger SET name = $1 WHERE id = 'GTR-0001'", [CANARY]);
  await database.query("DELETE FROM ledger WHERE id = 'GRA-0002'");
  await database.query("INSERT INTO ledger (kind, id, name) VALUES ('grantor', 'GTR-9999', 'x')");
}

describe('a sweep as deployed', () => {
  it('[S19] [S20] is started by its schedule, and ends in a sealed verdict: EQUAL', async () => {
    const { verdict } = await sweeping.sweep('ledger');
    expect(verdict).toMatchObject({
      verdict: 'EQUAL',
      reasons: [],
      counts: { source: rows, target: rows },
      coverage: { columns: { masked: ['ein'] } },
    });
    const { denied, denials, defects, unusedGrants } = flow.cloud.report();
    expect({ denied, denials, defects }).toEqual({ denied: 0, denials: [], defects: [] });
    expect(unusedGrants.filter(({ role, because }) => /Sweep/.test(role) && because === undefined)).toEqual([]);
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

  it('[S16] names exactly the rows that differ, and no value of them anywhere', async () => {
    await plant();
    const { verdict, execution, files } = await sweeping.sweep('ledger');
    expect(verdict.verdict).toBe('DIVERGED');
    expect(found(verdict)).toEqual(PLANTED);
    expect(verdict.divergences).toMatchObject({ missing: 1, extra: 1, changed: 1 });
    const children = flow.cloud.executions().flatMap(({ arn }) => flow.cloud.history(arn));
    const said = JSON.stringify([children, Object.values(files)]);
    for (const secret of [CANARY, database.reader.password, '94-3932606']) expect(said).not.toContain(secret);
    expect(JSON.stringify(flow.cloud.history(execution))).not.toContain('GTR-9999');
  });

  it('says the same when a worker is killed, and when one is delivered twice after its result was committed', async () => {
    const before = await sweeping.sweep('ledger');
    let killed = 0;
    let repeated = 0;
    flow.cloud.setHook((call) => {
      if (!steps(call, 'hash')) return undefined;
      if (call.operation === 'KMS.Decrypt' && killed === 0) {
        killed += 1;
        return { kind: 'kill' };
      }
      // Its result stands, and nobody heard so: the state machine invokes it again.
      if (call.operation === 'S3.PutObject' && repeated === 0) {
        repeated += 1;
        return { kind: 'kill', afterEffect: true };
      }
      return undefined;
    });
    const { verdict } = await sweeping.sweep('ledger');
    expect([killed, repeated]).toEqual([1, 1]);
    expect(found(verdict)).toEqual(found(before.verdict));
    expect(verdict.counts).toEqual(before.verdict.counts);
    expect(verdict.fingerprints).not.toEqual(before.verdict.fingerprints);
  });

  it('is INCONCLUSIVE where the source may no longer be read, with the reason', async () => {
    await database.query('REVOKE SELECT ON ledger FROM parapet_sweep');
    const { verdict } = await sweeping.sweep('ledger');
    await database.query('GRANT SELECT ON ledger TO parapet_sweep');
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'access-denied', side: 'source' }] });
  });

  it('is INCONCLUSIVE where a partition of the target cannot be read', async () => {
    flow.cloud.setHook((call) =>
      steps(call, 'hash') && call.operation === 'DynamoDB.Scan' ? { kind: 'fail-before' } : undefined,
    );
    const { verdict } = await sweeping.sweep('ledger');
    expect(verdict.verdict).toBe('INCONCLUSIVE');
    expect(verdict.reasons).toMatchObject([{ code: 'partition-unread', side: 'target' }]);
  });

  it('reports an execution that somebody stopped, by the rule on its status', async () => {
    const { accessKeyId, secretAccessKey, sessionToken = '' } = flow.cloud.credentials();
    const { endpoint, deployment } = flow.cloud;
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
    const states = new SFNClient({ endpoint, region: deployment.region, credentials });
    let stopping: Promise<unknown> | undefined;
    flow.cloud.setHook((call) => {
      if (!steps(call, 'compare')) return undefined;
      const running = flow.cloud
        .executions()
        .find(({ status, machineName }) => status === 'RUNNING' && machineName.endsWith('-sweep'));
      if (running !== undefined) {
        stopping ??= states.send(new StopExecutionCommand({ executionArn: running.arn })).catch(() => undefined);
      }
      // Compare gets no further until then.
      return { kind: 'fail-before' };
    });
    const { verdict } = await sweeping.sweep('ledger');
    await stopping;
    states.destroy();
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'interrupted' }] });
  });
});
