import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Deployed } from '../../../cli/deployed/deployed.ts';
import { compare } from '../../../cli/deployed/differences.ts';
import { AFTER } from '../../../cli/doctor/after/after.ts';
import { type Diagnosis, diagnose } from '../../../cli/doctor/finding.ts';
import { judge } from '../../../cli/posture/judge.ts';
import { configuration } from '../../infra/templates.ts';
import { deploy } from '../../perimeter/deployments.ts';

const config = configuration('production', { alarmEmail: 'night@example.org' });
let base: Pick<Deployed, 'connection' | 'synthesized' | 'embedded' | 'physicalIds' | 'close'>;

beforeAll(() => {
  const deployment = { ...deploy(config), outputs: {} };
  base = {
    connection: { deployment: 'test', tables: { runs: 'runs' } } as Deployed['connection'],
    synthesized: { config, folder: '', deployment },
    // Its templates are compared by `compare` below: here they are these.
    embedded: true,
    physicalIds: new Map(deployment.resources.map(({ logicalId, physicalId }) => [logicalId, physicalId])),
    close: () => undefined,
  };
});

type Answers = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>>;

const now = new Date();
const HEALTHY: Answers = {
  GetBucketEncryptionCommand: () => ({
    ServerSideEncryptionConfiguration: {
      Rules: [
        {
          ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'key' },
          BucketKeyEnabled: true,
        },
      ],
    },
  }),
  GetObjectLockConfigurationCommand: () => ({
    ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } } },
  }),
  GetBucketVersioningCommand: () => ({ Status: 'Enabled' }),
  DescribeKeyCommand: () => ({ KeyMetadata: { KeyState: 'Enabled' } }),
  DescribeTableCommand: () => ({ Table: { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true } }),
  DescribeSecretCommand: () => ({ RotationEnabled: true, LastRotatedDate: now }),
  DescribeStateMachineCommand: ({ stateMachineArn }) => ({
    status: 'ACTIVE',
    definition: base.synthesized.deployment.resources.find(({ physicalId }) => physicalId === stateMachineArn)
      ?.properties.DefinitionString,
  }),
  ScanCommand: () => ({ Items: [{ run: { S: 'a'.repeat(32) }, state: { S: 'sealed' }, leaseUntil: { N: '1' } }] }),
  GetScheduleCommand: () => ({ State: 'ENABLED' }),
  DescribeTrailsCommand: () => ({
    trailList: [{ TrailARN: 'arn', IsMultiRegionTrail: true, LogFileValidationEnabled: true, KmsKeyId: 'key' }],
  }),
  GetTrailStatusCommand: () => ({ IsLogging: true }),
  DescribeAlarmsCommand: () => ({
    MetricAlarms: base.synthesized.deployment.ofType('AWS::CloudWatch::Alarm').map(({ physicalId }) => ({
      AlarmName: physicalId,
      StateValue: 'OK',
      ActionsEnabled: true,
      AlarmActions: ['topic'],
    })),
  }),
  ListSubscriptionsByTopicCommand: () => ({ Subscriptions: [{ SubscriptionArn: 'arn:aws:sns:x' }] }),
};

class Refusal extends Error {
  readonly $metadata: object;
  constructor(name: string, httpStatusCode = 400) {
    super(name);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

/** Clients that give these answers, by the command's name. */
function deployed(answers: Answers): Deployed {
  const client = {
    send: async (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      const answer = answers[command.constructor.name];
      if (answer === undefined) throw new Refusal('NotImplemented', 501);
      return answer(command.input);
    },
  };
  // The SDK's paginators ask what kind of client they were given.
  const of = (prototype: object): unknown => Object.assign(Object.create(prototype), client);
  return { ...base, clients: clientsOf(of) as unknown as Deployed['clients'] };
}

const clientsOf = (of: (prototype: object) => unknown) => ({
  cloudformation: of(CloudFormationClient.prototype),
  cloudtrail: of({}),
  cloudwatch: of(CloudWatchClient.prototype),
  dynamodb: of(DynamoDBClient.prototype),
  kms: of({}),
  s3: of({}),
  scheduler: of({}),
  secrets: of({}),
  sns: of(SNSClient.prototype),
  states: of({}),
});

const problems = (found: readonly Diagnosis[]) => found.filter(({ severity }) => severity === 'problem');

describe('parapet doctor, of a deployed stack', () => {
  it('finds a whole one well', async () => {
    const found = await diagnose(AFTER, deployed(HEALTHY));
    expect(found.filter(({ severity }) => severity !== 'well')).toEqual([]);
    expect(new Set(found.map(({ check }) => check))).toEqual(new Set(AFTER.map(({ id }) => id)));
  });

  const days = (count: number): Date => new Date(now.getTime() - count * 86_400_000);
  const first = (name: string, value: unknown): Answers => {
    let asked = 0;
    return { [name]: (input) => (asked++ === 0 ? value : HEALTHY[name]?.(input)) };
  };

  it.each<[string, string, RegExp, Answers]>([
    ['a bucket without encryption', 'buckets', /encryption/, first('GetBucketEncryptionCommand', {})],
    ['a bucket that keeps no versions', 'buckets', /versions/, first('GetBucketVersioningCommand', {})],
    [
      '[P14] a lock that was shortened',
      'buckets',
      /AuditBucket/,
      first('GetObjectLockConfigurationCommand', {
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
      }),
    ],
    [
      'a key on its way to be deleted',
      'keys',
      /PendingDeletion/,
      first('DescribeKeyCommand', { KeyMetadata: { KeyState: 'PendingDeletion' } }),
    ],
    [
      'a table that may be deleted',
      'tables',
      /may be deleted/,
      first('DescribeTableCommand', { Table: { TableStatus: 'ACTIVE' } }),
    ],
    [
      '[P02] a secret that does not rotate',
      'secrets',
      /no rotation/,
      { DescribeSecretCommand: () => ({ RotationEnabled: false, LastRotatedDate: now }) },
    ],
    [
      '[P02] a secret that is too old',
      'secrets',
      /91 days/,
      { DescribeSecretCommand: () => ({ RotationEnabled: true, LastRotatedDate: days(91) }) },
    ],
    [
      'a state machine that is another',
      'machines',
      /other states/,
      first('DescribeStateMachineCommand', { status: 'ACTIVE', definition: '{"States":{}}' }),
    ],
    [
      'a run that nobody sealed',
      'runs',
      /without a seal/,
      {
        ScanCommand: () => ({
          Items: [{ run: { S: 'b'.repeat(32) }, state: { S: 'running' }, leaseUntil: { N: '1' } }],
        }),
      },
    ],
    [
      '[P11] a trail that was stopped',
      'trail',
      /records nothing/,
      { GetTrailStatusCommand: () => ({ IsLogging: false }) },
    ],
    ['[P22] an alarm that is gone', 'alarms', /is not there/, { DescribeAlarmsCommand: () => ({ MetricAlarms: [] }) }],
    [
      '[P22] alarms that nobody hears',
      'alarms',
      /no subscriber/,
      { ListSubscriptionsByTopicCommand: () => ({ Subscriptions: [] }) },
    ],
    [
      '[P22] alarms whose hearer has not confirmed',
      'alarms',
      /confirmed/,
      { ListSubscriptionsByTopicCommand: () => ({ Subscriptions: [{ SubscriptionArn: 'PendingConfirmation' }] }) },
    ],
  ])('finds %s, and says what to do', async (_, check, what, change) => {
    const found = problems(await diagnose(AFTER, deployed({ ...HEALTHY, ...change })));
    expect(found.length).toBeGreaterThan(0);
    for (const each of found) {
      expect(each).toMatchObject({ check, remedy: expect.any(String) });
      expect(each.what).toMatch(what);
    }
  });

  it('takes no silence for health: what is refused or not served is said to be', async () => {
    const refused = Object.fromEntries(
      Object.keys(HEALTHY).map((name) => [
        name,
        () => {
          throw new Refusal('AccessDeniedException');
        },
      ]),
    );
    for (const [answers, reason] of [
      [refused, 'whoever asks may not'],
      [{}, 'the endpoint does not serve this'],
    ] as const) {
      const found = await diagnose(AFTER, deployed(answers));
      expect(problems(found)).toEqual([]);
      const silent = found.filter(({ severity }) => severity === 'unasked');
      expect(new Set(silent.map(({ check }) => check))).toEqual(
        new Set([
          'buckets',
          'keys',
          'tables',
          'secrets',
          'machines',
          'runs',
          'trail',
          'alarms',
          ...(schedules() ? ['schedules'] : []),
        ]),
      );
      for (const { what } of silent) expect(what).toContain(reason);
    }
  });

  const schedules = (): boolean => base.synthesized.deployment.ofType('AWS::Scheduler::Schedule').length > 0;

  it('throws what is our own mistake, and not the service’s answer', async () => {
    const broken = { ...HEALTHY, DescribeKeyCommand: () => JSON.parse('{') };
    await expect(diagnose(AFTER, deployed(broken))).rejects.toThrow(SyntaxError);
  });

  it('[P25] lets the checklist ask the stack: a lock that was shortened fails its row, a silence does not pass it', async () => {
    const view = { ...base.synthesized, folder: import.meta.dirname, root: `${import.meta.dirname}/../../..` };
    const stateOf = async (answers: Answers) =>
      (await judge(view, { deployed: deployed(answers) })).find(({ id }) => id === 'audit-retention')?.state;
    expect(await stateOf(HEALTHY)).toBe('pass');
    expect(await stateOf({ ...HEALTHY, GetObjectLockConfigurationCommand: () => ({}) })).toBe('fail');
    expect(await stateOf({})).toBe('not-checked');
  });
});

describe('the comparison of templates', () => {
  it('names what is missing, additional and changed, and does not mind reasons and paths', () => {
    const one = { Type: 'A', Properties: { b: 1, a: [1] }, Metadata: { 'aws:cdk:path': 'here' } };
    const other = { Metadata: {}, Properties: { a: [1], b: 1 }, Type: 'A' };
    expect(compare('s', { Same: one }, { Same: other })).toEqual([]);
    expect(
      compare('s', { Same: one, Old: one, Mine: one }, { Same: other, New: one, Mine: { ...one, Properties: {} } }),
    ).toEqual([
      { stack: 's', logicalId: 'Mine', kind: 'changed' },
      { stack: 's', logicalId: 'New', kind: 'missing' },
      { stack: 's', logicalId: 'Old', kind: 'additional' },
    ]);
  });
});
