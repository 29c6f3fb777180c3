/**
 * Who may turn up at the perimeter. Every role of the templates must be named here once, by its logical id: a role that is not is
 * reported. Outsiders come with their powers stated: what they are refused, they are refused in spite of them.
 */

export type PartySpec =
  /** A stage: its code in its network, Lambda in its name, and its credentials stolen and used from elsewhere. */
  | { readonly kind: 'stage'; readonly id: string; readonly role: RegExp; readonly function: string }
  /** A service that has taken a role of ours. */
  | { readonly kind: 'serving'; readonly id: string; readonly role: RegExp; readonly service: string }
  /** Somebody who has taken a role of ours, with a second factor. */
  | { readonly kind: 'person'; readonly id: string; readonly role: RegExp }
  /**
   * A service that acts for itself: for `source` (an ARN in which `REGION`, `ACCOUNT` and `NAME` are filled in, or `SECRET` and the name of one), or for none.
   * Those with a source come four times: for it, for another resource, for another account, and as another service in its place.
   */
  | {
      readonly kind: 'service';
      readonly id: string;
      readonly service: string;
      readonly source: string | undefined;
      /** The other resource. Default: one of another name. */
      readonly other?: string;
      /** Logical id of what not every configuration has: without it, nobody comes for it. */
      readonly only?: string;
    };

const stage = (id: string, logical: string): PartySpec => ({
  kind: 'stage',
  id,
  role: new RegExp(`^${logical}Role$`),
  function: `${logical}Function`,
});

export const PARTIES: readonly PartySpec[] = [
  stage('ingestion', 'Ingestion'),
  stage('reconciliation', 'Reconciliation'),
  stage('processing', 'Processing'),
  stage('egress', 'Egress'),
  stage('seal', 'Seal'),
  stage('custody', 'Custody'),
  stage('salt-rotation', 'SaltRotation'),
  stage('database-rotation', 'DatabaseRotation'),
  stage('sweep-plan', 'SweepPlan'),
  stage('sweep-hash', 'SweepHash'),
  stage('sweep-compare', 'SweepCompare'),
  stage('sweep-locate', 'SweepLocate'),
  stage('sweep-report', 'SweepReport'),
  { kind: 'serving', id: 'sweep machine', role: /^SweepMachineRole$/, service: 'states.amazonaws.com' },
  { kind: 'serving', id: 'sweep closing machine', role: /^SweepClosingMachineRole$/, service: 'states.amazonaws.com' },
  { kind: 'serving', id: 'unreported rule', role: /^UnreportedRuleRole$/, service: 'events.amazonaws.com' },
  { kind: 'serving', id: 'sweep schedule', role: /^SweepScheduleRole$/, service: 'scheduler.amazonaws.com' },
  { kind: 'serving', id: 'submission machine', role: /^SubmissionMachineRole$/, service: 'states.amazonaws.com' },
  { kind: 'serving', id: 'custodian machine', role: /^CustodianMachineRole$/, service: 'states.amazonaws.com' },
  { kind: 'serving', id: 'closing machine', role: /^ClosingMachineRole$/, service: 'states.amazonaws.com' },
  { kind: 'serving', id: 'landing rule', role: /^LandingRuleRole$/, service: 'events.amazonaws.com' },
  { kind: 'serving', id: 'unsealed rule', role: /^UnsealedRuleRole$/, service: 'events.amazonaws.com' },
  { kind: 'serving', id: 'flow log', role: /^NetworkFlowLogRole/, service: 'vpc-flow-logs.amazonaws.com' },
  { kind: 'serving', id: 'trail log', role: /^TrailLogsRole$/, service: 'cloudtrail.amazonaws.com' },
  // CDK's function that empties a sandbox's buckets before they are deleted; one per stack, none in production.
  { kind: 'serving', id: 'teardown', role: /^CustomS3AutoDeleteObjects/, service: 'lambda.amazonaws.com' },
  { kind: 'person', id: 'uploader', role: /^UploaderRole$/ },
  { kind: 'person', id: 'operator', role: /^OperatorRole$/ },
  { kind: 'person', id: 'steward', role: /^StewardRole$/ },
  { kind: 'person', id: 'investigator', role: /^InvestigatorRole$/ },
  { kind: 'person', id: 'analyst', role: /^AnalystRole$/ },
  { kind: 'person', id: 'data-engineer', role: /^DataEngineerRole$/ },
  { kind: 'person', id: 'ml-engineer', role: /^MlEngineerRole$/ },
  { kind: 'person', id: 'auditor', role: /^AuditorRole$/ },
  { kind: 'person', id: 'admin', role: /^AdminRole$/ },
  { kind: 'person', id: 'break-glass', role: /^BreakGlassRole$/ },
  { kind: 'service', id: 'Lambda', service: 'lambda.amazonaws.com', source: undefined },
  {
    kind: 'service',
    id: 'Step Functions for submission',
    service: 'states.amazonaws.com',
    source: 'arn:aws:states:REGION:ACCOUNT:stateMachine:NAME-submission',
  },
  {
    kind: 'service',
    id: 'Step Functions for custodian',
    service: 'states.amazonaws.com',
    source: 'arn:aws:states:REGION:ACCOUNT:stateMachine:NAME-custodian',
  },
  {
    kind: 'service',
    id: 'Step Functions for closing',
    service: 'states.amazonaws.com',
    source: 'arn:aws:states:REGION:ACCOUNT:stateMachine:NAME-closing',
  },
  {
    kind: 'service',
    id: 'EventBridge for landing',
    service: 'events.amazonaws.com',
    source: 'arn:aws:events:REGION:ACCOUNT:rule/NAME-landing',
  },
  {
    kind: 'service',
    id: 'EventBridge for unsealed',
    service: 'events.amazonaws.com',
    source: 'arn:aws:events:REGION:ACCOUNT:rule/NAME-unsealed',
  },
  {
    kind: 'service',
    id: 'EventBridge for findings',
    service: 'events.amazonaws.com',
    source: 'arn:aws:events:REGION:ACCOUNT:rule/NAME-findings',
    only: 'FindingsRule',
  },
  {
    kind: 'service',
    id: 'VPC flow logs',
    service: 'vpc-flow-logs.amazonaws.com',
    source: 'arn:aws:ec2:REGION:ACCOUNT:vpc-flow-log/fl-0123456789abcdef0',
    other: 'arn:aws:ec2:REGION:ACCOUNT:transit-gateway/tgw-0123456789abcdef0',
  },
  {
    kind: 'service',
    id: 'CloudTrail',
    service: 'cloudtrail.amazonaws.com',
    source: 'arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME-trail',
  },
  {
    kind: 'service',
    id: 'Secrets Manager for the salts',
    service: 'secretsmanager.amazonaws.com',
    source: 'SECRET token-salts',
  },
  {
    kind: 'service',
    id: 'Secrets Manager for the databases',
    service: 'secretsmanager.amazonaws.com',
    source: 'SECRET rotated sweep-connection-*',
    only: 'DatabaseRotationFunction',
  },
  {
    kind: 'service',
    id: 'CloudWatch',
    service: 'cloudwatch.amazonaws.com',
    source: 'arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME-dead-letters',
  },
  {
    kind: 'service',
    id: 'Step Functions for sweep',
    service: 'states.amazonaws.com',
    source: 'arn:aws:states:REGION:ACCOUNT:stateMachine:NAME-sweep',
  },
  {
    kind: 'service',
    id: 'Step Functions for sweep closing',
    service: 'states.amazonaws.com',
    source: 'arn:aws:states:REGION:ACCOUNT:stateMachine:NAME-sweep-closing',
  },
  {
    kind: 'service',
    id: 'EventBridge for unreported',
    service: 'events.amazonaws.com',
    source: 'arn:aws:events:REGION:ACCOUNT:rule/NAME-unreported',
  },
  {
    kind: 'service',
    id: 'Scheduler',
    service: 'scheduler.amazonaws.com',
    source: 'arn:aws:scheduler:REGION:ACCOUNT:schedule-group/NAME-sweeps',
  },
  // Says whose log it encrypts by the encryption context, and by no source.
  { kind: 'service', id: 'CloudWatch Logs', service: 'logs.REGION.amazonaws.com', source: undefined },
  { kind: 'service', id: 'a service that names no source', service: 'config.amazonaws.com', source: undefined },
];

/** Who is in no template. `powers`: what the policies of their own account give them. */
export const OUTSIDERS = {
  root: 'the root user of the account',
  administrator: 'a role of the account with every permission, with a second factor, from anywhere',
  deployer: 'the role by which CDK has CloudFormation deploy, with every permission',
  configured: 'a role of the account that the configuration names as an uploader, with every permission besides',
  stranger: 'a role of the account with no permission at all',
  foreigner: 'a role of another account with every permission there, from its own network',
  smuggler: 'that role again, used inside our network: credentials that somebody has brought along',
} as const;

/** Names for several at once, in the tables. */
export const GROUPS = {
  stages: ['ingestion', 'reconciliation', 'processing', 'egress', 'seal', 'custody'],
  sweeping: ['sweep-plan', 'sweep-hash', 'sweep-compare', 'sweep-locate', 'sweep-report'],
  /** Those that read the sides. */
  opening: ['sweep-plan', 'sweep-hash', 'sweep-locate'],
  turning: ['ingestion', 'reconciliation', 'processing', 'egress'],
  people: [
    ...['uploader', 'operator', 'steward', 'investigator', 'analyst', 'data-engineer', 'ml-engineer', 'auditor'],
    ...['admin', 'break-glass'],
  ],
} as const;

/** Functions that rotate secrets: they touch nothing else, and so no bucket or table tells their network apart. */
export const ROTATING: readonly string[] = ['salt-rotation', 'database-rotation'];
/** In deployments that ask for it. */
export const OPTIONAL: readonly string[] = ['database-rotation'];

/** Roles that are taken for minutes, on a second factor of minutes ago. */
export const EMERGENCY: readonly string[] = ['break-glass'];
