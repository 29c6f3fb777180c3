/**
 * How many there may be in an account and region, before somebody asks for more. What is there already only the account knows:
 * a deployment's own share is said, so that it can be held against Service Quotas. AWS's defaults of November 2026.
 */
import { type CheckBefore, counted, type Finding, problem, warning, well } from '../finding.ts';

interface Quota {
  readonly type: string;
  readonly per: 'region' | 'account' | 'VPC';
  readonly limit: number;
  readonly counts?: (properties: Readonly<Record<string, unknown>>) => boolean;
  readonly name: string;
}

const isInterface = (properties: Readonly<Record<string, unknown>>): boolean =>
  properties.VpcEndpointType === 'Interface';

export const QUOTAS: readonly Quota[] = [
  { name: 'VPCs', type: 'AWS::EC2::VPC', per: 'region', limit: 5 },
  { name: 'interface endpoints', type: 'AWS::EC2::VPCEndpoint', per: 'VPC', limit: 50, counts: isInterface },
  {
    name: 'gateway endpoints',
    type: 'AWS::EC2::VPCEndpoint',
    per: 'region',
    limit: 20,
    counts: (properties) => !isInterface(properties),
  },
  { name: 'security groups', type: 'AWS::EC2::SecurityGroup', per: 'region', limit: 2500 },
  { name: 'KMS keys', type: 'AWS::KMS::Key', per: 'region', limit: 100_000 },
  { name: 'roles', type: 'AWS::IAM::Role', per: 'account', limit: 1000 },
  { name: 'customer managed policies', type: 'AWS::IAM::ManagedPolicy', per: 'account', limit: 1500 },
  { name: 'buckets', type: 'AWS::S3::Bucket', per: 'account', limit: 10_000 },
  { name: 'tables', type: 'AWS::DynamoDB::Table', per: 'region', limit: 2500 },
  { name: 'trails', type: 'AWS::CloudTrail::Trail', per: 'region', limit: 5 },
  { name: 'rules', type: 'AWS::Events::Rule', per: 'region', limit: 300 },
  { name: 'schedules', type: 'AWS::Scheduler::Schedule', per: 'region', limit: 1_000_000 },
  { name: 'alarms', type: 'AWS::CloudWatch::Alarm', per: 'region', limit: 5000 },
  { name: 'GuardDuty detectors', type: 'AWS::GuardDuty::Detector', per: 'region', limit: 1 },
];

/** Where a deployment takes so much of a default quota, what else the account holds is likely to matter. */
const LARGE = 0.5;

export const quotas: CheckBefore = {
  id: 'quotas',
  title: 'Quotas of the account',
  look: ({ deployment }) => {
    const taken = QUOTAS.map((quota) => ({
      ...quota,
      count: deployment.ofType(quota.type).filter(({ properties }) => quota.counts?.(properties) ?? true).length,
    })).filter(({ count }) => count > 0);
    const found = taken.flatMap(({ name, count, limit, per }): Finding[] => {
      const said = `${counted(count, name)} of ${limit} that one ${per} has by default`;
      if (count > limit) return [problem(said, 'Ask Service Quotas for more before deploying.')];
      return count >= LARGE * limit ? [warning(said, `See in Service Quotas how many the ${per} has left.`)] : [];
    });
    const functions = deployment.ofType('AWS::Lambda::Function').length;
    return [
      ...found,
      well(
        `${counted(functions, 'functions')} share the account’s concurrency, 1,000 in an established account, 10 in a new one, where two runs at once ` +
          'throttle each other: aws lambda get-account-settings tells',
      ),
      well(taken.map(({ name, count }) => counted(count, name)).join(', ')),
    ];
  },
};
