import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTORS } from '../../infra/principals.ts';
import { investigationQueries } from '../../infra/queries/queries.ts';
import { TRAIL_COLUMNS } from '../../infra/queries/trail-columns.ts';
import { resources } from './templates.ts';
import { ACCOUNT, byService, inRole, object, record, type Trail, type TrailRecord, trailOf } from './trail-records.ts';

const TABLE = '"parapet_test"."trail"';
const key = (id: string): string => `arn:aws:kms:us-east-1:${ACCOUNT}:key/${id}`;
const [ours, another] = [key('1111'), key('2222')];
const stage = (name: string): object => inRole(`parapet-test-${name}`);
const mallory = inRole('Admin', 'mallory');
const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const denied = { errorCode: 'AccessDenied', errorMessage: 'is not authorized' };
const using = (arn: string): TrailRecord => ({ resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: arn }] });

/** One day of a deployment in which everything happens that somebody will ask about. */
const RECORDS: readonly TrailRecord[] = [
  record('s3:GetObject', '2026-11-10T08:00:00Z', stage('egress'), object('vault', 'a/1.json', { versionId: 'v1' })),
  record('s3:GetObject', '2026-11-12T09:00:00Z', mallory, { ...object('vault', 'a/1.json'), ...denied }),
  record('s3:GetObject', '2026-10-01T09:00:00Z', mallory, object('vault', 'a/1.json')),
  record('s3:GetObject', '2026-11-13T09:00:00Z', mallory, object('vault', 'a/2.json')),
  record('s3:GetObject', '2026-11-13T09:00:00Z', mallory, object('other', 'a/1.json')),
  record('s3:PutObject', '2026-11-09T08:00:00Z', stage('ingestion'), object('vault', 'a/1.json')),
  record('s3:CopyObject', '2026-11-14T10:00:00Z', mallory, {
    ...object('elsewhere', 'stolen.json', { 'x-amz-copy-source': '/vault/a%2F1.json?versionId=v1' }),
    awsRegion: 'eu-central-1',
  }),
  record('s3:DeleteObject', '2026-11-15T07:00:00Z', stage('seal'), object('landing', 'up.csv', { versionId: 'v7' })),
  record('s3:DeleteObject', '2026-11-15T08:00:00Z', mallory, object('audit', 'seals/x/seal.json')),
  record('dynamodb:DeleteTable', '2026-11-15T09:00:00Z', mallory, {
    requestParameters: { tableName: 'runs' },
    ...denied,
  }),
  record('dynamodb:UpdateItem', '2026-11-15T09:00:00Z', stage('seal'), { requestParameters: { tableName: 'runs' } }),
  record('kms:ScheduleKeyDeletion', '2026-11-15T10:00:00Z', mallory, {
    requestParameters: { keyId: ours },
    ...using(ours),
  }),
  record(
    'kms:Decrypt',
    '2026-11-10T08:00:00Z',
    inRole('parapet-test-egress', 's', { invokedBy: 's3.amazonaws.com' }),
    using(ours),
  ),
  record('kms:Decrypt', '2026-11-16T08:00:00Z', mallory, { ...using(ours), ...denied }),
  record('kms:Decrypt', '2026-11-16T08:05:00Z', mallory, using(ours)),
  record('kms:Decrypt', '2026-11-16T08:05:00Z', mallory, using(another)),
  record('kms:DescribeKey', '2026-11-16T08:05:00Z', mallory, using(ours)),
  record('kms:GenerateDataKey', '2026-11-16T08:06:00Z', byService('logs.amazonaws.com'), using(ours)),
  // Named like a stage, but not one.
  record('kms:Sign', '2026-11-16T09:00:00Z', inRole('parapet-test-seal-2'), using(ours)),
  record('kms:ReEncrypt', '2026-11-16T10:00:00Z', inRole('Engineer'), {
    resources: [{ ARN: another }, { ARN: ours }],
  }),
  record(
    's3:PutBucketPolicy',
    '2026-11-17T08:00:00Z',
    inRole('Deployer', 's', { invokedBy: 'cloudformation.amazonaws.com' }),
    {
      requestParameters: { bucketName: 'vault', bucketPolicy: { Statement: [] } },
    },
  ),
  record('s3:GetBucketPolicy', '2026-11-17T08:00:00Z', mallory, { requestParameters: { bucketName: 'vault' } }),
  record('kms:PutKeyPolicy', '2026-11-17T09:00:00Z', mallory, { requestParameters: { keyId: ours }, ...using(ours) }),
  record('iam:AttachRolePolicy', '2026-11-17T10:00:00Z', mallory, {
    requestParameters: { roleName: 'parapet-test-egress' },
  }),
  record('lambda:AddPermission20150331v2', '2026-11-17T11:00:00Z', mallory, {
    requestParameters: { functionName: 'parapet-test-egress' },
  }),
  record('cloudtrail:StopLogging', '2026-11-17T12:00:00Z', mallory, {
    requestParameters: { name: 'parapet-test-trail' },
  }),
  record(
    'signin:ConsoleLogin',
    '2026-11-18T08:00:00Z',
    { type: 'IAMUser', userName: 'eve' },
    {
      responseElements: { ConsoleLogin: 'Failure' },
      additionalEventData: { MFAUsed: 'No' },
      errorMessage: 'Failed authentication',
    },
  ),
  record(
    'signin:ConsoleLogin',
    '2026-11-18T08:01:00Z',
    { type: 'IAMUser', userName: 'alice' },
    {
      responseElements: { ConsoleLogin: 'Success' },
      additionalEventData: { MFAUsed: 'Yes' },
    },
  ),
  record(
    'sts:AssumeRole',
    '2026-11-18T09:00:00Z',
    { type: 'IAMUser', userName: 'eve' },
    {
      requestParameters: { roleArn: roleArn('parapet-test-operator') },
      ...denied,
    },
  ),
  record('sts:AssumeRole', '2026-11-18T09:00:00Z', byService('lambda.amazonaws.com'), {
    requestParameters: { roleArn: roleArn('parapet-test-seal') },
  }),
];

const QUERIES = investigationQueries({
  trail: TABLE,
  keys: [ours],
  stages: ACTORS.map((actor) => `parapet-test-${actor}`),
});

let trail: Trail;
beforeAll(async () => {
  trail = await trailOf(RECORDS, TABLE);
});
afterAll(() => {
  trail.close();
});

async function ask(name: string, ...parameters: string[]): Promise<Record<string, unknown>[]> {
  const query = QUERIES.find((each) => each.name === name);
  if (query === undefined) throw new Error(`no query is called ${name}`);
  expect(parameters).toHaveLength(query.parameters.length);
  return trail.ask(query.sql, parameters);
}

describe('the questions of an investigator', () => {
  it('[P12] who read this object in the last 30 days: also whoever was refused, and whoever copied it away', async () => {
    const answers = await ask('who-read-object', 'vault', 'a/1.json');
    expect(
      answers.map(({ eventtime, principal, eventname, errorcode }) => [eventtime, principal, eventname, errorcode]),
    ).toEqual([
      ['2026-11-14T10:00:00Z', roleArn('Admin'), 'CopyObject', null],
      ['2026-11-12T09:00:00Z', roleArn('Admin'), 'GetObject', 'AccessDenied'],
      ['2026-11-10T08:00:00Z', roleArn('parapet-test-egress'), 'GetObject', null],
    ]);
    expect(answers[2]).toMatchObject({ version: 'v1', sourceipaddress: '203.0.113.7' });
  });

  it('[P12] who was refused: by principal and operation, the most often first', async () => {
    const answers = await ask('failed-access', '2026/11/01');
    expect(answers.map(({ principal, eventname, refusals }) => [principal, eventname, refusals])).toEqual([
      // One of each, and so the latest first. A user without a session has a name and no ARN here.
      ['IAMUser', 'AssumeRole', '1'],
      [roleArn('Admin'), 'Decrypt', '1'],
      [roleArn('Admin'), 'DeleteTable', '1'],
      [roleArn('Admin'), 'GetObject', '1'],
    ]);
    expect(await ask('failed-access', '2026/11/19')).toEqual([]);
  });

  it('[P12] who used the keys outside the pipeline: no stage, no service for itself, no other key', async () => {
    const answers = await ask('key-use-outside-pipeline', '2026/11/01');
    expect(answers.map(({ principal, eventname, uses, refusals }) => [principal, eventname, uses, refusals])).toEqual([
      [roleArn('Admin'), 'Decrypt', '2', '1'],
      [roleArn('Engineer'), 'ReEncrypt', '1', '0'],
      [roleArn('parapet-test-seal-2'), 'Sign', '1', '0'],
    ]);
  });

  it('[P12] what was deleted: objects, versions, tables and keys; what the stages delete as they should comes last', async () => {
    const answers = await ask('deletions', '2026/11/15');
    expect(
      answers.map(({ eventname, target, object_key, version, by_stage }) => [
        eventname,
        target,
        object_key,
        version,
        by_stage,
      ]),
    ).toEqual([
      ['StopLogging', 'parapet-test-trail', null, null, false],
      ['ScheduleKeyDeletion', ours, null, null, false],
      ['DeleteTable', 'runs', null, null, false],
      ['DeleteObject', 'audit', 'seals/x/seal.json', null, false],
      ['DeleteObject', 'landing', 'up.csv', 'v7', true],
    ]);
  });

  it('[P12] who changed who may do what: past CloudFormation first', async () => {
    const answers = await ask('permission-changes', '2026/11/17');
    expect(answers.map(({ eventname, target, by_deployment }) => [eventname, target, by_deployment])).toEqual([
      ['StopLogging', 'parapet-test-trail', false],
      ['AddPermission20150331v2', 'parapet-test-egress', false],
      ['AttachRolePolicy', 'parapet-test-egress', false],
      ['PutKeyPolicy', ours, false],
      ['PutBucketPolicy', 'vault', true],
    ]);
  });

  it('[P12] [P22] who failed to log in: to the console, or into a role', async () => {
    const answers = await ask('failed-log-ins', '2026/11/18');
    expect(
      answers.map(({ eventname, principal, role_wanted, second_factor, reason }) => [
        eventname,
        principal,
        role_wanted,
        second_factor,
        reason,
      ]),
    ).toEqual([
      ['AssumeRole', 'eve', roleArn('parapet-test-operator'), null, 'AccessDenied'],
      ['ConsoleLogin', 'eve', null, 'No', 'Failed authentication'],
    ]);
  });

  it('[P12] what a principal did: by operation and target', async () => {
    const answers = await ask('deeds-of-principal', '2026/11/13', roleArn('Admin'));
    expect(answers[0]).toMatchObject({ eventname: 'StopLogging', calls: '1' });
    expect(answers.find(({ eventname, target }) => eventname === 'Decrypt' && target === ours)).toMatchObject({
      calls: '2',
      refusals: '1',
      access_key: 'ASIAEXAMPLE',
    });
    expect(answers.map(({ target }) => target)).not.toContain('landing');
  });

  it('has no question that is not tested here', () => {
    expect(QUERIES.map(({ name }) => name)).toEqual([
      'deeds-of-principal',
      'deletions',
      'failed-access',
      'failed-log-ins',
      'key-use-outside-pipeline',
      'permission-changes',
      'who-read-object',
    ]);
  });
});

describe('[P12] the trail in Athena', () => {
  it('[P12] computes its partitions from the paths that CloudTrail writes', () => {
    const [table] = resources('production', 'AWS::Glue::Table');
    const { TableInput } = table?.Properties ?? {};
    expect(TableInput).toMatchObject({
      Name: 'trail',
      PartitionKeys: [{ Name: 'region' }, { Name: 'day' }],
      Parameters: {
        'projection.enabled': 'true',
        'projection.region.type': 'enum',
        'projection.day.format': 'yyyy/MM/dd',
      },
      StorageDescriptor: { Columns: TRAIL_COLUMNS.map(([Name, Type]) => ({ Name, Type })) },
    });
    expect(JSON.stringify(TableInput)).toMatch(/AWSLogs\/.*\/CloudTrail\/\$\{region\}\/\$\{day\}/);
  });

  it('[P12] enforces where answers go, under which key, and how much a question may read', () => {
    const [group] = resources('production', 'AWS::Athena::WorkGroup');
    expect(group?.Properties.WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10_737_418_240,
      ResultConfiguration: {
        EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: { 'Fn::GetAtt': ['TrailKey', 'Arn'] } },
      },
    });
  });

  it('[P12] saves every question, with what its parameters stand for', () => {
    const saved = resources('production', 'AWS::Athena::NamedQuery').map(({ Properties }) => Properties);
    expect(saved.map(({ Name }) => Name)).toEqual(QUERIES.map(({ name }) => name));
    for (const [index, { title, parameters }] of QUERIES.entries()) {
      expect(saved[index]?.Description).toBe(
        [title, ...parameters.map((each, place) => `${place + 1}: ${each}.`)].join(' '),
      );
      expect(saved[index]?.WorkGroup).toEqual({ Ref: 'InvestigationWorkGroup' });
    }
    const [uses] = saved.filter(({ Name }) => Name === 'key-use-outside-pipeline');
    for (const { id } of resources('production', 'AWS::KMS::Key')) {
      expect(JSON.stringify(uses?.QueryString), id).toContain(id);
    }
  });
});
