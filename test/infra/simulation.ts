/**
 * The synthesized policies, asked what AWS would ask them: each operation as the IAM requests that it is made of (the object
 * and its key, the table and its key). Decided by the very code that enforces them in the embedded cloud.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../infra/app.ts';
import type { DeploymentConfiguration } from '../../infra/config.ts';
import { createAuthorizer, type IamAuthorizer } from '../../local/iam/authorizer.ts';
import { type Callers, createCallers } from '../../local/iam/callers.ts';
import { readNetwork } from '../../local/iam/network/network.ts';
import { readRoles } from '../../local/iam/roles.ts';
import type { AccessRequest, Caller, DeployedResource, Deployment } from '../../local/service.ts';
import { readDeployment } from '../../local/template/deployment.ts';
import { fixtureEntries } from './templates.ts';

type Context = AccessRequest['context'];

export interface Simulation {
  readonly deployment: Deployment;
  readonly callers: Callers;
  /** Whether the caller may do all of it. */
  may(caller: Caller, requests: readonly AccessRequest[]): boolean;
  /** One object, with its key: `put` names the key unless `keyId` is null. */
  put(bucket: string, object: string, key: string | null, more?: Context): AccessRequest[];
  get(bucket: string, object: string, key: string, action?: string): AccessRequest[];
  bucket(action: string, bucket: string, more?: Context): AccessRequest[];
  table(action: string, table: string, more?: Context): AccessRequest[];
  secret(): AccessRequest[];
  key(action: string, key: string, context?: Context): AccessRequest[];
  arn(type: string, id: string): string;
}

const REGION = 'us-east-1';

const member = (value: unknown, name: string): unknown =>
  Object.entries(value ?? {}).find(([key]) => key === name)?.[1];

export function simulate(config: DeploymentConfiguration): Simulation {
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-simulation-'));
  try {
    synthesize({ config, outdir, entries: fixtureEntries });
    return simulation(readDeployment(outdir, { region: REGION }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function simulation(deployment: Deployment): Simulation {
  const roles = readRoles(deployment);
  const network = readNetwork(deployment);
  const callers = createCallers({ deployment, roles, network });
  const authorizer: IamAuthorizer = createAuthorizer({
    deployment,
    roles,
    network,
    clock: { now: () => 1_800_000_000_000 },
  });
  const resourceAccount = deployment.accountId;

  const policyOf = (type: string, property: string, physicalId: string, member: string): unknown =>
    deployment.ofType(type).find((policy) => policy.properties[property] === physicalId)?.properties[member];
  const bucketRequest = (bucket: DeployedResource, action: string, object: string | undefined, context: Context) => ({
    action,
    resource: object === undefined ? bucket.arn : `${bucket.arn}/${object}`,
    context: { 's3:TlsVersion': '1.3', ...context },
    resourcePolicy: policyOf('AWS::S3::BucketPolicy', 'Bucket', bucket.physicalId, 'PolicyDocument'),
    resourceAccount,
  });
  const keyRequest = (key: DeployedResource, action: string, context: Context): AccessRequest => ({
    action,
    resource: key.arn,
    context: { 'kms:CallerAccount': deployment.accountId, ...context },
    resourcePolicy: key.properties.KeyPolicy,
    resourceAccount,
  });
  const via = (service: string, context: Context): Context => ({
    'aws:ViaAWSService': 'true',
    'kms:ViaService': `${service}.${REGION}.amazonaws.com`,
    ...context,
  });
  const bucketNamed = (name: string) => deployment.find('AWS::S3::Bucket', name);
  const keyNamed = (name: string) => deployment.find('AWS::KMS::Key', name);

  return {
    deployment,
    callers,
    may: (caller, requests) => requests.every((request) => authorizer.decide(caller, request).decision === 'allow'),
    put: (name, object, keyName, more = {}) => {
      const bucket = bucketNamed(name);
      const key = keyName === null ? undefined : keyNamed(keyName);
      const named = key && {
        's3:x-amz-server-side-encryption': 'aws:kms',
        's3:x-amz-server-side-encryption-aws-kms-key-id': key.arn,
      };
      const context = { 's3:ObjectCreationOperation': 'true', ...named, ...more };
      return [
        bucketRequest(bucket, 's3:PutObject', object, context),
        ...(key
          ? [keyRequest(key, 'kms:GenerateDataKey', via('s3', { 'kms:EncryptionContext:aws:s3:arn': bucket.arn }))]
          : []),
      ];
    },
    get: (name, object, keyName, action = 's3:GetObject') => {
      const bucket = bucketNamed(name);
      return [
        bucketRequest(bucket, action, object, {}),
        keyRequest(keyNamed(keyName), 'kms:Decrypt', via('s3', { 'kms:EncryptionContext:aws:s3:arn': bucket.arn })),
      ];
    },
    bucket: (action, name, more = {}) => [bucketRequest(bucketNamed(name), action, undefined, more)],
    table: (action, name, more = {}) => {
      const table = deployment.find('AWS::DynamoDB::Table', name);
      const resourcePolicy = member(table.properties.ResourcePolicy, 'PolicyDocument');
      return [
        { action, resource: table.arn, context: more, resourcePolicy, resourceAccount },
        keyRequest(
          keyNamed('TablesKey'),
          'kms:Decrypt',
          via('dynamodb', { 'kms:EncryptionContext:aws:dynamodb:tableName': table.physicalId }),
        ),
      ];
    },
    secret: () => {
      const secret = deployment.find('AWS::SecretsManager::Secret', 'TokenSalts');
      const resourcePolicy = policyOf(
        'AWS::SecretsManager::ResourcePolicy',
        'SecretId',
        secret.physicalId,
        'ResourcePolicy',
      );
      return [
        { action: 'secretsmanager:GetSecretValue', resource: secret.arn, context: {}, resourcePolicy, resourceAccount },
        keyRequest(
          keyNamed('SecretsKey'),
          'kms:Decrypt',
          via('secretsmanager', { 'kms:EncryptionContext:SecretARN': secret.arn }),
        ),
      ];
    },
    key: (action, name, context = {}) => [keyRequest(keyNamed(name), action, context)],
    arn: (type, id) => deployment.find(type, id).arn,
  };
}
