import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../local/service.ts';
import { bootIam } from '../support/iam.ts';
import { allow, gatewayEndpoint, isolated, LAMBDA, lambda, policy, ROOT, role, rule } from '../support/templates.ts';

const ACCOUNT = '000000000000';
const OBJECT = 'arn:aws:s3:::data/key';
const read: AccessRequest = { action: 's3:GetObject', resource: OBJECT, context: {}, resourceAccount: ACCOUNT };
const worker = { Worker: lambda('WorkerRole') };

describe('the authorizer', () => {
  it('[S03] lets a function do what its role allows, and refuses the rest as AWS says it', () => {
    const { authorizer, callers } = bootIam({ ...worker, WorkerRole: role(LAMBDA, [allow('s3:GetObject')]) });
    const caller = callers.ofFunction('S-Worker', 's3');
    authorizer.require(caller, read);
    expect(() => authorizer.require(caller, { ...read, action: 's3:PutObject' })).toThrow(
      expect.objectContaining({
        code: 'AccessDenied',
        status: 403,
        message:
          'User: arn:aws:sts::000000000000:assumed-role/S-WorkerRole/S-Worker is not authorized to perform: s3:PutObject on ' +
          'resource: "arn:aws:s3:::data/key" because no identity-based policy allows the s3:PutObject action',
      }),
    );
    expect([authorizer.calls, authorizer.denied]).toEqual([2, 1]);
    expect(authorizer.denials().map(({ request }) => request.action)).toEqual(['s3:PutObject']);
  });

  it('asks everything of a call that needs several permissions', () => {
    const { authorizer, callers } = bootIam({ ...worker, WorkerRole: role(LAMBDA, [allow('s3:GetObject')]) });
    expect(() =>
      authorizer.require(callers.ofFunction('S-Worker', 's3'), read, { ...read, action: 's3:GetObjectTagging' }),
    ).toThrow(expect.objectContaining({ code: 'AccessDenied' }));
  });

  it('collects inline, attached and managed policies, and the boundary', () => {
    const attached = (Type: string, action: string) => ({
      Type,
      Properties: { PolicyDocument: policy(allow(action)), Roles: [{ Ref: 'WorkerRole' }] },
    });
    const more = (boundary: object) => ({
      ...worker,
      Attached: attached('AWS::IAM::Policy', 's3:GetObject'),
      Managed: attached('AWS::IAM::ManagedPolicy', 's3:PutObject'),
      Named: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: policy(allow('s3:ListBucket')) } },
      Boundary: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: policy(allow(['s3:GetObject', 's3:L*'])) },
      },
      WorkerRole: role(LAMBDA, [allow('s3:DeleteObject')], { ManagedPolicyArns: [{ Ref: 'Named' }], ...boundary }),
    });
    const actions = ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'];
    const allowed = (iam: ReturnType<typeof bootIam>) =>
      actions.filter((action) => iam.authorizer.allows(iam.callers.ofFunction('S-Worker', 's3'), { ...read, action }));
    expect(allowed(bootIam(more({})))).toEqual(actions);
    expect(allowed(bootIam(more({ PermissionsBoundary: { Ref: 'Boundary' } })))).toEqual([
      's3:GetObject',
      's3:ListBucket',
    ]);
  });

  it('refuses to start with an attached policy that it does not know', () => {
    const unknown = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] };
    expect(() => bootIam({ WorkerRole: role(LAMBDA, [], unknown) })).toThrow(
      'AdministratorAccess of the role S-WorkerRole',
    );
  });

  it('gives conditions the keys of the caller, the call and the moment', () => {
    const condition = {
      StringEquals: {
        'aws:PrincipalAccount': ACCOUNT,
        'aws:ResourceAccount': ACCOUNT,
        'aws:PrincipalTag/stage': 'ingestion',
        'aws:RequestedRegion': 'us-east-1',
        's3:x-amz-server-side-encryption': 'aws:kms',
      },
      ArnEquals: {
        'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/S-WorkerRole',
        'lambda:SourceFunctionArn': 'arn:aws:lambda:us-east-1:000000000000:function:S-Worker',
      },
      StringLike: { 'aws:userid': 'AROA*:S-Worker' },
      Bool: { 'aws:SecureTransport': 'true', 'aws:PrincipalIsAWSService': 'false', 'aws:ViaAWSService': 'false' },
      DateLessThan: { 'aws:CurrentTime': '2026-11-22T00:00:01Z' },
      Null: { 'aws:SourceVpce': 'true' },
    };
    const WorkerRole = role(LAMBDA, [allow('s3:GetObject', { Condition: condition })], {
      Tags: [{ Key: 'stage', Value: 'ingestion' }],
    });
    const { authorizer, callers, clock } = bootIam({ ...worker, WorkerRole });
    const request = { ...read, context: { 's3:x-amz-server-side-encryption': 'aws:kms' } };
    authorizer.require(callers.ofFunction('S-Worker', 's3'), request);
    clock.advance(1_000);
    expect(authorizer.allows(callers.ofFunction('S-Worker', 's3'), request)).toBe(false);
  });

  it('holds a key’s policy to be decisive, and a bucket’s to be additive', () => {
    const { authorizer, callers } = bootIam({ ...worker, WorkerRole: role(LAMBDA, [allow('kms:Decrypt')]) });
    const caller = callers.ofFunction('S-Worker', 'kms');
    const key = { ...read, action: 'kms:Decrypt', resource: 'arn:aws:kms:us-east-1:000000000000:key/k' };
    const grant = (principal: string, action: string) => policy({ ...allow(action), Principal: { AWS: principal } });
    expect(authorizer.allows(caller, { ...key, resourcePolicy: grant(ROOT, 'kms:Decrypt') })).toBe(true);
    expect(authorizer.allows(caller, { ...key, resourcePolicy: grant(ROOT, 'kms:Encrypt') })).toBe(false);
    const arn = 'arn:aws:iam::000000000000:role/S-WorkerRole';
    expect(authorizer.allows(caller, { ...read, resourcePolicy: grant(arn, 's3:GetObject') })).toBe(true);
    expect(authorizer.allows(caller, { ...read, resourcePolicy: grant(ROOT, 's3:GetObject') })).toBe(false);
  });

  it('lets the root do everything but what a key policy or a denial keeps from it', () => {
    const { authorizer, callers } = bootIam({});
    expect(authorizer.allows(callers.root(), read)).toBe(true);
    const denied = policy({ ...allow('s3:*'), Effect: 'Deny', Principal: '*' });
    expect(authorizer.allows(callers.root(), { ...read, resourcePolicy: denied })).toBe(false);
  });

  it('lets a service act for itself where the resource allows it for the source', () => {
    const { authorizer, callers } = bootIam({});
    const source = 'arn:aws:events:us-east-1:000000000000:rule/arrivals';
    const queue = policy({
      ...allow('sqs:SendMessage'),
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': source } },
    });
    const send = {
      ...read,
      action: 'sqs:SendMessage',
      resource: 'arn:aws:sqs:us-east-1:000000000000:q',
      resourcePolicy: queue,
    };
    expect(authorizer.allows(callers.ofService('events.amazonaws.com', source), send)).toBe(true);
    expect(authorizer.allows(callers.ofService('events.amazonaws.com', `${source}2`), send)).toBe(false);
    expect(authorizer.allows(callers.ofService('sns.amazonaws.com', source), send)).toBe(false);
  });
});

describe('a function behind a VPC endpoint', () => {
  const everywhere = rule({ CidrIp: '0.0.0.0/0' });
  const door = (...statements: readonly object[]) => ({
    S3: gatewayEndpoint('s3', { PolicyDocument: policy(...statements.map((each) => ({ ...each, Principal: '*' }))) }),
  });
  const boot = (endpoint: object, statement: object = {}) =>
    bootIam(
      isolated({ ...endpoint }, [everywhere], {
        WorkerRole: role(LAMBDA, [allow(['s3:*', 'kms:*'], { ...statement })]),
      }),
    );

  it('[S01] needs the word of the endpoint’s policy, too', () => {
    const open = boot(door(allow('s3:GetObject')));
    expect(open.authorizer.allows(open.callers.ofFunction('S-Worker', 's3'), read)).toBe(true);
    const shut = boot(door(allow('s3:PutObject')));
    expect(shut.authorizer.allows(shut.callers.ofFunction('S-Worker', 's3'), read)).toBe(false);
  });

  it('[S01] is known by the endpoint and its VPC', () => {
    const iam = boot(door(allow('*')));
    const caller = iam.callers.ofFunction('S-Worker', 's3');
    expect(caller.context['aws:SourceVpce']).toMatch(/^vpce-[0-9a-f]{17}$/);
    expect(caller.context['aws:SourceVpc']).toMatch(/^vpc-[0-9a-f]{17}$/);
    const only = (vpce: string) =>
      policy({
        ...allow('s3:*'),
        Effect: 'Deny',
        Principal: '*',
        Condition: { StringNotEquals: { 'aws:SourceVpce': vpce } },
      });
    const mine = String(caller.context['aws:SourceVpce']);
    expect(iam.authorizer.allows(caller, { ...read, resourcePolicy: only(mine) })).toBe(true);
    expect(iam.authorizer.allows(caller, { ...read, resourcePolicy: only('vpce-other') })).toBe(false);
  });

  it('has no endpoint in a call that S3 makes to KMS in its name', () => {
    const condition = { Condition: { Null: { 'aws:SourceVpce': 'true' }, Bool: { 'aws:ViaAWSService': 'true' } } };
    const iam = boot(door(allow('s3:*')), condition);
    const forwarded = { ...read, action: 'kms:Decrypt', context: { 'aws:ViaAWSService': 'true' } };
    expect(iam.authorizer.allows(iam.callers.ofFunction('S-Worker', 's3'), forwarded)).toBe(true);
    expect(iam.authorizer.allows(iam.callers.ofFunction('S-Worker', 's3'), { ...forwarded, context: {} })).toBe(false);
  });

  it('is nowhere without one', () => {
    const iam = boot({});
    expect(iam.callers.reaches('S-Worker', 's3')).toBe(false);
  });
});

describe('grants that no call uses', () => {
  it('[B19] are listed by role, statement and action, with the reason that the template gives', () => {
    const WorkerRole = {
      ...role(LAMBDA, [
        allow(['s3:GetObject', 's3:PutObject'], { Sid: 'Data' }),
        allow('kms:Decrypt'),
        allow('logs:PutLogEvents', { Sid: 'WriteLogs' }),
        allow('s3:DeleteObject', { Effect: 'Deny' }),
      ]),
      Metadata: { 'parapet:reasons': { WriteLogs: 'Lambda writes them' } },
    };
    const { authorizer, callers } = bootIam({ ...worker, WorkerRole });
    const before = authorizer.unusedGrants().map(({ statement, action }) => `${statement} ${action}`);
    expect(before).toEqual(['Data s3:GetObject', 'Data s3:PutObject', '#1 kms:Decrypt', 'WriteLogs logs:PutLogEvents']);
    authorizer.require(callers.ofFunction('S-Worker', 's3'), read);
    expect(() =>
      authorizer.require(callers.ofFunction('S-Worker', 's3'), { ...read, action: 's3:DeleteObject' }),
    ).toThrow();
    expect(authorizer.unusedGrants().map(({ text }) => text)).toEqual([
      'S-WorkerRole/access Data: s3:PutObject on *',
      'S-WorkerRole/access #1: kms:Decrypt on *',
      'S-WorkerRole/access WriteLogs: logs:PutLogEvents on * (Lambda writes them)',
    ]);
  });

  it('are counted over several clouds', () => {
    const resources = { ...worker, WorkerRole: role(LAMBDA, [allow('s3:GetObject')]) };
    const [first, second] = [bootIam(resources), bootIam(resources)];
    first.authorizer.require(first.callers.ofFunction('S-Worker', 's3'), read);
    second.authorizer.usage.add(first.authorizer.usage.used());
    expect(second.authorizer.unusedGrants()).toEqual([]);
  });
});
