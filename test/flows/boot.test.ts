import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud, CloudOptions } from '../../local/cloud.ts';
import type { Fault } from '../../local/gateway/fault.ts';
import { Problem } from '../../shared/problem.ts';
import { startBare, uploader } from './boot-support.ts';

let folder: string;
const open: Cloud[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-boot-'));
});
afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (options: Partial<CloudOptions> = {}): Promise<Cloud> => {
  const cloud = await startBare({ folder, ...options });
  open.push(cloud);
  return cloud;
};
const upload = async (cloud: Cloud, Key: string, Metadata: Record<string, string> = {}): Promise<string> => {
  const { s3, bucket: Bucket } = uploader(cloud);
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'a,b\n1,2\n', Metadata }));
  return VersionId ?? '';
};
const visited = (cloud: Cloud, arn: string): unknown[] =>
  cloud
    .history(arn)
    .filter(({ type }) => type === 'TaskStateEntered')
    .map(({ details }) => (typeof details === 'object' && details !== null && 'name' in details ? details.name : ''));

describe('the embedded cloud', () => {
  it('starts the flow of the real template for an uploaded object, and is idle when it has ended', async () => {
    const cloud = await start();
    const versionId = await upload(cloud, 'in/grants.csv');
    await cloud.idle();
    const [execution, ...more] = cloud.executions();
    expect(more).toEqual([]);
    expect(execution).toMatchObject({ machineName: 'parapet-boot-submission', status: 'SUCCEEDED' });
    expect(JSON.parse(execution?.input ?? 'null').detail.object).toMatchObject({
      key: 'in/grants.csv',
      'version-id': versionId,
    });
    expect(visited(cloud, execution?.arn ?? '')).toEqual([
      'ingestion',
      'reconciliation',
      'processing',
      'egress',
      'seal',
    ]);
    const report = cloud.report();
    expect(report).toMatchObject({ denied: 0, defects: [], operations: { 'S3.PutObject': 1, 'S3.HeadObject': 1 } });
    expect(report.calls).toBeGreaterThan(5);
  });

  it('retries a stage whose worker is killed in the middle of a call', async () => {
    const faults: Fault[] = [{ kind: 'kill' }];
    const cloud = await start({
      hook: ({ operation, caller }) =>
        operation === 'S3.HeadObject' && caller.kind === 'function' ? faults.shift() : undefined,
    });
    await upload(cloud, 'in/grants.csv');
    await cloud.idle();
    const [execution] = cloud.executions();
    expect(execution?.status).toBe('SUCCEEDED');
    const failures = cloud.history(execution?.arn ?? '').filter(({ type }) => type === 'TaskFailed');
    expect(failures.map(({ details }) => details)).toEqual([expect.objectContaining({ error: 'Runtime.ExitError' })]);
  });

  it('closes a run that was stopped, by the rule on the status of its execution', async () => {
    const cloud = await start();
    await upload(cloud, 'in/grants.csv', { slow: '2000' });
    await until(() => cloud.report().operations['S3.HeadObject'] === 1);
    await stopExecution(cloud);
    await cloud.idle();
    expect(cloud.executions().map(({ machineName, status }) => [machineName, status])).toEqual([
      ['parapet-boot-closing', 'SUCCEEDED'],
      ['parapet-boot-submission', 'ABORTED'],
    ]);
  });

  it('delivers twice what it is told to deliver twice', async () => {
    const cloud = await start({ disorder: { copies: 2, reversed: true } });
    await upload(cloud, 'in/grants.csv');
    await cloud.idle();
    expect(cloud.executions().map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  });

  it('keeps its state and the keys of its people over a restart', async () => {
    const first = await start();
    await upload(first, 'in/grants.csv');
    await first.idle();
    const before = first.executions();
    const key = first.credentials('parapet-boot-operator');
    await open.pop()?.stop();
    const second = await start();
    await second.idle();
    expect(second.executions()).toEqual(before);
    expect(second.credentials('parapet-boot-operator')).toEqual(key);
  });

  it('refuses a folder that is in use, and takes one whose holder was killed', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'boot-killed.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(startBare({ folder })).rejects.toMatchObject({
      code: 'usage-invalid',
      detail: expect.stringContaining(`process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');

    // What the killed process had begun is finished: the stage that was running begins again.
    const cloud = await start();
    expect(cloud.executions().map(({ status }) => status)).toEqual(['RUNNING']);
    await cloud.idle();
    const [execution] = cloud.executions();
    expect(execution?.status).toBe('SUCCEEDED');
    expect(visited(cloud, execution?.arn ?? '')).toEqual([
      'ingestion',
      'reconciliation',
      'processing',
      'egress',
      'seal',
    ]);
  });

  it('refuses a folder and a port that this process uses already', async () => {
    const cloud = await start();
    await expect(startBare({ folder })).rejects.toMatchObject({ code: 'usage-invalid' });
    const other = startBare({ folder: join(folder, 'other'), port: cloud.port });
    await expect(other).rejects.toMatchObject({ code: 'usage-invalid', detail: `Port ${cloud.port} is in use.` });
  });

  it('takes another endpoint only with credentials for it', async () => {
    const variables = { PARAPET_ENDPOINT_URL: 'http://127.0.0.1:1' };
    await expect(startBare({ folder, variables })).rejects.toMatchObject({ code: 'configuration-invalid' });
    // The folder is free again after a start that failed.
    const cloud = await start();
    expect(cloud.executions()).toEqual([]);
  });

  it('runs the flow over the storage of another endpoint', async () => {
    const other = await start();
    const versionId = await upload(other, 'in/grants.csv');
    await other.idle();
    const before = other.report().operations['S3.HeadObject'] ?? 0;
    const { accessKeyId, secretAccessKey } = other.credentials();
    const cloud = await start({
      folder: join(folder, 'orchestration'),
      variables: {
        PARAPET_ENDPOINT_URL: other.endpoint,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    const { accountId, region } = cloud.deployment;
    const { bucket } = uploader(cloud);
    cloud.emit({
      id: 'one',
      source: 'aws.s3',
      detailType: 'Object Created',
      time: '2026-01-02T03:04:05Z',
      account: accountId,
      region,
      resources: [],
      detail: {
        bucket: { name: bucket },
        object: { key: 'in/grants.csv', size: 8, 'version-id': versionId },
        'source-ip-address': '127.0.0.1',
      },
    });
    await cloud.idle();
    expect(cloud.executions().map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(other.report().operations['S3.HeadObject']).toBe(before + 1);
    expect(cloud.report().operations).toEqual({});
    // Whoever asks here for what is there is told where it is.
    const { s3 } = uploader(cloud);
    const misplaced = s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'in/here.csv', Body: '' }));
    await expect(misplaced).rejects.toThrow(`s3 is at ${other.endpoint}`);
  });

  it('lets nothing begin when the other endpoint cannot be prepared', async () => {
    const variables = {
      PARAPET_ENDPOINT_URL: 'http://127.0.0.1:1',
      PARAPET_ENDPOINT_ACCESS_KEY_ID: 'someone',
      PARAPET_ENDPOINT_SECRET_ACCESS_KEY: 'secret',
    };
    const asked: string[] = [];
    const refused = startBare({
      folder,
      variables,
      provision: async ({ url, credentials }, deployment) => {
        asked.push(url, credentials.accessKeyId, deployment.find('AWS::S3::Bucket', 'LandingBucket').logicalId);
        throw new Problem('not-implemented', { detail: 'It lacks something.' });
      },
    });
    await expect(refused).rejects.toMatchObject({ code: 'not-implemented' });
    expect(asked).toEqual(['http://127.0.0.1:1', 'someone', 'LandingBucket']);
    expect((await start()).executions()).toEqual([]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function stopExecution(cloud: Cloud): Promise<void> {
  const { accessKeyId, secretAccessKey } = cloud.credentials();
  const sfn = new SFNClient({
    region: cloud.deployment.region,
    endpoint: cloud.endpoint,
    credentials: { accessKeyId, secretAccessKey },
  });
  await sfn.send(new StopExecutionCommand({ executionArn: cloud.executions()[0]?.arn }));
}
