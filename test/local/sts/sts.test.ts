import { KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import { createStsService } from '../../../local/sts/service.ts';
import { bootCloud, type TestCloud } from '../support/cloud.ts';
import { testClock } from '../support/iam.ts';
import { allow, LAMBDA, lambda, policy, ROOT, role } from '../support/templates.ts';

const trusting = (Condition: object, statements: readonly object[] = []) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { AWS: ROOT },
      Action: 'sts:AssumeRole',
      Condition,
    }),
    ...(statements.length === 0
      ? {}
      : { Policies: [{ PolicyName: 'access', PolicyDocument: policy(...statements.map((each) => ({ ...each }))) }] }),
  },
});
const withMfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
const resources = {
  Operator: trusting(withMfa, [allow('kms:ListAliases')]),
  Named: trusting({ StringEquals: { 'sts:ExternalId': 'partner-7' } }),
  Worker: lambda('WorkerRole'),
  WorkerRole: role(LAMBDA, [allow('sts:AssumeRole')]),
};
const arn = (name: string): string => `arn:aws:iam::000000000000:role/S-${name}`;

let cloud: TestCloud | undefined;
afterEach(async () => {
  expect(cloud?.defects).toEqual([]);
  await cloud?.close();
  cloud = undefined;
});

async function boot(): Promise<TestCloud> {
  cloud = await bootCloud(resources, {
    clock: testClock(Date.now()),
    services: async (means) => [{ service: createStsService(means) }],
  });
  return cloud;
}
const assume = (client: STSClient, name: string, more: object = {}) =>
  client.send(new AssumeRoleCommand({ RoleArn: arn(name), RoleSessionName: 'ann', ...more }));

describe('STS', () => {
  it('tells everybody who they are', async () => {
    const cloud = await boot();
    const as = async (holder: Parameters<TestCloud['client']>[0]) =>
      new STSClient(cloud.client(holder)).send(new GetCallerIdentityCommand({}));
    expect(await as({ kind: 'root' })).toMatchObject({ Account: '000000000000', Arn: ROOT, UserId: '000000000000' });
    expect(await as({ kind: 'function', name: 'S-Worker' })).toMatchObject({
      Arn: 'arn:aws:sts::000000000000:assumed-role/S-WorkerRole/S-Worker',
      UserId: expect.stringMatching(/^AROA[0-9A-F]{17}:S-Worker$/),
    });
    expect(cloud.records.map(({ operation }) => operation)).toEqual(['STS.GetCallerIdentity', 'STS.GetCallerIdentity']);
  });

  it('[P04] gives a person a session of a role that trusts the account under a second factor', async () => {
    const cloud = await boot();
    const { Credentials, AssumedRoleUser } = await assume(new STSClient(cloud.client({ kind: 'root' })), 'Operator', {
      DurationSeconds: 900,
    });
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::000000000000:assumed-role/S-Operator/ann');
    expect(Credentials?.Expiration).toEqual(new Date(cloud.clock.now() + 900_000));
    const {
      AccessKeyId: accessKeyId = '',
      SecretAccessKey: secretAccessKey = '',
      SessionToken: sessionToken = '',
    } = Credentials ?? {};
    const credentials = { accessKeyId, secretAccessKey, sessionToken };
    const kms = new KMSClient({ ...cloud.client({ kind: 'root' }), credentials });
    await kms.send(new ListAliasesCommand({}));
    expect(cloud.records.at(-1)).toMatchObject({ caller: AssumedRoleUser?.Arn, decision: 'allow' });
  });

  it('[P04] refuses a role whose trust does not hold, and one that is not there, alike', async () => {
    const cloud = await boot();
    const root = new STSClient(cloud.client({ kind: 'root' }));
    const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
    await expect(assume(root, 'Named')).rejects.toMatchObject(denied);
    await assume(root, 'Named', { ExternalId: 'partner-7' });
    await expect(assume(root, 'WorkerRole')).rejects.toMatchObject(denied);
    await expect(assume(root, 'Nobody')).rejects.toMatchObject(denied);
  });

  it('[B19] lets no function into a person’s role, though its own policy would: it has no second factor', async () => {
    const cloud = await boot();
    const worker = new STSClient(cloud.client({ kind: 'function', name: 'S-Worker' }));
    await expect(assume(worker, 'Operator')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('refuses a session that is longer than the role allows, and what it does not implement', async () => {
    const cloud = await boot();
    const root = new STSClient(cloud.client({ kind: 'root' }));
    await expect(assume(root, 'Operator', { DurationSeconds: 3_601 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(assume(root, 'Operator', { Policy: '{}' })).rejects.toMatchObject({
      message: expect.stringContaining('the parameter Policy'),
    });
    await expect(root.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining('STS.GetSessionToken'),
    });
  });
});
