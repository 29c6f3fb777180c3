import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessRequest, Caller } from '../../local/service.ts';
import { TABLES } from '../../shared/names.ts';
import { once, RUN } from './deeds.ts';
import { type Simulation, simulate } from './simulation.ts';
import { configuration } from './templates.ts';

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('production'));
});

const NAMES = Object.keys(TABLES).map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`);
/** Root’s powers, as an administrator’s role has them: an administrator is nobody whom a policy names. */
const administrator = (): Caller => ({
  ...simulation.callers.root(),
  context: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/Admin' },
});

describe('tables', () => {
  it.each(NAMES)('[S03] [B19] keeps the items of %s from an administrator, by every operation', (table) => {
    for (const action of ['GetItem', 'Query', 'Scan', 'PutItem', 'PartiQLSelect', 'ExportTableToPointInTime']) {
      expect(simulation.may(administrator(), simulation.table(`dynamodb:${action}`, table)), action).toBe(false);
    }
  });

  it('[B22] keeps what ties tokens to people from the root user as well', () => {
    const root = simulation.callers.root();
    expect(simulation.may(root, simulation.table('dynamodb:GetItem', 'ContractsTable'))).toBe(true);
    for (const table of ['SubjectKeysTable', 'CredentialsTable', 'IdempotencyTable']) {
      expect(simulation.may(root, simulation.table('dynamodb:GetItem', table)), table).toBe(false);
    }
  });

  it('[T02] refuses plain HTTP, which DynamoDB still speaks', () => {
    const ask = (secure: string): boolean =>
      simulation.may(
        simulation.callers.root(),
        simulation.table('dynamodb:GetItem', 'RunsTable', { 'aws:SecureTransport': secure }),
      );
    expect(ask('true')).toBe(true);
    expect(ask('false')).toBe(false);
  });
});

describe('[T02] queues and topics', () => {
  it('[T02] refuse plain HTTP by a policy of their own, each of them: their endpoints speak no TLS before 1.2', () => {
    for (const [type, policies, member] of [
      ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues'],
      ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics'],
    ] as const) {
      const things = simulation.deployment.ofType(type);
      expect(things.length).toBeGreaterThan(0);
      for (const { physicalId } of things) {
        const own = simulation.deployment
          .ofType(policies)
          .filter(({ properties }) => [properties[member]].flat().includes(physicalId));
        const text = JSON.stringify(own.map(({ properties }) => properties.PolicyDocument));
        expect(text, physicalId).toContain('"Bool":{"aws:SecureTransport":"false"}');
        expect(text, physicalId).toContain('"Effect":"Deny"');
      }
    }
  });
});

describe('confused deputies', () => {
  it('lets no service write into a bucket for another account, whatever it was granted', () => {
    const [entry] = simulation.put('TrailBucket', 'AWSLogs/000000000000/x', null, {
      's3:x-amz-acl': 'bucket-owner-full-control',
    });
    if (!entry) throw new Error('no request');
    const trail = simulation.arn('AWS::CloudTrail::Trail', 'Trail');
    const acting = (account: string, arn: string): boolean => {
      const service = simulation.callers.ofService('cloudtrail.amazonaws.com', arn);
      return simulation.may({ ...service, context: { ...service.context, 'aws:SourceAccount': account } }, [entry]);
    };
    expect(acting('000000000000', trail)).toBe(true);
    expect(acting('999999999999', trail)).toBe(false);
    expect(acting('000000000000', `${trail}-other`)).toBe(false);
  });

  it('lets alarms of this account alone use the key of the alarms', () => {
    const request = simulation.key('kms:GenerateDataKey', 'OperationsKey', {
      'kms:EncryptionContext:aws:sns:topicArn': simulation.arn('AWS::SNS::Topic', 'AlarmTopic'),
    });
    const alarm = simulation.callers.ofService('cloudwatch.amazonaws.com', 'arn:aws:cloudwatch:us-east-1:x:alarm:y');
    const foreign = { ...alarm, context: { ...alarm.context, 'aws:SourceAccount': '999999999999' } };
    expect(simulation.may(alarm, request)).toBe(true);
    expect(simulation.may(foreign, request)).toBe(false);
  });
});

describe('keys', () => {
  it('[B19] opens no envelope through S3, which takes a context from whoever puts an object', () => {
    const context = {
      'kms:EncryptionContext:purpose': 'vault',
      'kms:EncryptionContext:stage': 'ingestion',
      'kms:EncryptionContext:run': RUN,
    };
    const through = {
      'kms:ViaService': 's3.us-east-1.amazonaws.com',
      'aws:ViaAWSService': 'true',
      'kms:EncryptionContext:aws:s3:arn': simulation.arn('AWS::S3::Bucket', 'LandingBucket'),
    };
    const egress = simulation.callers.ofFunction('parapet-test-egress', 'kms');
    expect(simulation.may(egress, simulation.key('kms:Decrypt', 'VaultKey', context))).toBe(true);
    expect(simulation.may(egress, simulation.key('kms:Decrypt', 'VaultKey', { ...context, ...through }))).toBe(false);
  });
});

describe('deletion, where data is retained', () => {
  const remove = (bucket: string, object: string): AccessRequest[] =>
    simulation.get(bucket, object, 'LandingKey', 's3:DeleteObjectVersion').slice(0, 1);

  it('[B05] is nobody’s but the seal’s in landing and the custodian’s in quarantine', () => {
    const seal = simulation.callers.ofFunction('parapet-test-seal', 's3');
    const custodian = simulation.callers.ofFunction('parapet-test-custody', 's3');
    expect(simulation.may(seal, remove('LandingBucket', 'a.csv'))).toBe(true);
    expect(simulation.may(custodian, remove('QuarantineBucket', 'records/egress/x'))).toBe(true);
    for (const bucket of [
      'LandingBucket',
      'WorkingBucket',
      'VaultBucket',
      'QuarantineBucket',
      'ExportsBucket',
      'AuditBucket',
      'TrailBucket',
    ]) {
      expect(simulation.may(simulation.callers.root(), remove(bucket, 'x')), bucket).toBe(false);
      expect(simulation.may(administrator(), remove(bucket, 'x')), bucket).toBe(false);
    }
  });

  it('leaves root its writing and reading of evidence as they were', () => {
    const root = simulation.callers.root();
    expect(simulation.may(root, simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(true);
    expect(simulation.may(root, simulation.put('AuditBucket', 'x', null, once))).toBe(true);
  });
});
