import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoCredentialStore } from '../../functions/aws/credential-store.ts';
import { DynamoGateStore } from '../../functions/aws/gate-store.ts';
import { DynamoIdempotencyStore } from '../../functions/aws/idempotency-store.ts';
import { KmsKeyService } from '../../functions/aws/key-service.ts';
import { S3ObjectStore } from '../../functions/aws/object-store.ts';
import { DynamoRunStore } from '../../functions/aws/run-store.ts';
import { SecretsManagerSource } from '../../functions/aws/secret-source.ts';
import { KmsSigner } from '../../functions/aws/signer.ts';
import { DynamoSubjectKeyStore } from '../../functions/aws/subject-key-store.ts';
import { createDynamoDbService } from '../../local/dynamodb/service.ts';
import { createS3Service } from '../../local/s3/service.ts';
import { createSecretsService } from '../../local/secrets/service.ts';
import { TABLES } from '../../shared/names.ts';
import { bootCloud, type TestCloud } from '../local/support/cloud.ts';
import { gateStoreCases } from './gate-store.cases.ts';
import { objectStoreCases } from './object-store.cases.ts';
import { runStoreCases } from './run-store.cases.ts';
import {
  credentialStoreCases,
  idempotencyStoreCases,
  keyServiceCases,
  signerCases,
  subjectKeyStoreCases,
} from './tables.cases.ts';

const bucket = (BucketName: string) => ({
  Type: 'AWS::S3::Bucket',
  Properties: { BucketName, VersioningConfiguration: { Status: 'Enabled' } },
});

const table = (TableName: keyof typeof TABLES) => {
  const shape: { readonly partitionKey: string; readonly sortKey?: string } = TABLES[TableName];
  const keys = [
    { AttributeName: shape.partitionKey, KeyType: 'HASH' },
    ...(shape.sortKey === undefined ? [] : [{ AttributeName: shape.sortKey, KeyType: 'RANGE' }]),
  ];
  const AttributeDefinitions = keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' }));
  const Properties = { TableName, KeySchema: keys, AttributeDefinitions, BillingMode: 'PAY_PER_REQUEST' };
  return { Type: 'AWS::DynamoDB::Table', Properties };
};

const resources = {
  Data: { Type: 'AWS::KMS::Key' },
  Seal: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' } },
  Source: bucket('source'),
  Store: bucket('store'),
  Runs: table('runs'),
  Credentials: table('credentials'),
  Idempotency: table('idempotency'),
  SubjectKeys: table('subjectKeys'),
  Gates: table('gates'),
  Closings: table('closings'),
  Salts: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'salts', SecretString: '{"current":"1"}' } },
};

let cloud: TestCloud;
let s3: S3Client;
let dynamodb: DynamoDBClient;
let kms: KMSClient;
let secrets: SecretsManagerClient;
let ordinal = 0;

beforeAll(async () => {
  cloud = await bootCloud(resources, {
    services: async (means) => {
      const shared = { ...means, keyRing: means.kms.keyRing };
      const storage = createS3Service(shared);
      const held = createSecretsService(shared);
      const tables = await createDynamoDbService(shared);
      for (const service of [storage, held]) service.provision(means.deployment);
      await tables.provision(means.deployment);
      return [{ service: storage }, held, tables];
    },
  });
  const config = cloud.client({ kind: 'root' });
  const checksums = {
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const;
  s3 = new S3Client({ ...config, ...checksums });
  dynamodb = new DynamoDBClient(config);
  kms = new KMSClient(config);
  secrets = new SecretsManagerClient(config);
});
afterAll(async () => {
  for (const client of [s3, dynamodb, kms, secrets]) client?.destroy();
  expect(cloud.defects).toEqual([]);
  await cloud.close();
});

const fresh = (): string => {
  ordinal += 1;
  return ordinal.toString(16).padStart(32, '0');
};
const keyArn = (name: string): string => cloud.deployment.find('AWS::KMS::Key', name).arn;

// The adapters with the real SDK clients, through signatures, policies and the services of the embedded cloud.
describe('ports on the embedded cloud', () => {
  describe('ObjectStore', () => {
    objectStoreCases(async () => {
      const open = (name: string) => new S3ObjectStore({ client: s3, bucket: name, key: keyArn('Data') });
      return { source: open('source'), store: open('store'), prefix: `${fresh()}/` };
    });

    it('writes nothing through a store that was opened to read', async () => {
      const store = new S3ObjectStore({ client: s3, bucket: 'store' });
      await expect(store.put('a', Buffer.from('a'), { contentType: 'text/plain' })).rejects.toMatchObject({
        code: 'configuration-invalid',
      });
    });
  });
  describe('RunStore', () => {
    runStoreCases(async () => ({ store: new DynamoRunStore(dynamodb, 'runs'), run: fresh() }));
  });
  describe('CredentialStore', () => {
    credentialStoreCases(async () => ({ store: new DynamoCredentialStore(dynamodb, 'credentials'), name: fresh() }));
  });
  describe('IdempotencyStore', () => {
    idempotencyStoreCases(async () => ({ store: new DynamoIdempotencyStore(dynamodb, 'idempotency'), name: fresh() }));
  });
  describe('GateStore', () => {
    gateStoreCases(async () => ({
      store: new DynamoGateStore(dynamodb, { gates: 'gates', closings: 'closings' }),
      dataset: `things-${fresh()}`,
    }));
  });
  describe('SubjectKeyStore', () => {
    subjectKeyStoreCases(async () => ({ store: new DynamoSubjectKeyStore(dynamodb, 'subjectKeys'), name: fresh() }));
  });
  describe('KeyService', () => {
    keyServiceCases(async () => ({ store: new KmsKeyService(kms, keyArn('Data')), name: fresh() }));
  });
  describe('Signer', () => {
    signerCases(async () => ({ store: new KmsSigner(kms, keyArn('Seal')), name: fresh() }));
  });

  it('[P01] fetches a secret at run time and keeps it for minutes, not longer', async () => {
    let nowMs = 0;
    let fetched = 0;
    secrets.middlewareStack.add(
      (next) => (given) => {
        fetched += 1;
        return next(given);
      },
      { step: 'initialize' },
    );
    const source = new SecretsManagerSource(secrets, 'salts', { now: () => nowMs });
    expect([await source.read(), await source.read()]).toEqual(['{"current":"1"}', '{"current":"1"}']);
    expect(fetched).toBe(1);
    nowMs = 5 * 60_000;
    await source.read();
    expect(fetched).toBe(2);
    expect((await secrets.send(new GetSecretValueCommand({ SecretId: 'salts' }))).Name).toBe('salts');
  });
});
