import { type CheckBefore, type Finding, problem, unasked, warning, well } from '../finding.ts';

/** Of CloudFormation's registry, as cfn-lint 1.51.0 carries it. */
const AS_OF = '2026-05';

/** Regions whose registry offers every type below. */
const REGIONS: ReadonlySet<string> = new Set([
  ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1'],
  ...['ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
  ...['ap-southeast-6', 'ap-southeast-7', 'ca-central-1', 'ca-west-1', 'cn-north-1', 'cn-northwest-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-isoe-west-1', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1'],
  ...['eu-west-2', 'eu-west-3', 'eusc-de-east-1', 'il-central-1', 'me-central-1', 'me-south-1', 'mx-central-1'],
  ...['sa-east-1', 'us-east-1', 'us-east-2', 'us-gov-east-1', 'us-gov-west-1', 'us-iso-east-1', 'us-iso-west-1'],
  ...['us-isob-east-1', 'us-isob-west-1', 'us-isof-east-1', 'us-isof-south-1', 'us-west-1', 'us-west-2'],
]);

/** Types of resources, by service, that were looked up: all of them are offered in all of these regions. */
const LOOKED_UP: Readonly<Record<string, readonly string[]>> = {
  Athena: ['NamedQuery', 'WorkGroup'],
  CloudTrail: ['Trail'],
  CloudWatch: ['Alarm', 'Dashboard'],
  DynamoDB: ['Table'],
  EC2: [
    'FlowLog',
    'RouteTable',
    'Route',
    'SecurityGroup',
    'SecurityGroupEgress',
    'SecurityGroupIngress',
    'Subnet',
    'SubnetRouteTableAssociation',
    'VPC',
    'VPCEndpoint',
  ],
  Events: ['Rule'],
  Glue: ['Database', 'Table'],
  GuardDuty: ['Detector'],
  IAM: ['ManagedPolicy', 'Policy', 'Role'],
  KMS: ['Alias', 'Key'],
  Lambda: ['Function', 'Permission'],
  Logs: ['LogGroup', 'MetricFilter'],
  S3: ['Bucket', 'BucketPolicy'],
  SNS: ['Subscription', 'Topic', 'TopicPolicy'],
  SQS: ['Queue', 'QueuePolicy'],
  Scheduler: ['Schedule', 'ScheduleGroup'],
  SecretsManager: ['ResourcePolicy', 'RotationSchedule', 'Secret'],
  SecurityHub: ['Hub'],
  StepFunctions: ['StateMachine'],
};
const KNOWN: ReadonlySet<string> = new Set(
  Object.entries(LOOKED_UP).flatMap(([service, types]) => types.map((type) => `AWS::${service}::${type}`)),
);

/** What a registry does not tell, and comes to these partitions later than elsewhere. */
const LATER = /^(cn|us-iso|us-isob|us-isof|eu-isoe|eusc)-/;

export const regions: CheckBefore = {
  id: 'regions',
  title: 'Services in the region',
  look: ({ config, deployment }) => {
    const unknown = [...new Set(deployment.resources.map(({ type }) => type))].filter(
      (type) => !KNOWN.has(type) && !type.startsWith('Custom::'),
    );
    const found: Finding[] = unknown.map((type) =>
      unasked(
        `${type}: not in the table of ${AS_OF}`,
        'Look it up for your region, and add it to cli/doctor/before/regions.ts.',
      ),
    );
    const { region } = config;
    if (region === undefined) {
      return [...found, unasked('the configuration names no region', 'Set /account and /region, and ask again.')];
    }
    if (!REGIONS.has(region)) {
      return [
        ...found,
        problem(
          `${region} is not in the table of ${AS_OF}`,
          'Look up every service there; the table is cli/doctor/before/regions.ts.',
        ),
      ];
    }
    if (LATER.test(region)) {
      found.push(
        warning(
          `${region} is in a partition where runtimes and key types come later`,
          'Try there first: Lambda nodejs24.x on arm64, and a KMS key of type ECC_NIST_EDWARDS25519.',
        ),
      );
    }
    return [...found, well(`${region} offers every type of resource in the templates (${AS_OF})`)];
  },
};
