/**
 * List prices in US dollars, us-east-1, without free allowances, reserved capacity or taxes. A price that changes is
 * corrected here and nowhere else.
 */
export const PRICES_AS_OF = '2026-11';
export const PRICES_REGION = 'us-east-1';
/** AWS reckons a month so. */
const HOURS_A_MONTH = 730;

/** What a resource costs a month for being there. `units` counts them in its properties; without it, one. */
export interface FixedPrice {
  readonly each: number;
  readonly unit: string;
  readonly units?: (properties: Readonly<Record<string, unknown>>) => number;
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

export const FIXED: Readonly<Record<string, FixedPrice>> = {
  'AWS::EC2::VPCEndpoint': {
    each: 0.01 * HOURS_A_MONTH,
    unit: 'zone of an interface endpoint',
    // Gateway endpoints are free.
    units: ({ VpcEndpointType, SubnetIds }) => (VpcEndpointType === 'Interface' ? lengthOf(SubnetIds) : 0),
  },
  // Rotated key material adds $1 a month after its first and after its second year.
  'AWS::KMS::Key': { each: 1, unit: 'key' },
  'AWS::SecretsManager::Secret': { each: 0.4, unit: 'secret' },
  'AWS::CloudWatch::Alarm': {
    each: 0.1,
    unit: 'metric of an alarm',
    // An expression costs as many as it reads.
    units: ({ Metrics }) => (Array.isArray(Metrics) ? Metrics.filter(hasStatistic).length : 1),
  },
  'AWS::CloudWatch::Dashboard': { each: 3, unit: 'dashboard' },
};

const hasStatistic = (metric: unknown): boolean =>
  typeof metric === 'object' && metric !== null && 'MetricStat' in metric;

/** Paid for by use, or not at all. A type that stands nowhere here is refused: its price has to be looked up first. */
export const WITHOUT_FIXED_PRICE: ReadonlySet<string> = new Set([
  'AWS::Athena::NamedQuery',
  'AWS::Athena::WorkGroup',
  'AWS::CDK::Metadata',
  // The first copy of management events is free.
  'AWS::CloudTrail::Trail',
  'AWS::DynamoDB::Table',
  'AWS::EC2::FlowLog',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::Events::Rule',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::GuardDuty::Detector',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::SecurityHub::Hub',
  'AWS::StepFunctions::StateMachine',
  'Custom::S3AutoDeleteObjects',
  'Custom::VpcRestrictDefaultSG',
]);

/** Dollars for one. */
export const BY_USE = {
  s3Put: 0.005 / 1_000,
  s3Get: 0.0004 / 1_000,
  s3GigabyteMonth: 0.023,
  kmsRequest: 0.03 / 10_000,
  /** On demand, per write or read unit. */
  dynamoWrite: 0.625 / 1_000_000,
  dynamoRead: 0.125 / 1_000_000,
  /** arm64, per GB and second. */
  lambdaGigabyteSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1_000_000,
  /** Between availability zones, charged where it arrives. */
  zoneGigabyte: 0.01,
  trailDataEvent: 0.1 / 100_000,
  logGigabyte: 0.5,
  stateTransition: 25 / 1_000_000,
} as const;
