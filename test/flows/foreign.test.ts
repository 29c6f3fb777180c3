import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConnection } from '../../cli/session/connection.ts';
import { askCustodian } from '../../cli/session/custody.ts';
import { type Endpoint, startEndpoint } from '../support/endpoint/endpoint.ts';
import { type Flow, grants, startFlow } from './support.ts';

const KEY = 'AKIAOFTHEOTHERENDPOINT';

describe('the submission flow over another endpoint', () => {
  let folder: string;
  let endpoint: Endpoint;
  let flow: Flow;
  const told: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parapet-endpoint-'));
    endpoint = await startEndpoint({ folder: join(folder, 'endpoint'), accessKeyId: KEY });
    vi.stubEnv('PARAPET_ENDPOINT_URL', endpoint.url);
    vi.stubEnv('PARAPET_ENDPOINT_ACCESS_KEY_ID', KEY);
    vi.stubEnv('PARAPET_ENDPOINT_SECRET_ACCESS_KEY', 'not looked at');
    flow = await startFlow({ folder: join(folder, 'flow'), tell: (line) => told.push(line) });
  });
  afterAll(async () => {
    await flow?.stop();
    await endpoint.close();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes an upload there to a seal that verifies with the public key alone, and holds nothing here', async () => {
    const { content, contentType } = grants('csv', { seed: 'foreign', records: 60, faults: 0.3 });
    const { run } = await flow.submit('there.csv', content, { contentType });
    const { report, seal } = await flow.settle(run);
    expect(report.outcome).toBe('partly-exported');
    expect(report.records.received).toBe(60);
    expect(seal.counts).toEqual(report.records);
    // The custodian works there as well.
    const segment = report.quarantine.find(({ stage }) => stage === 'ingestion');
    if (segment === undefined) throw new Error('nothing was turned away');
    const custody = await askCustodian(flow.operator, flow.connection, 'discard', segment);
    expect((await flow.settle(custody)).seal.actions['quarantine.discarded']).toBe(1);
    await flow.cloud.idle();
    const here = Object.keys(flow.cloud.report().operations);
    expect(here.filter((operation) => !/^(SFN|States|STS)\./.test(operation))).toEqual([]);
    expect(flow.cloud.report()).toMatchObject({ denied: 0, defects: [] });
  });

  it('calls it with the credentials that were given for it, says so, and writes them nowhere', () => {
    expect([...endpoint.callers].map(([service, keys]) => [service, ...keys]).toSorted()).toEqual([
      ['dynamodb', KEY],
      ['kms', KEY],
      ['s3', KEY],
      ['secretsmanager', KEY],
    ]);
    expect(told.some((line) => line.startsWith('IAM is the business of that endpoint'))).toBe(true);
    expect(readFileSync(flow.connectionFile, 'utf8')).not.toContain(KEY);
    expect(readConnection(flow.connectionFile)).toMatchObject({ storageEndpoint: endpoint.url });
  });

  it('makes nothing twice, and notices after a restart what landed meanwhile, once', async () => {
    const before = { ...endpoint.operations };
    const executions = flow.cloud.executions().length;
    const { sealKey } = flow.connection;
    await flow.cloud.stop();
    const { content, contentType } = grants('ndjson', { seed: 'meanwhile', records: 5 });
    const { run } = await flow.submit('meanwhile.ndjson', content, { contentType });
    await flow.stop();
    flow = await startFlow({ folder: join(folder, 'flow') });
    expect((await flow.settle(run)).report.outcome).toBe('exported');
    await flow.cloud.idle();
    await flow.cloud.idle();
    expect(flow.cloud.executions()).toHaveLength(executions + 1);
    expect(flow.connection.sealKey).toBe(sealKey);
    for (const operation of [
      'S3.CreateBucket',
      'DynamoDB.CreateTable',
      'KMS.CreateKey',
      'SecretsManager.CreateSecret',
    ]) {
      expect(before[operation]).toBeGreaterThan(0);
      expect(endpoint.operations[operation]).toBe(before[operation]);
    }
  });
});
