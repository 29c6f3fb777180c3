/** The salts rotate while submissions run: by the schedule’s function, in its own role, asked for by an administrator. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultHook } from '../../local/gateway/fault.ts';
import { runIdOf } from '../../shared/run-id.ts';
import { type Flow, grants, startFlow } from './support.ts';

let flow: Flow;
let admin: SecretsManagerClient;
let salts: string;
beforeAll(async () => {
  flow = await startFlow();
  const { cloud, connection } = flow;
  salts = cloud.deployment.find('AWS::SecretsManager::Secret', 'TokenSalts').arn;
  const role = cloud.deployment.find('AWS::IAM::Role', 'AdminRole').physicalId;
  const { accessKeyId, secretAccessKey, sessionToken = '' } = cloud.credentials(role);
  admin = new SecretsManagerClient({
    region: connection.region,
    endpoint: cloud.endpoint,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  });
}, 60_000);
afterAll(async () => {
  admin.destroy();
  await flow.remove();
});

const rotateNow = () => admin.send(new RotateSecretCommand({ SecretId: salts }));
/** Versions that have been made, and the one that is current. */
async function versions(): Promise<{ readonly count: number; readonly current: string | undefined }> {
  const { VersionIdsToStages = {} } = await admin.send(new DescribeSecretCommand({ SecretId: salts }));
  const staged = Object.entries(VersionIdsToStages);
  return { count: staged.length, current: staged.find(([, stages]) => stages.includes('AWSCURRENT'))?.[0] };
}

async function submit(name: string): Promise<string> {
  const { content, contentType } = grants('csv', { seed: name });
  return runIdOf(await flow.submit(`${name}.csv`, content, { contentType, key: `uploads/${name}.csv` }));
}

async function saltOf(run: string): Promise<string | undefined> {
  const { operator, connection } = flow;
  const found = await operator.dynamodb.send(
    new GetItemCommand({ TableName: connection.tables.runs, Key: { run: { S: run } } }),
  );
  return found.Item?.saltVersion?.S;
}

const ALL = { received: 20, exported: 20, quarantined: 0 };

describe('rotation of the salts, in mid-run', () => {
  it('[P02] [B04] lets a run end with the salt that it began with, whose tokens resolve; the next one takes the new salt', async () => {
    let rotating: Promise<unknown> | undefined;
    let rotated = false;
    // Ingestion dies with its first chunk, when the run has chosen its salt, and gets no further before the rotation is over.
    const hook: FaultHook = ({ operation, caller }) => {
      if (!caller.name.endsWith('-ingestion') || operation !== 'S3.PutObject') return undefined;
      if (rotated) return undefined;
      if (rotating !== undefined) return { kind: 'throttle' };
      rotating = rotateNow().then(async () => {
        while (!(await admin.send(new DescribeSecretCommand({ SecretId: salts }))).LastRotatedDate)
          await flow.cloud.executions();
        rotated = true;
      });
      return { kind: 'kill' };
    };
    flow.cloud.setHook(hook);
    const before = await submit('before');
    const { report } = await flow.settle(before);
    flow.cloud.setHook(undefined);
    await rotating;
    expect(rotated).toBe(true);
    expect(report).toMatchObject({ outcome: 'exported', records: ALL });
    expect(await saltOf(before)).toBe('1');

    const after = await submit('after');
    const second = await flow.settle(after);
    expect(second.report).toMatchObject({ outcome: 'exported', records: ALL });
    expect(await saltOf(after)).toBe('2');
  }, 90_000);

  it('[P02] is finished by the next attempt wherever its function was killed, and adds one version', async () => {
    await flow.cloud.idle();
    let calls = 0;
    const counted: FaultHook = ({ caller }) => {
      if (caller.name.endsWith('-salt-rotation')) calls += 1;
      return undefined;
    };
    flow.cloud.setHook(counted);
    await rotateNow();
    await flow.cloud.idle();
    const whole = calls;
    expect(whole).toBeGreaterThan(10);
    for (let at = 0; at < whole; at += 1) {
      const { current } = await versions();
      let call = 0;
      flow.cloud.setHook(({ caller }) => {
        if (!caller.name.endsWith('-salt-rotation')) return undefined;
        call += 1;
        return call === at + 1 ? { kind: 'kill', afterEffect: at % 2 === 0 } : undefined;
      });
      const { VersionId } = await rotateNow();
      await flow.cloud.idle();
      flow.cloud.setHook(undefined);
      // Killed after its last effect it has ended, and this begins another; otherwise it is taken up again.
      const again = await rotateNow().then(
        () => 'begun',
        (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
      );
      expect(['begun', 'InvalidRequestException'], `killed at call ${at + 1}`).toContain(again);
      await flow.cloud.idle();
      const ended = await versions();
      expect(ended.current, `killed at call ${at + 1}`).not.toBe(current);
      if (again !== 'begun') expect(ended.current).toBe(VersionId);
    }
    const run = await submit('at-last');
    expect((await flow.settle(run)).report).toMatchObject({ outcome: 'exported', records: ALL });
  }, 120_000);

  it('[P02] [P04] is asked for by whoever may, who sees no salt, and done by its function alone', async () => {
    await expect(admin.send(new GetSecretValueCommand({ SecretId: salts }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const { denials } = flow.cloud.report();
    const ours = denials.filter(({ caller }) => caller.kind === 'function');
    expect(ours).toEqual([]);
  });
});
