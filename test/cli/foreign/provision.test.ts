import { rmSync } from 'node:fs';
import { GetBucketEncryptionCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { foreignClients } from '../../../cli/foreign/clients.ts';
import { provision } from '../../../cli/foreign/provision.ts';
import { ApiError, type Deployment } from '../../../local/service.ts';
import { Problem } from '../../../shared/problem.ts';
import { temporaryFolder } from '../../local/support/assembly.ts';
import { deploy } from '../../local/support/iam.ts';
import { type Endpoint, type EndpointOptions, startEndpoint } from '../../support/endpoint/endpoint.ts';

const arn = (of: string) => ({ 'Fn::GetAtt': [of, 'Arn'] });
const key = (properties: object = {}) => ({ Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {}, ...properties } });
const alias = (of: string) => ({
  Type: 'AWS::KMS::Alias',
  Properties: { AliasName: `alias/test/${of.toLowerCase()}`, TargetKeyId: arn(of) },
});
const bucket = (more: object = {}) => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn('VaultKey') } },
      ],
    },
    ...more,
  },
});
const writeOnce = (of: string) => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: of },
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:PutObject',
          Resource: { 'Fn::Sub': `\${${of}.Arn}/entries/*` },
          Condition: { Null: { 's3:if-none-match': 'true' } },
        },
      ],
    },
  },
});

/** What the probes look at, and one of each kind that can be lacking. */
const RESOURCES = {
  VaultKey: key({ EnableKeyRotation: true }),
  VaultAlias: alias('VaultKey'),
  SealSigningKey: key({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
  SealAlias: alias('SealSigningKey'),
  LandingBucket: bucket(),
  WorkingBucket: bucket({
    LifecycleConfiguration: {
      Rules: [{ Id: 'Old', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 3 } }],
    },
  }),
  AuditBucket: bucket({
    ObjectLockEnabled: true,
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
    },
  }),
  WorkingPolicy: writeOnce('WorkingBucket'),
  AuditPolicy: writeOnce('AuditBucket'),
  RunsTable: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'run', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'run', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn('VaultKey') },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    },
  },
  TokenSalts: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      KmsKeyId: arn('VaultKey'),
      GenerateSecretString: { SecretStringTemplate: '{"current":"1"}', GenerateStringKey: '1', PasswordLength: 64 },
    },
  },
};

const KEY = 'AKIAOFTHEOTHERENDPOINT';
const credentials = { accessKeyId: KEY, secretAccessKey: 'secret', sessionToken: undefined };
let endpoint: Endpoint | undefined;
let folder = '';
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
  rmSync(folder, { recursive: true, force: true });
});
async function start(options: Partial<EndpointOptions> = {}): Promise<Endpoint> {
  folder = temporaryFolder();
  endpoint = await startEndpoint({ folder, ...options });
  return endpoint;
}
const prepare = ({ url }: Pick<Endpoint, 'url'>, deployment: Deployment = deploy(RESOURCES)) =>
  provision({ url, credentials }, deployment);
const refusing = (...operations: readonly string[]): Partial<EndpointOptions> => ({
  refuse: (operation) => (operations.includes(operation) ? new ApiError('NotImplemented', 'No.', 501) : undefined),
});
async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw new Error('there was no problem', { cause: error });
}

describe('what the templates have, at another endpoint', () => {
  it('is made once, under the names that it has there, and protected as the templates say', async () => {
    const there = await start();
    const deployment = deploy(RESOURCES);
    const { arns, kept, notes } = await prepare(there, deployment);
    const vault = arns.get(deployment.find('AWS::KMS::Key', 'VaultKey').arn);
    expect(vault).toMatch(/^arn:aws:kms:us-east-1:210987654321:key\//);
    expect(arns.get(deployment.find('AWS::SecretsManager::Secret', 'TokenSalts').arn)).toMatch(/:210987654321:secret:/);
    expect(kept.size).toBe(0);
    expect(notes).toHaveLength(2);
    const audit = there.declared.find('AWS::S3::Bucket', deployment.find('AWS::S3::Bucket', 'AuditBucket').physicalId);
    expect(audit.properties).toMatchObject({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: '1' } } },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const clients = foreignClients({ url: there.url, credentials }, 'us-east-1');
    const encryption = await clients.s3.send(new GetBucketEncryptionCommand({ Bucket: audit.physicalId }));
    clients.close();
    const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
    expect(rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).toBe(vault);

    const before = { ...there.operations };
    const again = await prepare(there, deployment);
    expect([...again.arns].toSorted()).toEqual([...arns].toSorted());
    for (const operation of ['S3.CreateBucket', 'KMS.CreateKey', 'DynamoDB.CreateTable', 'SecretsManager.CreateSecret'])
      expect(there.operations[operation]).toBe(before[operation]);
    expect(there.operations['DynamoDB.UpdateTimeToLive']).toBe(1);
  });

  it.each([
    ['S3.CreateBucket', /S3 CreateBucket \(AuditBucket, LandingBucket, WorkingBucket\): NotImplemented, HTTP 501/],
    ['S3.PutBucketVersioning', /S3 PutBucketVersioning \(AuditBucket, LandingBucket, WorkingBucket\): /],
    ['S3.PutObjectLockConfiguration', /S3 PutObjectLockConfiguration \(AuditBucket\): NotImplemented, HTTP 501/],
    ['S3.PutBucketEncryption', /S3 PutBucketEncryption \(.*LandingBucket/],
    ['S3.ListObjectVersions', /S3 ListObjectVersions \(LandingBucket\)/],
    ['KMS.CreateKey', /KMS CreateKey SYMMETRIC_DEFAULT \(VaultKey\)/],
    ['KMS.CreateAlias', /KMS CreateAlias \(SealSigningKey, VaultKey\)/],
    ['KMS.Sign', /KMS Sign ED25519_SHA_512 \(SealSigningKey\)/],
    ['DynamoDB.CreateTable', /DynamoDB CreateTable \(RunsTable\)/],
    ['SecretsManager.CreateSecret', /SecretsManager CreateSecret \(TokenSalts\)/],
  ])('is refused where %s is lacking, with the operation and its resources', async (operation, expected) => {
    const problem = await problemOf(prepare(await start(refusing(operation))));
    expect(problem.code).toBe('not-implemented');
    expect(problem.detail).toMatch(expected);
  });

  it('is made without what the flow can do without, and says what is missing then', async () => {
    const there = await start(
      refusing('S3.PutBucketLifecycleConfiguration', 'DynamoDB.UpdateTimeToLive', 'KMS.EnableKeyRotation'),
    );
    expect((await prepare(there)).notes.slice(2)).toEqual([
      'KMS EnableKeyRotation (VaultKey): NotImplemented, HTTP 501; the key does not rotate',
      expect.stringMatching(
        /^(S3 PutBucketLifecycleConfiguration \(WorkingBucket\)|DynamoDB UpdateTimeToLive \(RunsTable\))/,
      ),
      expect.stringMatching(
        /^(S3 PutBucketLifecycleConfiguration \(WorkingBucket\)|DynamoDB UpdateTimeToLive \(RunsTable\))/,
      ),
    ]);
  });

  it('is refused where conditions of writes are ignored: two runs would write one entry', async () => {
    const problem = await problemOf(prepare(await start({ ignored: ['if-none-match'] })));
    expect(problem.detail).toContain('S3 PutObject If-None-Match (WorkingBucket): written twice');
  });

  it('goes without bucket policies where their conditions are not read, and takes them away again', async () => {
    let policed = false;
    const there = await start({
      refuse: (operation) => {
        if (operation === 'S3.PutBucketPolicy') policed = true;
        if (operation === 'S3.DeleteBucketPolicy') policed = false;
        const denied = policed && operation === 'S3.PutObject';
        return denied ? new ApiError('AccessDenied', 'No.', 403) : undefined;
      },
    });
    const { notes } = await prepare(there);
    expect(notes.slice(2)).toEqual([
      expect.stringMatching(/^S3 PutBucketPolicy \(AuditBucket, WorkingBucket\): refuses what no condition refuses; /),
    ]);
    expect(there.operations['S3.PutBucketPolicy']).toBe(1);
  });

  it('leaves a signing key that cannot be made to the embedded cloud, where the endpoint takes anybody', async () => {
    const lacksEd25519: EndpointOptions['refuse'] = (operation, { bytes }) =>
      operation === 'KMS.CreateKey' && bytes?.includes('ECC_NIST_EDWARDS25519')
        ? new ApiError('ValidationException', 'Not one of the known specs.', 400)
        : undefined;
    const deployment = deploy(RESOURCES);
    const { arns, kept, notes } = await prepare(await start({ refuse: lacksEd25519 }), deployment);
    const { arn: seal } = deployment.find('AWS::KMS::Key', 'SealSigningKey');
    expect([...kept]).toEqual([seal]);
    expect(arns.has(seal)).toBe(false);
    expect(notes).toContain(
      'KMS CreateKey ECC_NIST_EDWARDS25519 (SealSigningKey): ValidationException, HTTP 400; the embedded cloud keeps the key',
    );
    await endpoint?.close();
    const strict = await start({ refuse: lacksEd25519, accessKeyId: KEY });
    const problem = await problemOf(prepare(strict, deployment));
    expect(problem.code).toBe('not-implemented');
    expect(problem.detail).toContain('KMS CreateKey ECC_NIST_EDWARDS25519 (SealSigningKey)');
  });

  it('tells who may not from what cannot, and both from what is not there', async () => {
    const strict = await start({ accessKeyId: 'AKIAOFSOMEBODYELSE' });
    expect((await problemOf(prepare(strict))).code).toBe('access-denied');
    const { url } = strict;
    await strict.close();
    endpoint = undefined;
    const gone = await problemOf(prepare({ url }));
    expect(gone.code).toBe('endpoint-failed');
    expect(gone.detail).toContain('ECONNREFUSED');
  });

  it('does not take what is something else for its own', async () => {
    const there = await start();
    await prepare(there);
    const otherKey = deploy({
      ...RESOURCES,
      SealSigningKey: key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    });
    expect((await problemOf(prepare(there, otherKey))).code).toBe('configuration-invalid');
    const { RunsTable } = RESOURCES;
    const sorted = {
      ...RunsTable.Properties,
      AttributeDefinitions: [...RunsTable.Properties.AttributeDefinitions, { AttributeName: 'at', AttributeType: 'S' }],
      KeySchema: [...RunsTable.Properties.KeySchema, { AttributeName: 'at', KeyType: 'RANGE' }],
    };
    const otherTable = deploy({ ...RESOURCES, RunsTable: { ...RunsTable, Properties: sorted } });
    expect((await problemOf(prepare(there, otherTable))).code).toBe('configuration-invalid');
  });

  it('refuses a property that nothing would make there', async () => {
    const { RunsTable } = RESOURCES;
    const streaming = { ...RunsTable.Properties, StreamSpecification: { StreamViewType: 'NEW_IMAGE' } };
    const deployment = deploy({ ...RESOURCES, RunsTable: { ...RunsTable, Properties: streaming } });
    const problem = await problemOf(prepare(await start(), deployment));
    expect(problem.code).toBe('not-implemented');
    expect(problem.detail).toContain('RunsTable at another endpoint: StreamSpecification');
  });
});
