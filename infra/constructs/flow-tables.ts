import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type Actor, SWEEP_ACTORS, type SweepActor, TABLES } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import { type Person, whoMay } from '../people/matrix.ts';
import { ACTORS, capital, functionRoles, type Principals } from '../principals.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { pin } from './pinned.ts';
import { OPENING } from './sweep-storage.ts';

export type TableName = keyof typeof TABLES;
const TABLE_NAMES = Object.keys(TABLES).filter((name): name is TableName => name in TABLES);

interface Shape {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly ttl?: string;
}

/**
 * Who reads and writes items. Whoever is not named is refused, administrators included. The root user keeps the registries and sees
 * runs where there is no steward yet; what ties tokens to people it does not touch.
 */
const keepers = [...whoMay('keepRegistries'), 'root'] as const;
const ADMITTED: Readonly<Record<TableName, readonly (Actor | Person | 'root')[]>> = {
  runs: [...ACTORS, ...whoMay('watchRuns'), 'root'],
  credentials: ['ingestion'],
  idempotency: ['reconciliation'],
  subjectKeys: ['ingestion', 'egress'],
  contracts: ['ingestion', 'reconciliation', 'processing', 'egress', ...whoMay('readContracts'), ...keepers],
  issuers: ['ingestion', ...keepers],
  ledger: ['reconciliation', ...keepers],
  rulePacks: ['processing', ...whoMay('readContracts'), ...keepers],
  destinations: ['egress', ...keepers],
  gates: [...whoMay('closeBreakers'), 'root'],
  // Never a step of a sweep beside reading: who reads the databases must not be able to close its own breaker.
  closings: [...whoMay('closeBreakers'), 'root'],
};

/** And those of a sweep's steps that need them, where anything is swept. */
const SWEEPING: Readonly<Partial<Record<TableName, readonly SweepActor[]>>> = {
  contracts: SWEEP_ACTORS,
  gates: ['sweep-plan', 'sweep-report'],
  closings: ['sweep-plan', 'sweep-report'],
};

/** The deployment's own ledger may be a side: then it is read whole. */
function sweeping(name: TableName, { sweeps, connections }: DeploymentConfiguration): readonly SweepActor[] {
  if (Object.keys(sweeps).length === 0) return [];
  const own = Object.values(connections).some((each) => each.engine === 'dynamodb' && each.own === name);
  return own ? OPENING : (SWEEPING[name] ?? []);
}

/** Everything that reads or writes items, an export of them all included. */
const ITEM_OPERATIONS = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:ExportTableToPointInTime',
  'dynamodb:GetItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLSelect',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
];

export interface FlowTablesProps {
  readonly config: DeploymentConfiguration;
  readonly principals: Principals;
  readonly key: kms.Key;
  readonly vpcId: string;
}

/** Every table of shared/names.ts: keys are texts, capacity is on demand, backups reach back to any second of 35 days. */
export class FlowTables extends Construct {
  readonly byName: Readonly<Record<TableName, dynamodb.Table>>;

  constructor(scope: Construct, id: string, props: FlowTablesProps) {
    super(scope, id);
    const table = (name: TableName): dynamodb.Table => this.#table(name, TABLES[name], props);
    this.byName = {
      runs: table('runs'),
      credentials: table('credentials'),
      idempotency: table('idempotency'),
      subjectKeys: table('subjectKeys'),
      contracts: table('contracts'),
      issuers: table('issuers'),
      ledger: table('ledger'),
      rulePacks: table('rulePacks'),
      destinations: table('destinations'),
      gates: table('gates'),
      closings: table('closings'),
    } satisfies Record<(typeof TABLE_NAMES)[number], dynamodb.Table>;
  }

  #table(name: TableName, shape: Shape, props: FlowTablesProps): dynamodb.Table {
    const { config, key } = props;
    const text = (attribute: string) => ({ name: attribute, type: dynamodb.AttributeType.STRING });
    const table = new dynamodb.Table(this, capital(name), {
      partitionKey: text(shape.partitionKey),
      ...(shape.sortKey ? { sortKey: text(shape.sortKey) } : {}),
      ...(shape.ttl ? { timeToLiveAttribute: shape.ttl } : {}),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      resourcePolicy: guard(name, props),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: config.retained,
      removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      table,
      ofPacks('DynamoDBInBackupPlan', 'HIPAA.Security', 'NIST.800.53.R5'),
      'Every second of the last 35 days can be restored. A backup plan would keep copies for longer, and a subject key that was shredded would live on in them.',
    );
    return pin(table, `${capital(name)}Table`);
  }
}

/** Denials only: who is admitted still needs a policy of its own. "*" is the table itself, whose ARN its own policy cannot refer to. */
function guard(name: TableName, { config, principals, vpcId }: FlowTablesProps): iam.PolicyDocument {
  const steps = sweeping(name, config);
  const admitted = [...ADMITTED[name], ...steps].map((who) =>
    who === 'root' ? principals.root : principals.roleArn(who),
  );
  const deny = (sid: string, actions: string[], conditions: Record<string, Record<string, unknown>>) =>
    new iam.PolicyStatement({
      sid,
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions,
      resources: ['*'],
      conditions,
    });
  return new iam.PolicyDocument({
    statements: [
      deny('DenyUnnamedPrincipals', ITEM_OPERATIONS, { ArnNotEqualsIfExists: { 'aws:PrincipalArn': admitted } }),
      deny('DenyOtherAccounts', ['dynamodb:*'], {
        StringNotEqualsIfExists: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID },
      }),
      // A stage's role outside the stage's network is a stolen credential.
      deny('DenyStagesOutsideNetwork', ['dynamodb:*'], {
        StringNotEqualsIfExists: { 'aws:SourceVpc': vpcId },
        ArnEquals: { 'aws:PrincipalArn': principals.roleArns(functionRoles(config)) },
      }),
      // DynamoDB still answers over plain HTTP.
      deny('DenyPlainHttp', ['dynamodb:*'], { Bool: { 'aws:SecureTransport': 'false' } }),
    ],
  });
}

/** ARNs of the tables that are sides of sweeps: the deployment's own among them. */
export function sideTables({ connections }: DeploymentConfiguration, { byName }: FlowTables): readonly string[] {
  const arns = Object.values(connections).flatMap((connection) =>
    connection.engine === 'dynamodb' ? [sideArn(connection, byName)] : [],
  );
  return [...new Set(arns)];
}

type TableConnection = Extract<DeploymentConfiguration['connections'][string], { readonly engine: 'dynamodb' }>;

export const sideArn = ({ own, table }: TableConnection, byName: FlowTables['byName']): string =>
  own === undefined
    ? `arn:${Aws.PARTITION}:dynamodb:${Aws.REGION}:${Aws.ACCOUNT_ID}:table/${table}`
    : byName[own].tableArn;
