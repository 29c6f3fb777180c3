import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/assembly.ts';
import { bootDeployedIam, bootIam, deploy } from '../support/iam.ts';
import { LAMBDA, lambda, ROOT, role } from '../support/templates.ts';

const resources = {
  Worker: lambda('WorkerRole'),
  WorkerRole: role(LAMBDA, []),
  Operator: role(ROOT, [], { RoleName: 'operator' }),
  Machine: role('states.amazonaws.com', []),
};

describe('credentials', () => {
  it('[S03] name one holder each', () => {
    const { credentials } = bootIam(resources);
    const worker = credentials.issueFor({ kind: 'function', name: 'S-Worker' });
    const person = credentials.issueFor({ kind: 'person', role: 'operator', session: 'ann' });
    const root = credentials.issueFor({ kind: 'root' });
    expect([worker, person, root].map(({ accessKeyId }) => accessKeyId.slice(0, 4))).toEqual(['ASIA', 'ASIA', 'AKIA']);
    expect(root.sessionToken).toBeUndefined();
    expect(credentials.caller(worker.accessKeyId, 's3')).toMatchObject({
      kind: 'function',
      roleArn: 'arn:aws:iam::000000000000:role/S-WorkerRole',
    });
    expect(credentials.caller(person.accessKeyId, 's3')).toMatchObject({
      kind: 'person',
      arn: 'arn:aws:sts::000000000000:assumed-role/operator/ann',
      context: { 'aws:MultiFactorAuthPresent': 'true' },
    });
    expect(credentials.caller(root.accessKeyId, 's3')).toMatchObject({ kind: 'root', arn: ROOT });
    expect(credentials.caller('ASIAUNKNOWN', 's3')).toBeUndefined();
  });

  it('stay the same across a restart, and differ between states', () => {
    const folder = temporaryFolder();
    const first = bootDeployedIam(deploy(resources), folder);
    const key = first.credentials.issueFor({ kind: 'function', name: 'S-Worker' });
    first.store.close();
    const again = bootDeployedIam(deploy(resources), folder).credentials;
    expect(again.issueFor({ name: 'S-Worker', kind: 'function' })).toEqual(key);
    expect(again.caller(key.accessKeyId, 'kms')?.name).toBe('S-Worker');
    const other = bootIam(resources).credentials.issueFor({ kind: 'function', name: 'S-Worker' });
    expect(other.accessKeyId).not.toBe(key.accessKeyId);
    expect(other.secretAccessKey).not.toBe(key.secretAccessKey);
  });

  it('of a session end, and are new each time', () => {
    const { credentials, clock } = bootIam(resources);
    const holder = { kind: 'person', role: 'operator', session: 'ann' } as const;
    const session = credentials.issueSession(holder, 900);
    expect(session.expiresAt).toBe(clock.now() + 900_000);
    expect(credentials.issueSession(holder, 900).accessKeyId).not.toBe(session.accessKeyId);
  });

  it('[S03] are not given to a function whose role does not trust Lambda, nor for what does not exist', () => {
    const { credentials } = bootIam({ ...resources, Stray: lambda('Machine') });
    expect(() => credentials.issueFor({ kind: 'function', name: 'S-Stray' })).toThrow(
      'cannot be assumed by lambda.amazonaws.com',
    );
    expect(() => credentials.issueFor({ kind: 'function', name: 'S-Nobody' })).toThrow('no function S-Nobody');
    expect(() => credentials.issueFor({ kind: 'person', role: 'nobody', session: 'x' })).toThrow('no role nobody');
  });

  it('[S03] a service takes a role only where the role trusts it, for that source', () => {
    const trusting = {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'states.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:states:*:*:stateMachine:flow' } },
          },
        },
      },
    };
    const { callers } = bootIam({ Trusting: trusting });
    const arn = 'arn:aws:iam::000000000000:role/S-Trusting';
    const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:flow';
    expect(callers.ofServiceInRole(arn, 'states.amazonaws.com', machine)).toMatchObject({
      roleArn: arn,
      kind: 'service',
    });
    expect(() => callers.ofServiceInRole(arn, 'events.amazonaws.com', machine)).toThrow('cannot be assumed');
    expect(() => callers.ofServiceInRole(arn, 'states.amazonaws.com', `${machine}2`)).toThrow('cannot be assumed');
  });
});
