import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KMSClient, ListAliasesCommand, ListKeysCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { openCallLog } from '../../../local/gateway/call-log.ts';
import type { Fault } from '../../../local/gateway/fault.ts';
import type { GatewayOptions } from '../../../local/gateway/gateway.ts';
import { temporaryFolder } from '../support/assembly.ts';
import { bootGateway, type TestGateway } from '../support/gateway.ts';
import { allow, gatewayEndpoint, isolated, LAMBDA, lambda, role, rule } from '../support/templates.ts';

const resources = { Worker: lambda('WorkerRole'), WorkerRole: role(LAMBDA, [allow(['s3:*', 'kms:*'])]) };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function boot(options: Partial<GatewayOptions> = {}, stack: object = resources) {
  const cloud = await bootGateway(stack, options);
  open.push(cloud);
  return { cloud, ...clients(cloud) };
}

function clients(cloud: TestGateway, maxAttempts = 1) {
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.key({ kind: 'function', name: 'S-Worker' });
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const common = { endpoint: cloud.gateway.endpoint, region: 'us-east-1', credentials, maxAttempts };
  return {
    kms: new KMSClient(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
    sfn: new SFNClient(common),
  };
}

const put = new PutObjectCommand({ Bucket: 'bucket', Key: 'a key', Body: 'payload' });

describe('the gateway', () => {
  it('serves the SDK’s clients by the signing name of their service', async () => {
    const { cloud, kms, s3 } = await boot();
    expect((await kms.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
    await s3.send(put);
    const echoed = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a key' }));
    expect(await echoed.Body?.transformToString()).toContain('"path":"/bucket/a%20key"');
    expect(cloud.gateway.counts()).toEqual({ 'KMS.ListAliases': 1, 'S3.GetObject': 1, 'S3.PutObject': 1 });
  });

  it('[B19] answers a denial in the words of the service', async () => {
    const { kms, s3 } = await boot({}, { Worker: lambda('WorkerRole'), WorkerRole: role(LAMBDA, []) });
    await expect(kms.send(new ListAliasesCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  });

  it('refuses by name what is not implemented: a service, an operation, a parameter', async () => {
    const { kms, sfn } = await boot();
    const refused = (what: string) => ({
      name: 'NotImplemented',
      message: expect.stringContaining(what),
      $metadata: { httpStatusCode: 501 },
    });
    await expect(sfn.send(new StartExecutionCommand({ stateMachineArn: 'arn' }))).rejects.toMatchObject(
      refused('the service states'),
    );
    await expect(kms.send(new ListResourceTagsCommand({ KeyId: 'k' }))).rejects.toMatchObject(
      refused('KMS.ListResourceTags'),
    );
    await expect(kms.send(new ListAliasesCommand({ Marker: 'm' }))).rejects.toMatchObject(
      refused('the parameter Marker'),
    );
  });

  it('answers a defect with an internal failure, says nothing of it, and goes on', async () => {
    const defects: unknown[] = [];
    const { kms } = await boot({ onDefect: (error) => defects.push(error) });
    await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'InternalFailure',
      message: expect.not.stringContaining('a defect'),
      $metadata: { httpStatusCode: 500 },
    });
    expect(defects).toMatchObject([{ message: 'a defect' }]);
    await kms.send(new ListAliasesCommand({}));
  });

  it('[P13] writes every call down: who, what, on what, allowed or not, and no payload', async () => {
    const folder = temporaryFolder();
    const { cloud, kms, s3 } = await boot({ log: openCallLog(folder) });
    await kms.send(new ListAliasesCommand({}));
    await s3.send(put);
    await kms.send(new ListResourceTagsCommand({ KeyId: 'k' })).catch(() => undefined);
    open.splice(0);
    await cloud.close();
    const text = readFileSync(join(folder, 'calls.ndjson'), 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const common = { caller: 'arn:aws:sts::000000000000:assumed-role/S-WorkerRole/S-Worker' };
    expect(lines).toMatchObject([
      {
        ...common,
        sequence: 1,
        operation: 'KMS.ListAliases',
        resources: ['arn:aws:test:::thing'],
        decision: 'allow',
        status: 200,
      },
      { ...common, sequence: 2, operation: 'S3.PutObject', decision: 'allow', status: 200 },
      {
        ...common,
        sequence: 3,
        operation: 'KMS.ListResourceTags',
        decision: 'none',
        status: 501,
        errorCode: 'NotImplemented',
      },
    ]);
    expect(text).not.toContain('payload');
  });

  it('[S01] lets a function in a VPC time out where no endpoint leads', async () => {
    const Everywhere = rule({ CidrIp: '0.0.0.0/0' });
    const stack = isolated({ S3: gatewayEndpoint('s3') }, [Everywhere], { WorkerRole: resources.WorkerRole });
    const { cloud, kms, s3 } = await boot({}, stack);
    await s3.send(put);
    await expect(kms.send(new ListAliasesCommand({}))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(cloud.records).toMatchObject([
      { operation: 'S3.PutObject', vpcEndpoint: expect.stringMatching(/^vpce-/), status: 200 },
      { operation: 'KMS.ListAliases', status: 0, errorCode: 'unreachable', decision: 'none' },
    ]);
  });
});

describe('a fault', () => {
  const all: readonly [Fault, string, number, readonly string[]][] = [
    [{ kind: 'throttle' }, 'ThrottlingException', 400, []],
    [{ kind: 'fail-before' }, 'InternalFailure', 500, []],
    [{ kind: 'fail-after' }, 'InternalFailure', 500, ['KMS.ListAliases']],
    [{ kind: 'fail-after', lost: true }, 'ECONNRESET', 0, ['KMS.ListAliases']],
    [{ kind: 'timeout' }, 'ECONNRESET', 0, []],
    [{ kind: 'kill' }, 'ECONNRESET', 0, []],
    [{ kind: 'kill', afterEffect: true }, 'ECONNRESET', 0, ['KMS.ListAliases']],
  ];

  it.each(all)('%j ends a JSON call with %s', async (fault, code, status, effects) => {
    const killed: string[] = [];
    const { cloud, kms } = await boot({ hook: () => fault, onKill: ({ name }) => killed.push(name) });
    const error = await kms.send(new ListAliasesCommand({})).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(status === 0 ? { code } : { name: code });
    expect(cloud.effects).toEqual(effects);
    expect(cloud.records).toMatchObject([{ fault: fault.kind, status }]);
    expect(killed).toEqual(fault.kind === 'kill' ? ['S-Worker'] : []);
  });

  it.each([
    [{ kind: 'throttle' } as const, 'SlowDown', 503, []],
    [{ kind: 'fail-before' } as const, 'InternalError', 500, []],
    [{ kind: 'fail-after' } as const, 'InternalError', 500, ['S3 PUT /bucket/a%20key']],
  ])('%j ends an S3 call with %s', async (fault, name, httpStatusCode, effects) => {
    const { cloud, s3 } = await boot({ hook: () => fault });
    await expect(s3.send(put)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(cloud.effects).toEqual(effects);
  });

  it('once is overcome by the SDK’s own retries, each a call of its own', async () => {
    for (const [fault] of all.filter(([{ kind }]) => kind !== 'kill')) {
      const seen: string[] = [];
      const { cloud } = await boot({
        hook: ({ sequence, operation, service, caller }) => {
          seen.push(`${sequence} ${service} ${operation} ${caller.name}`);
          return sequence === 1 ? fault : undefined;
        },
      });
      await clients(cloud, 3).kms.send(new ListAliasesCommand({}));
      expect(seen).toEqual(['1 kms KMS.ListAliases S-Worker', '2 kms KMS.ListAliases S-Worker']);
    }
  });
});
