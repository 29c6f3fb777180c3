import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resources } from './templates.ts';

describe('oversight', () => {
  it('[P11] [P13] trails every region, validates its files, and encrypts them', () => {
    const [trail, ...more] = resources('production', 'AWS::CloudTrail::Trail');
    expect(more).toEqual([]);
    expect(trail?.Properties).toMatchObject({
      IsLogging: true,
      IsMultiRegionTrail: true,
      IncludeGlobalServiceEvents: true,
      EnableLogFileValidation: true,
      KMSKeyId: {},
    });
  });

  it('[P11] records every use of keys, and who touches an object, an item or a function', () => {
    const [trail] = resources('production', 'AWS::CloudTrail::Trail');
    const selectors = z
      .array(
        z.object({
          FieldSelectors: z.array(
            z.object({
              Field: z.string(),
              Equals: z.array(z.unknown()).optional(),
              StartsWith: z.array(z.unknown()).optional(),
            }),
          ),
        }),
      )
      .parse(trail?.Properties.AdvancedEventSelectors);
    // Of management events nothing is excluded: uses of keys are among them.
    expect(selectors[0]?.FieldSelectors).toEqual([{ Field: 'eventCategory', Equals: ['Management'] }]);
    const types = selectors.slice(1).map(({ FieldSelectors }) => FieldSelectors[1]?.Equals?.[0]);
    expect(types).toEqual(['AWS::S3::Object', 'AWS::DynamoDB::Table', 'AWS::Lambda::Function']);
    const [objects, tables, functions] = selectors
      .slice(1)
      .map(({ FieldSelectors }) => JSON.stringify(FieldSelectors[2]));
    for (const { id } of resources('production', 'AWS::S3::Bucket')) {
      // The trail's own bucket is written by CloudTrail: its events would make events. Findings are excerpts of it.
      if (id !== 'TrailBucket' && id !== 'FindingsBucket') expect(objects).toContain(id);
    }
    for (const { id } of resources('production', 'AWS::DynamoDB::Table')) expect(tables).toContain(id);
    expect(functions).toContain(':function:parapet-test-"');
    for (const { Properties } of resources('production', 'AWS::Lambda::Function')) {
      expect(Properties.FunctionName).toMatch(/^parapet-test-/);
    }
  });

  it('[P11] writes a copy to a log group, as a role that this trail alone can make CloudTrail take', () => {
    const [trail] = resources('production', 'AWS::CloudTrail::Trail');
    expect(trail?.Properties).toMatchObject({
      CloudWatchLogsLogGroupArn: { 'Fn::GetAtt': ['TrailLogGroup', 'Arn'] },
      CloudWatchLogsRoleArn: { 'Fn::GetAtt': ['TrailLogsRole', 'Arn'] },
    });
    const role = resources('production', 'AWS::IAM::Role').find(({ id }) => id === 'TrailLogsRole');
    expect(JSON.stringify(role?.Properties.AssumeRolePolicyDocument)).toContain(':trail/parapet-test-trail');
  });

  it('admits CloudTrail, for this trail alone, to its bucket and key', () => {
    const trail = ':trail/parapet-test-trail';
    const policies = [
      ...resources('production', 'AWS::S3::BucketPolicy').filter(({ id }) => id.startsWith('Trail')),
      ...resources('production', 'AWS::KMS::Key').filter(({ id }) => id === 'TrailKey'),
    ].map(({ Properties }) => JSON.stringify(Properties));
    expect(policies).toHaveLength(2);
    for (const policy of policies) {
      expect(policy).toContain('cloudtrail.amazonaws.com');
      expect(policy).toContain(trail);
    }
  });

  it('creates the trail after the policy of its bucket, which CloudTrail tries', () => {
    const [trail] = resources('production', 'AWS::CloudTrail::Trail');
    const [policy] = resources('production', 'AWS::S3::BucketPolicy').filter(({ id }) => id.startsWith('Trail'));
    expect(trail?.DependsOn).toContain(policy?.id);
  });

  it('keeps events that reached no execution, for two weeks', () => {
    const [queue] = resources('production', 'AWS::SQS::Queue');
    expect(queue?.Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
    for (const { Properties } of resources('production', 'AWS::Events::Rule')) {
      expect(JSON.stringify(Properties.Targets)).toContain(
        '"DeadLetterConfig":{"Arn":{"Fn::GetAtt":["DeadLetterQueue","Arn"]}}',
      );
    }
  });

  it('[S16] keeps execution data out of the log of the state machines', () => {
    const logging = resources('production', 'AWS::StepFunctions::StateMachine').map(
      ({ Properties }) => Properties.LoggingConfiguration,
    );
    expect(logging).toHaveLength(3);
    for (const each of logging) expect(each).toMatchObject({ Level: 'ERROR', IncludeExecutionData: false });
  });
});
