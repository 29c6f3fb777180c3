/**
 * Roles that people take, with a second factor: who puts uploads, who watches runs, who keeps the registries. None
 * reads working, vault or export objects, and none may invoke a stage.
 */
import { Aws, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { capital, type Person, type Principals } from '../principals.ts';
import type { FlowBuckets } from './flow-buckets.ts';
import type { FlowKeys } from './flow-keys.ts';
import type { FlowTables } from './flow-tables.ts';
import { type Grant, keepReasons, policyOf } from './grant.ts';
import { decryptTables, throughS3 } from './key-grants.ts';
import { pin } from './pinned.ts';

export interface PeopleProps {
  readonly principals: Principals;
  readonly buckets: FlowBuckets;
  readonly keys: FlowKeys;
  readonly tables: FlowTables;
}

export class People extends Construct {
  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id);
    this.#role(props.principals, 'uploader', 'Puts uploads into the landing bucket', uploader(props));
    this.#role(
      props.principals,
      'operator',
      'Watches runs, reads quarantine and seals, releases and discards, closes breakers',
      operator(props),
    );
    this.#role(props.principals, 'steward', 'Keeps the registries and signs contracts', steward(props));
  }

  #role(principals: Principals, person: Person, description: string, grants: readonly Grant[]): void {
    const role = new iam.Role(this, capital(person), {
      roleName: principals.name(person),
      description,
      maxSessionDuration: Duration.hours(1),
      assumedBy: new iam.AccountRootPrincipal().withConditions({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      inlinePolicies: { access: policyOf(grants) },
    });
    keepReasons(role, grants);
    pin(role, `${capital(person)}Role`);
  }
}

function uploader({ buckets, keys }: PeopleProps): Grant[] {
  return [
    {
      sid: 'PutUploads',
      because: 'an upload starts a run; multipart uploads are put, completed and given up by their parts',
      actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
      resources: [buckets.landing.arnForObjects('*')],
    },
    throughS3(
      'EncryptUploads',
      'an upload is encrypted as it lands; completing a multipart upload decrypts its parts',
      {
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        key: keys.landing,
        bucket: buckets.landing,
      },
    ),
  ];
}

function operator({ principals, buckets, keys, tables }: PeopleProps): Grant[] {
  const machine = (type: string, suffix: string): string =>
    `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${type}:${principals.name('submission')}${suffix}`;
  return [
    {
      sid: 'WatchRuns',
      because: 'the status of a run is an item of the run table',
      actions: ['dynamodb:GetItem', 'dynamodb:Scan'],
      resources: [tables.byName.runs.tableArn],
    },
    decryptTables('OpenRuns', 'the run table is encrypted under the key of the tables', keys.tables, [
      tables.byName.runs,
    ]),
    {
      sid: 'WatchGates',
      because: 'which breakers are open, and why, is said by the items of the gates',
      actions: ['dynamodb:GetItem', 'dynamodb:Scan'],
      resources: [tables.byName.gates.tableArn],
    },
    {
      sid: 'CloseBreakers',
      because: 'a breaker stays open until a person closes it, which is an item of its own and opens no gate',
      actions: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
      resources: [tables.byName.closings.tableArn],
    },
    decryptTables('OpenGates', 'gates and closings are encrypted under the key of the tables', keys.tables, [
      tables.byName.gates,
      tables.byName.closings,
    ]),
    {
      sid: 'WatchExecutions',
      because: 'an execution says in which stage a run stands',
      actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:RedriveExecution'],
      resources: [machine('execution', ':*')],
    },
    {
      sid: 'StartCustody',
      because: 'release and discard are executions of the same machine, so that the custodian audits them',
      actions: ['states:ListExecutions', 'states:StartExecution'],
      resources: [machine('stateMachine', '')],
    },
    {
      sid: 'ListQuarantine',
      because: 'what waits for a decision has to be found',
      actions: ['s3:ListBucket'],
      resources: [buckets.quarantine.bucketArn],
    },
    {
      sid: 'ReadProblems',
      because: 'problem documents say why a record was turned away; the raw records stay the custodian’s',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [
        buckets.quarantine.arnForObjects('problems/*'),
        buckets.quarantine.arnForObjects('uploads/*/problem.json'),
      ],
    },
    throughS3('OpenProblems', 'problem documents are encrypted under the key of the quarantine', {
      actions: ['kms:Decrypt'],
      key: keys.quarantine,
      bucket: buckets.quarantine,
    }),
    {
      sid: 'ListEvidence',
      because: 'a seal and the segments it covers are found by the run',
      actions: ['s3:ListBucket'],
      resources: [buckets.audit.bucketArn],
    },
    {
      sid: 'ReadEvidence',
      because: 'a seal is verified against the entries themselves',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [buckets.audit.arnForObjects('entries/*'), buckets.audit.arnForObjects('seals/*')],
    },
    throughS3('OpenEvidence', 'entries and seals are encrypted under the key of the audit log', {
      actions: ['kms:Decrypt'],
      key: keys.audit,
      bucket: buckets.audit,
    }),
    {
      sid: 'ReadSealKey',
      because: 'verification starts from the public key',
      actions: ['kms:GetPublicKey'],
      resources: [keys.sealSigning.keyArn],
    },
  ];
}

function steward({ keys, tables }: PeopleProps): Grant[] {
  const { contracts, issuers, ledger, rulePacks, destinations } = tables.byName;
  const registries = [contracts, issuers, ledger, rulePacks, destinations];
  return [
    {
      sid: 'KeepRegistries',
      because: 'contracts, issuers, reference data, rule packs and destinations are seeded and corrected',
      actions: [
        'dynamodb:BatchWriteItem',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:Scan',
      ],
      resources: registries.map((table) => table.tableArn),
    },
    decryptTables(
      'OpenRegistries',
      'the registries are encrypted under the key of the tables',
      keys.tables,
      registries,
    ),
    {
      sid: 'SignContracts',
      because: 'a contract or rule pack runs nothing until it is signed',
      actions: ['kms:GetPublicKey', 'kms:Sign'],
      resources: [keys.contractSigning.keyArn],
    },
  ];
}
