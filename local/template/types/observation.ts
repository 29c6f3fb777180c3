import { arn, nameFrom, plain, type ResourceType } from './type.ts';

const logGroup = nameFrom('LogGroupName', 512);
const trail = nameFrom('TrailName', 128);
const alarm = nameFrom('AlarmName', 255);
const dashboard = nameFrom('DashboardName', 255);
const parameter = nameFrom('Name', 1011);
const workgroup = nameFrom('Name', 128);

export const OBSERVATION_TYPES: Readonly<Record<string, ResourceType>> = {
  // A log group's ARN ends in `:*`: CloudFormation gives it so.
  'AWS::Logs::LogGroup': { ref: logGroup, arn: arn('logs', (subject) => `log-group:${logGroup(subject)}:*`) },
  'AWS::Logs::ResourcePolicy': { ref: nameFrom('PolicyName', 255) },
  'AWS::Logs::MetricFilter': { ref: nameFrom('FilterName', 512) },
  'AWS::Logs::QueryDefinition': plain,
  'AWS::CloudTrail::Trail': { ref: trail, arn: arn('cloudtrail', (subject) => `trail/${trail(subject)}`) },
  'AWS::CloudWatch::Alarm': { ref: alarm, arn: arn('cloudwatch', (subject) => `alarm:${alarm(subject)}`) },
  'AWS::CloudWatch::CompositeAlarm': { ref: alarm, arn: arn('cloudwatch', (subject) => `alarm:${alarm(subject)}`) },
  'AWS::CloudWatch::Dashboard': { ref: dashboard },
  'AWS::SSM::Parameter': {
    ref: parameter,
    arn: arn('ssm', (subject) => `parameter/${parameter(subject).replace(/^\//, '')}`),
  },
  'AWS::Athena::WorkGroup': { ref: workgroup, arn: arn('athena', (subject) => `workgroup/${workgroup(subject)}`) },
  'AWS::Athena::NamedQuery': { ref: plain.ref, attributes: { NamedQueryId: plain.ref } },
  'AWS::Glue::Database': { ref: nameFrom('DatabaseName', 255) },
  'AWS::Glue::Table': plain,
  'AWS::GuardDuty::Detector': { ref: plain.ref, attributes: { Id: plain.ref } },
  'AWS::SecurityHub::Hub': { ref: plain.ref, arn: arn('securityhub', () => 'hub/default') },
  'AWS::CDK::Metadata': plain,
};
