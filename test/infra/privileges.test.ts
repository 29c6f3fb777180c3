import { describe, expect, it } from 'vitest';
import { REASONS_METADATA } from '../../infra/constructs/grant.ts';
import { actionsOf, policiesOf, type Resource, resources } from './templates.ts';

const PROFILES = ['sandbox', 'production', 'sweeping'] as const;
/** CDK's provider that empties a sandbox's buckets before they are deleted: its grants are CDK's, and there is none in production. */
const isTeardown = (text: string): boolean => text.includes('CustomS3AutoDeleteObjects');

describe.each(PROFILES)('privileges in the profile %s', (profile) => {
  const statements = () =>
    resources(profile)
      .filter(({ id }) => !isTeardown(id))
      .flatMap((resource) =>
        policiesOf(resource).flatMap(({ where, policy }) =>
          policy.Statement.map((statement) => ({ where, statement, resource })),
        ),
      )
      .filter(({ statement }) => !isTeardown(JSON.stringify(statement.Principal ?? '')));

  it('[S03] [B19] grants no action by a wildcard', () => {
    const wild = statements()
      .filter(({ statement }) => statement.Effect === 'Allow')
      .flatMap(({ where, statement }) =>
        actionsOf(statement)
          .filter((action) => action.includes('*'))
          .map((action) => `${where}: ${action}`),
      );
    expect(wild).toEqual([]);
  });

  it('gives a reason for every grant of every role, and no reason for what is not granted', () => {
    const owners = resources(profile).filter(({ Metadata }) => REASONS_METADATA in Metadata);
    expect(owners.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['IngestionRole', 'StageBoundary', 'OperatorRole', 'SubmissionMachineRole']),
    );
    for (const owner of owners) {
      const reasons = Object.entries(owner.Metadata[REASONS_METADATA] ?? {});
      const sids = policiesOf(owner)
        .filter(({ where }) => !where.endsWith('AssumeRolePolicyDocument'))
        .flatMap(({ policy }) => policy.Statement.map(({ Sid }) => Sid));
      expect(new Set(sids).size, `${owner.id} names two grants alike`).toBe(sids.length);
      expect(reasons.map(([sid]) => sid).sort(), owner.id).toEqual([...sids].sort());
      for (const [sid, reason] of reasons) expect(String(reason).length, `${owner.id} ${sid}`).toBeGreaterThan(15);
    }
  });

  it('[S03] grants on every resource only what knows none', () => {
    const unbounded = statements()
      .filter(
        ({ statement, resource }) =>
          statement.Effect === 'Allow' && statement.Resource === '*' && resource.Type === 'AWS::IAM::Role',
      )
      .flatMap(({ statement }) => actionsOf(statement));
    expect(unbounded.filter((action) => !/^(logs|xray|ec2|cloudwatch):/.test(action))).toEqual([]);
  });

  it('[S01] lets only the state machines’ roles invoke a stage', () => {
    const invokers = statements()
      .filter(
        ({ statement }) =>
          statement.Effect === 'Allow' && actionsOf(statement).some((action) => action.startsWith('lambda:')),
      )
      .map(({ resource }) => resource.id);
    const sweeping = profile === 'sweeping' ? ['SweepMachineRole', 'SweepClosingMachineRole'] : [];
    expect(invokers).toEqual(['SubmissionMachineRole', 'CustodianMachineRole', 'ClosingMachineRole', ...sweeping]);
    expect(resources(profile, 'AWS::Lambda::Url')).toEqual([]);
  });

  it('[P02] [S03] lets Secrets Manager alone have secrets rotated, each for itself, every 30 to 90 days', () => {
    const schedules = resources(profile, 'AWS::SecretsManager::RotationSchedule');
    expect(schedules.map(({ id }) => id)).toEqual(['TokenSaltsRotationSchedule']);
    for (const { Properties } of schedules) {
      expect(Properties.RotationRules).toEqual({ AutomaticallyAfterDays: 30 });
      expect(Properties.RotateImmediatelyOnUpdate).toBe(false);
    }
    const permissions = resources(profile, 'AWS::Lambda::Permission').map(({ Properties }) => Properties);
    expect(permissions).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': ['SaltRotationFunction', 'Arn'] },
        Principal: 'secretsmanager.amazonaws.com',
        SourceAccount: { Ref: 'AWS::AccountId' },
        SourceArn: expect.anything(),
      },
    ]);
    expect(permissions[0]?.SourceArn).toEqual(schedules[0]?.Properties.SecretId);
  });

  it('[S03] bounds every function’s and person’s role, and lets a service take a role only for this account’s resource', () => {
    for (const role of resources(profile, 'AWS::IAM::Role').filter(({ id }) => !isTeardown(id))) {
      const [trust] = policiesOf(role).filter(({ where }) => where.endsWith('AssumeRolePolicyDocument'));
      const text = JSON.stringify(trust?.policy);
      if (text.includes('lambda.amazonaws.com'))
        expect(JSON.stringify(role.Properties.PermissionsBoundary), role.id).toMatch(/StageBoundary|RotationBoundary/);
      else if (text.includes('"Service"')) expect(text, role.id).toContain('aws:SourceAccount');
      else {
        expect(text, role.id).toContain('aws:MultiFactorAuthPresent');
        expect(JSON.stringify(role.Properties.PermissionsBoundary), role.id).toContain('PeopleBoundary');
      }
    }
  });

  it('[S03] holds no long-lived credential: no user, no access key, no group', () => {
    const types = resources(profile).map(({ Type }) => Type);
    expect(types.filter((type) => /^AWS::IAM::(User|AccessKey|Group)/.test(type))).toEqual([]);
  });

  it('keeps every policy within the size that IAM, KMS and S3 accept', () => {
    const limits: Readonly<Record<string, number>> = {
      'AWS::IAM::Role': 10_240,
      'AWS::IAM::ManagedPolicy': 6_144,
      'AWS::S3::BucketPolicy': 20_480,
      'AWS::KMS::Key': 32_768,
      'AWS::EC2::VPCEndpoint': 20_480,
    };
    for (const resource of resources(profile)) {
      const limit = limits[resource.Type];
      if (limit === undefined) continue;
      expect(policySize(resource), resource.id).toBeLessThan(limit);
    }
  });

  it('gives each key’s use to someone named, and its administration no use', () => {
    for (const key of resources(profile, 'AWS::KMS::Key')) {
      const [found] = policiesOf(key);
      const uses = found?.policy.Statement ?? [];
      // A statement without a name is one that CDK has added.
      expect(
        uses.map(({ Sid }) => Sid),
        key.id,
      ).not.toContain(undefined);
      const administration = uses.find(({ Sid }) => Sid === 'Administration');
      const cryptographic =
        /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|Sign|Verify|GenerateMac|VerifyMac|CreateGrant|DeriveSharedSecret)/;
      expect(
        actionsOf(administration ?? { Effect: 'Allow', Action: [] }).filter((action) => cryptographic.test(action)),
        key.id,
      ).toEqual([]);
      for (const use of uses.filter(({ Sid }) => Sid !== 'Administration')) {
        expect(Object.keys(use.Condition ?? {}).length, `${key.id} ${use.Sid}`).toBeGreaterThan(0);
      }
    }
  });
});

/** Characters of the policies as deployed, an ARN or id in place of each reference (a pessimistic 90 characters). */
function policySize(resource: Resource): number {
  const policies = policiesOf(resource).filter(({ where }) => !where.endsWith('AssumeRolePolicyDocument'));
  const flat = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(flat);
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
    if (more.length === 0 && (name === 'Ref' || name === 'Fn::ImportValue' || name === 'Fn::GetAtt')) {
      return name === 'Ref' && String(argument).startsWith('AWS::') ? 'x'.repeat(14) : 'x'.repeat(90);
    }
    if (more.length === 0 && name === 'Fn::Join' && Array.isArray(argument))
      return [flat(argument[1])].flat(2).join('');
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, flat(member)]));
  };
  return JSON.stringify(flat(policies.map(({ policy }) => policy))).length;
}
