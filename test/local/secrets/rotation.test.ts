import { randomUUID } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import type { InvokeRotation } from '../../../local/secrets/plan.ts';
import { STEPS } from '../../../local/secrets/rotation.ts';
import { createSecretsService, type SecretsService } from '../../../local/secrets/service.ts';
import { bootCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud | undefined;
afterEach(async () => {
  expect(cloud?.defects).toEqual([]);
  await cloud?.close();
  cloud = undefined;
});

const DAY_MS = 24 * 3_600_000;
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:rotates';
const SecretId = 'parapet/rotated';
const RESOURCES = {
  Key: { Type: 'AWS::KMS::Key' },
  Rotated: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { Name: SecretId, KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] }, SecretString: 'first' },
  },
  Still: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'parapet/still' } },
  Schedule: {
    Type: 'AWS::SecretsManager::RotationSchedule',
    Properties: {
      SecretId: { Ref: 'Rotated' },
      RotationLambdaARN: FUNCTION,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediatelyOnUpdate: false,
    },
  },
};

async function boot(clock?: { now(): number }) {
  let service: SecretsService | undefined;
  let again: (() => SecretsService) | undefined;
  cloud = await bootCloud(RESOURCES, {
    services: async (means) => {
      again = () => {
        const made = createSecretsService({ ...means, keyRing: means.kms.keyRing, ...(clock ? { clock } : {}) });
        made.provision(means.deployment);
        return made;
      };
      service = again();
      return [service];
    },
  });
  const client = new SecretsManagerClient(cloud.client({ kind: 'root' }));
  const describeIt = () => client.send(new DescribeSecretCommand({ SecretId }));
  const value = async (VersionStage = 'AWSCURRENT') =>
    (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
  if (service === undefined || again === undefined) throw new Error('no service');
  /** The schedule has been tried: what is asked from now on is of rotations. */
  const start = async (invoke: InvokeRotation): Promise<void> => {
    let trying = true;
    rotations.start((...asked) => (trying ? Promise.resolve(true) : invoke(...asked)));
    await rotations.idle();
    trying = false;
  };
  const { rotations } = service;
  /** As the next process finds it. */
  const restarted = again;
  return { client, describeIt, value, rotations, start, restarted };
}

describe('rotation of a secret', () => {
  it('[P02] stages a version without a value, and asks the function for the four steps in their order', async () => {
    const { client, describeIt, rotations, start } = await boot();
    const asked: unknown[] = [];
    await start(async (functionArn, secretArn, payload) => {
      asked.push([functionArn, secretArn, JSON.parse(payload).Step, JSON.parse(payload).ClientRequestToken]);
      if (asked.length > 1) return true;
      const { VersionIdsToStages } = await describeIt();
      expect(VersionIdsToStages?.[token]).toEqual(['AWSPENDING']);
      await expect(client.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPENDING' }))).rejects.toThrow();
      await client.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: token,
          SecretString: 'x',
          VersionStages: ['AWSPENDING'],
        }),
      );
      return true;
    });
    const token = randomUUID();
    const answer = await client.send(new RotateSecretCommand({ SecretId, ClientRequestToken: token }));
    expect(answer.VersionId).toBe(token);
    await rotations.idle();
    expect(asked).toEqual(STEPS.map((step) => [FUNCTION, answer.ARN, step, token]));
    const { RotationEnabled, RotationRules, RotationLambdaARN, LastRotatedDate, NextRotationDate } = await describeIt();
    expect({ RotationEnabled, RotationRules, RotationLambdaARN }).toEqual({
      RotationEnabled: true,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotationLambdaARN: FUNCTION,
    });
    expect(Number(NextRotationDate) - Number(LastRotatedDate)).toBe(30 * DAY_MS);
  });

  it('[P02] stops at a step that fails, leaves the current value, and tries the same version again', async () => {
    const { client, value, rotations, start } = await boot();
    const asked: string[] = [];
    let failing = true;
    await start(async (_function, _secret, payload) => {
      const { Step, ClientRequestToken } = JSON.parse(payload);
      asked.push(`${Step} ${ClientRequestToken === token}`);
      return !(failing && Step === 'testSecret');
    });
    const token = randomUUID();
    await client.send(new RotateSecretCommand({ SecretId, ClientRequestToken: token }));
    await rotations.idle();
    expect(asked).toEqual(['createSecret true', 'setSecret true', 'testSecret true']);
    expect(await value()).toBe('first');
    failing = false;
    await expect(client.send(new RotateSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await rotations.idle();
    expect(asked.slice(3)).toEqual(STEPS.map((step) => `${step} true`));
  });

  it('[P02] rotates by the clock when its days are over, and not before', async () => {
    let now = Date.now();
    const { rotations, start } = await boot({ now: () => now });
    const asked: string[] = [];
    await start(async (_function, _secret, payload) => asked.push(JSON.parse(payload).Step) > 0);
    now += 29 * DAY_MS;
    rotations.tick();
    await rotations.idle();
    expect(asked).toEqual([]);
    now += 2 * DAY_MS;
    rotations.tick();
    await rotations.idle();
    expect(asked).toEqual([...STEPS]);
    rotations.tick();
    await rotations.idle();
    expect(asked).toHaveLength(STEPS.length);
  });

  it('[P02] tries a new schedule once: the third step alone, on a pending copy of the current value, which is gone afterwards', async () => {
    const { describeIt, value, client, rotations } = await boot();
    const asked: unknown[] = [];
    const trial: InvokeRotation = async (_function, _secret, payload) => {
      const { Step, ClientRequestToken } = JSON.parse(payload);
      asked.push([Step, (await describeIt()).VersionIdsToStages?.[ClientRequestToken], await value('AWSPENDING')]);
      // What the trial says changes nothing of the schedule.
      return false;
    };
    rotations.start(trial);
    await rotations.idle();
    expect(asked).toEqual([['testSecret', ['AWSPENDING'], 'first']]);
    const { VersionIdsToStages, RotationEnabled, LastRotatedDate } = await describeIt();
    expect(Object.values(VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
    expect([RotationEnabled, LastRotatedDate, await value()]).toEqual([true, undefined, 'first']);
    const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
    expect(Versions).toHaveLength(1);
    rotations.start(trial);
    await rotations.idle();
    expect(asked).toHaveLength(1);
  });

  it('[P02] lets a rotation that is asked for during the trial follow it', async () => {
    const { client, rotations } = await boot();
    const asked: string[] = [];
    const token = randomUUID();
    let begun: Promise<unknown> | undefined;
    rotations.start(async (_function, _secret, payload) => {
      const { Step, ClientRequestToken } = JSON.parse(payload);
      asked.push(`${Step} ${ClientRequestToken === token}`);
      begun ??= client.send(new RotateSecretCommand({ SecretId, ClientRequestToken: token }));
      await begun;
      return true;
    });
    await rotations.idle();
    expect(asked).toEqual(['testSecret false', ...STEPS.map((step) => `${step} true`)]);
  });

  it('[P02] makes a trial anew that a stop cut off, and leaves no version of it behind', async () => {
    const { client, value, rotations, restarted } = await boot();
    let asked = 0;
    const trial: InvokeRotation = async () => {
      asked += 1;
      if (asked === 1) rotations.stop();
      return true;
    };
    rotations.start(trial);
    await rotations.idle();
    expect(await value('AWSPENDING')).toBe('first');
    const next = restarted().rotations;
    next.start(trial);
    await next.idle();
    expect(asked).toBe(2);
    const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
    expect(Versions).toHaveLength(1);
  });

  it('refuses a secret without a schedule', async () => {
    const { client } = await boot();
    await expect(client.send(new RotateSecretCommand({ SecretId: 'parapet/still' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });
});
