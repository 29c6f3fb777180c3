import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { createSecretsService } from '../../../local/secrets/service.ts';
import { bootCloud, type TestCloud } from '../support/cloud.ts';
import { allow, LAMBDA, lambda, policy, ROOT, role, type Statement } from '../support/templates.ts';

let cloud: TestCloud | undefined;
afterEach(async () => {
  expect(cloud?.defects).toEqual([]);
  await cloud?.close();
  cloud = undefined;
});

const salts = (properties: object = {}) => ({
  Type: 'AWS::SecretsManager::Secret',
  Properties: {
    Name: 'parapet/salts',
    KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
    GenerateSecretString: {
      SecretStringTemplate: '{"current":"1"}',
      GenerateStringKey: '1',
      PasswordLength: 64,
      ExcludePunctuation: true,
    },
    ...properties,
  },
});

async function boot(more: object = {}, folder?: string) {
  cloud = await bootCloud(
    { Key: { Type: 'AWS::KMS::Key' }, Salts: salts(), ...more },
    {
      ...(folder === undefined ? {} : { folder }),
      services: async (means) => {
        const secrets = createSecretsService({ ...means, keyRing: means.kms.keyRing });
        secrets.provision(means.deployment);
        return [secrets];
      },
    },
  );
  return {
    cloud,
    client: new SecretsManagerClient(cloud.client({ kind: 'root' })),
    arn: cloud.deployment.find('AWS::SecretsManager::Secret', 'Salts').arn,
  };
}

const SecretId = 'parapet/salts';
const get = (client: SecretsManagerClient, more: object = {}) =>
  client.send(new GetSecretValueCommand({ SecretId, ...more }));
const put = (client: SecretsManagerClient, SecretString: string, more: object = {}) =>
  client.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken: randomUUID(), ...more }));

describe('a secret', () => {
  it('[P01] has a first value as its template asks for it, and is read by name or ARN', async () => {
    const { client, arn } = await boot();
    const value = await get(client);
    expect(value).toMatchObject({ ARN: arn, Name: SecretId, VersionStages: ['AWSCURRENT'] });
    const { current, 1: salt } = JSON.parse(value.SecretString ?? '');
    expect(current).toBe('1');
    expect(salt).toMatch(/^[A-Za-z0-9]{64}$/);
    for (const name of [arn, arn.slice(0, -7)])
      expect(await get(client, { SecretId: name })).toMatchObject({ ARN: arn });
  });

  it('[B04] has another value in another state, and the same after a restart', async () => {
    const first = await boot();
    const { SecretString } = await get(first.client);
    const { folder } = first.cloud;
    await first.cloud.close();
    const again = await boot({}, folder);
    expect((await get(again.client)).SecretString).toBe(SecretString);
    await again.cloud.close();
    const other = await boot();
    expect((await get(other.client)).SecretString).not.toBe(SecretString);
  });

  it('[P01] lies encrypted on disk', async () => {
    const { cloud, client } = await boot();
    await put(client, 'canary-of-the-secret');
    await cloud.close();
    const files = ['state.sqlite', 'state.sqlite-wal'].map((name) => {
      try {
        return readFileSync(join(cloud.folder, name)).toString('latin1');
      } catch {
        return '';
      }
    });
    expect(files.join('')).toContain('secrets_versions');
    expect(files.join('')).not.toContain('canary-of-the-secret');
  });

  it('keeps its former value as the previous one', async () => {
    const { client } = await boot();
    const { SecretString: before } = await get(client);
    await put(client, 'second');
    expect((await get(client)).SecretString).toBe('second');
    expect((await get(client, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe(before);
    await put(client, 'third');
    const described = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(
      Object.values(described.VersionIdsToStages ?? {})
        .flat()
        .sort(),
    ).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    const all = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
    expect(all.Versions).toHaveLength(3);
  });

  it('[P02] is rotated in steps: a pending version beside the current one, then the stage moves, and can move back', async () => {
    const { client } = await boot();
    const { VersionId: old } = await get(client);
    const { VersionId: pending } = await put(client, 'pending', { VersionStages: ['AWSPENDING'] });
    expect((await get(client)).VersionId).toBe(old);
    expect((await get(client, { VersionStage: 'AWSPENDING' })).SecretString).toBe('pending');
    const move = (MoveToVersionId?: string, RemoveFromVersionId?: string) =>
      client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId,
          RemoveFromVersionId,
        }),
      );
    await expect(move(pending)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(move(undefined, old)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await move(pending, old);
    expect((await get(client)).SecretString).toBe('pending');
    expect((await get(client, { VersionStage: 'AWSPREVIOUS' })).VersionId).toBe(old);
    await move(old, pending);
    expect((await get(client)).VersionId).toBe(old);
    expect((await get(client, { VersionStage: 'AWSPREVIOUS' })).VersionId).toBe(pending);
  });

  it('takes the same version twice, but no other value for it', async () => {
    const { client } = await boot();
    const ClientRequestToken = randomUUID();
    await put(client, 'same', { ClientRequestToken });
    expect(await put(client, 'same', { ClientRequestToken })).toMatchObject({ VersionId: ClientRequestToken });
    await expect(put(client, 'other', { ClientRequestToken })).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });

  it('may be bytes', async () => {
    const { client } = await boot();
    await client.send(new PutSecretValueCommand({ SecretId, SecretBinary: Uint8Array.of(0, 255) }));
    const value = await get(client);
    expect(value.SecretBinary).toEqual(Uint8Array.of(0, 255));
    expect(value.SecretString).toBeUndefined();
  });

  it('answers for what is not there, and refuses by name what is not implemented', async () => {
    const { client } = await boot();
    await expect(get(client, { SecretId: 'absent' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(get(client, { VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(get(client, { VersionId: randomUUID() })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(client.send(new RestoreSecretCommand({ SecretId }))).rejects.toMatchObject({
      message: 'The embedded cloud does not implement SecretsManager.RestoreSecret.',
      $metadata: { httpStatusCode: 501 },
    });
  });

  it('cannot be read while its key is disabled', async () => {
    const { cloud, client } = await boot();
    const kms = new KMSClient(cloud.client({ kind: 'root' }));
    await kms.send(new DisableKeyCommand({ KeyId: cloud.deployment.find('AWS::KMS::Key', 'Key').arn }));
    await expect(get(client)).rejects.toMatchObject({ name: 'DecryptionFailure' });
    await expect(put(client, 'x')).rejects.toMatchObject({ name: 'EncryptionFailure' });
  });
});

describe('reading a secret', () => {
  const viaSecrets = (arn: string) =>
    allow('kms:Decrypt', {
      Condition: {
        StringEquals: {
          'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
          'kms:EncryptionContext:SecretARN': arn,
        },
        Null: { 'kms:EncryptionContext:SecretVersionId': 'false' },
      },
    });
  const ARN = /^arn/;

  async function asWorker(statements: (arn: string) => readonly Statement[], resourcePolicy?: Statement) {
    const { arn } = await boot();
    await cloud?.close();
    const { cloud: booted } = await boot({
      Worker: lambda('WorkerRole'),
      WorkerRole: role(LAMBDA, statements(arn)),
      ...(resourcePolicy === undefined
        ? {}
        : {
            Policy: {
              Type: 'AWS::SecretsManager::ResourcePolicy',
              Properties: { SecretId: { Ref: 'Salts' }, ResourcePolicy: policy(resourcePolicy) },
            },
          }),
    });
    return new SecretsManagerClient(booted.client({ kind: 'function', name: 'S-Worker' }));
  }
  const denied = { name: 'AccessDeniedException' };
  const onSecret = (arn: string, more: Statement = {}) =>
    allow('secretsmanager:GetSecretValue', { Resource: arn, ...more });

  it('[P01] needs the secret and its key, each for itself', async () => {
    await expect(get(await asWorker((arn) => [onSecret(arn), viaSecrets(arn)]))).resolves.toMatchObject({
      ARN: expect.stringMatching(ARN),
    });
    await expect(get(await asWorker((arn) => [viaSecrets(arn)]))).rejects.toMatchObject(denied);
    await expect(get(await asWorker((arn) => [onSecret(arn)]))).rejects.toMatchObject(denied);
    await expect(get(await asWorker((arn) => [onSecret(arn), viaSecrets(`${arn}2`)]))).rejects.toMatchObject(denied);
  });

  it('[B19] is none to change it', async () => {
    const client = await asWorker((arn) => [onSecret(arn), viaSecrets(arn)]);
    await expect(put(client, 'x')).rejects.toMatchObject(denied);
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject(denied);
    await expect(client.send(new ListSecretVersionIdsCommand({ SecretId }))).rejects.toMatchObject(denied);
  });

  it('[P01] may be refused by the secret’s own policy, and does not tell an absent secret from a denied one', async () => {
    const deny = {
      ...allow('secretsmanager:GetSecretValue'),
      Effect: 'Deny',
      Principal: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalAccount': 'x' } },
    };
    const client = await asWorker((arn) => [onSecret(arn), viaSecrets(arn)], deny);
    await expect(get(client)).rejects.toMatchObject(denied);
    await expect(get(client, { SecretId: 'absent' })).rejects.toMatchObject(denied);
  });

  it('may be granted by the secret’s own policy to a role that it names', async () => {
    const principal = { AWS: 'arn:aws:iam::000000000000:role/S-WorkerRole' };
    const client = await asWorker(
      (arn) => [viaSecrets(arn)],
      allow('secretsmanager:GetSecretValue', { Principal: principal }),
    );
    await get(client);
    const account = allow('secretsmanager:GetSecretValue', { Principal: { AWS: ROOT } });
    await expect(get(await asWorker((arn) => [viaSecrets(arn)], account))).rejects.toMatchObject(denied);
  });

  it('may be limited to a stage', async () => {
    const Condition = { 'ForAnyValue:StringEquals': { 'secretsmanager:VersionStage': 'AWSCURRENT' } };
    const client = await asWorker((arn) => [onSecret(arn, { Condition }), viaSecrets(arn)]);
    await get(client);
    await expect(get(client, { VersionStage: 'AWSPENDING' })).rejects.toMatchObject(denied);
  });
});
