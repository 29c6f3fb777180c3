import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../../infra/app.ts';
import { createDynamoDbService } from '../../../local/dynamodb/service.ts';
import { createSecretsService } from '../../../local/secrets/service.ts';
import { readDeployment, type TemplateDeployment } from '../../../local/template/deployment.ts';
import { STAGES } from '../../../shared/names.ts';
import { type CompiledPolicy, compilePolicy } from '../../../shared/policy/document.ts';
import type { PolicyKind } from '../../../shared/policy/statement.ts';
import { configuration, fixtureEntries } from '../../infra/templates.ts';
import { temporaryFolder } from '../support/assembly.ts';
import { bootDeployedCloud, type TestCloud } from '../support/cloud.ts';

let deployment: TemplateDeployment;
let cloud: TestCloud;
beforeAll(async () => {
  const outdir = join(temporaryFolder(), 'cdk.out');
  synthesize({ config: configuration('sandbox'), outdir, entries: fixtureEntries });
  deployment = readDeployment(outdir);
  cloud = await bootDeployedCloud(deployment, {
    services: async (means) => {
      const common = { ...means, keyRing: means.kms.keyRing };
      const tables = await createDynamoDbService(common);
      await tables.provision(deployment);
      const secrets = createSecretsService(common);
      secrets.provision(deployment);
      return [tables, secrets];
    },
  });
});
afterAll(async () => {
  expect(cloud.defects).toEqual([]);
  await cloud.close();
});

const functionOf = (stage: string): string => `parapet-test-${stage}`;
const clientOf = (stage: string) => cloud.client({ kind: 'function', name: functionOf(stage) });
const SecretId = () => deployment.find('AWS::SecretsManager::Secret', 'TokenSalts').arn;

describe('the synthesized templates', () => {
  it('[B19] hold no policy that IAM would refuse', () => {
    const documents: readonly [string, string, PolicyKind][] = [
      ['AWS::S3::BucketPolicy', 'PolicyDocument', 'resource'],
      ['AWS::SQS::QueuePolicy', 'PolicyDocument', 'resource'],
      ['AWS::SNS::TopicPolicy', 'PolicyDocument', 'resource'],
      ['AWS::KMS::Key', 'KeyPolicy', 'resource'],
      ['AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy', 'resource'],
      ['AWS::EC2::VPCEndpoint', 'PolicyDocument', 'endpoint'],
      ['AWS::IAM::ManagedPolicy', 'PolicyDocument', 'identity'],
    ];
    const ofResources = documents.flatMap(([type, property, kind]) =>
      deployment.ofType(type).map(({ logicalId, properties }) => compilePolicy(properties[property], kind, logicalId)),
    );
    const ofRoles = [...cloud.roles.values()].flatMap(({ trust, identity }) => [trust, ...identity]);
    const all: readonly CompiledPolicy[] = [...ofResources, ...ofRoles];
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter(({ fault }) => fault !== undefined).map(({ name, fault }) => `${name}: ${fault}`)).toEqual([]);
  });

  it('[S01] lead each stage to the services that it calls, and to no others', () => {
    const services = ['s3', 'dynamodb', 'kms', 'secretsmanager', 'sts', 'states', 'sqs', 'lambda', 'events'];
    const reached = STAGES.map((stage) => [
      stage,
      services.filter((service) => cloud.callers.reaches(functionOf(stage), service)),
    ]);
    const common = ['s3', 'dynamodb', 'kms'];
    expect(Object.fromEntries(reached)).toEqual({
      ingestion: [...common, 'secretsmanager'],
      reconciliation: common,
      processing: common,
      egress: common,
      seal: common,
    });
  });

  it('[B04] let ingestion alone read the salts, over the real client', async () => {
    const value = await new SecretsManagerClient(clientOf('ingestion')).send(
      new GetSecretValueCommand({ SecretId: SecretId() }),
    );
    expect(JSON.parse(value.SecretString ?? '')).toMatchObject({ current: '1', 1: expect.stringMatching(/^.{32,}$/) });
    const reconciliation = new SecretsManagerClient(clientOf('reconciliation'));
    await expect(reconciliation.send(new GetSecretValueCommand({ SecretId: SecretId() }))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    const root = new SecretsManagerClient(cloud.client({ kind: 'root' }));
    await expect(root.send(new GetSecretValueCommand({ SecretId: SecretId() }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('[B22] let ingestion make the keys of the vault under its own context, and nobody else', async () => {
    const KeyId = deployment.find('AWS::KMS::Key', 'VaultKey').arn;
    const make = (stage: string, purpose = 'vault') =>
      new KMSClient(clientOf(stage)).send(
        new GenerateDataKeyCommand({
          KeyId,
          KeySpec: 'AES_256',
          EncryptionContext: { purpose, stage: 'ingestion', run: 'r' },
        }),
      );
    await make('ingestion');
    await expect(make('ingestion', 'quarantine')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    for (const stage of STAGES.slice(1))
      await expect(make(stage)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('[B08] let no stage write the ledger', async () => {
    const TableName = deployment.find('AWS::DynamoDB::Table', 'Ledger').physicalId;
    const Item = { kind: { S: 'grantor' }, id: { S: 'x' } };
    for (const stage of STAGES) {
      const put = new DynamoDBClient(clientOf(stage)).send(new PutItemCommand({ TableName, Item }));
      await expect(put, stage).rejects.toMatchObject({ name: 'AccessDeniedException' });
    }
  });
});
