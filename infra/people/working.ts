/** Deeds on data: uploads, runs, what was turned away, evidence, registries. */
import type { Grant } from '../constructs/grant.ts';
import { decryptTables, throughS3 } from '../constructs/key-grants.ts';
import type { Deed } from './matrix.ts';
import { type DeedProps, regional } from './props.ts';

const READ_ITEMS = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'];
const READ_OBJECTS = ['s3:GetObject', 's3:GetObjectVersion'];

export function workingDeeds(props: DeedProps) {
  const { principals, buckets, keys, tables } = props;
  const { runs, contracts, issuers, ledger, rulePacks, destinations, gates, closings } = tables.byName;
  const registries = [contracts, issuers, ledger, rulePacks, destinations];
  const execution = (machine: string): string => regional('states', `execution:${principals.name(machine)}:*`);
  const machine = (name: string): string => regional('states', `stateMachine:${principals.name(name)}`);
  return {
    putUploads: [
      {
        sid: 'PutUploads',
        because: 'an upload starts a run; multipart uploads are put, completed and given up by their parts',
        actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
        resources: [buckets.landing.arnForObjects('*')],
      },
      throughS3(
        'EncryptUploads',
        'an upload is encrypted as it lands; completing a multipart upload decrypts its parts',
        { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], key: keys.landing, bucket: buckets.landing },
      ),
    ],
    watchRuns: [
      {
        sid: 'WatchRuns',
        because: 'the status of a run is an item of the run table',
        actions: ['dynamodb:GetItem', 'dynamodb:Scan'],
        resources: [runs.tableArn],
      },
      decryptTables('OpenRuns', 'the run table is encrypted under the key of the tables', keys.tables, [runs]),
      {
        sid: 'WatchExecutions',
        because: 'an execution says in which stage a run stands',
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
        resources: [execution('submission'), execution('custodian')],
      },
    ],
    resumeRuns: [
      {
        sid: 'ResumeRuns',
        because:
          'a run that failed for a reason that is mended goes on in its own execution, with the input that it began with: nobody starts one by hand',
        actions: ['states:RedriveExecution'],
        resources: [execution('submission')],
      },
      {
        sid: 'FindRuns',
        because: 'an execution that has not told its run is found by its time',
        actions: ['states:ListExecutions'],
        resources: [machine('submission')],
      },
    ],
    askCustody: [
      {
        sid: 'StartCustody',
        because:
          'release and discard are executions, so that the custodian audits them; this machine ingests no upload',
        actions: ['states:ListExecutions', 'states:StartExecution'],
        resources: [machine('custodian')],
      },
    ],
    closeBreakers: [
      {
        sid: 'WatchGates',
        because: 'which breakers are open, and why, is said by the items of the gates',
        actions: ['dynamodb:GetItem', 'dynamodb:Scan'],
        resources: [gates.tableArn],
      },
      {
        sid: 'CloseBreakers',
        because: 'a breaker stays open until a person closes it, which is an item of its own and opens no gate',
        actions: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
        resources: [closings.tableArn],
      },
      decryptTables('OpenGates', 'gates and closings are encrypted under the key of the tables', keys.tables, [
        gates,
        closings,
      ]),
    ],
    readProblems: [
      {
        sid: 'ListQuarantine',
        because: 'what waits for a decision has to be found',
        actions: ['s3:ListBucket'],
        resources: [buckets.quarantine.bucketArn],
      },
      {
        sid: 'ReadProblems',
        because: 'problem documents say why a record was turned away; the raw records stay the custodian’s',
        actions: READ_OBJECTS,
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
    ],
    readEvidence: [
      {
        sid: 'ListEvidence',
        because: 'a seal and the segments it covers are found by the run',
        actions: ['s3:ListBucket'],
        resources: [buckets.audit.bucketArn],
      },
      {
        sid: 'ReadEvidence',
        because: 'a seal is verified against the entries themselves',
        actions: READ_OBJECTS,
        resources: [
          buckets.audit.arnForObjects('entries/*'),
          buckets.audit.arnForObjects('seals/*'),
          buckets.audit.arnForObjects('sweeps/*'),
        ],
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
    ],
    readContracts: [
      {
        sid: 'ReadContracts',
        because: 'contracts say what a column means and of which class it is',
        actions: READ_ITEMS,
        resources: [contracts.tableArn, rulePacks.tableArn],
      },
      decryptTables('OpenContracts', 'the registries are encrypted under the key of the tables', keys.tables, [
        contracts,
        rulePacks,
      ]),
    ],
    keepRegistries: [
      {
        sid: 'KeepRegistries',
        because: 'contracts, issuers, reference data, rule packs and destinations are seeded and corrected',
        actions: ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', ...READ_ITEMS],
        resources: registries.map((table) => table.tableArn),
      },
      decryptTables(
        'OpenRegistries',
        'the registries are encrypted under the key of the tables',
        keys.tables,
        registries,
      ),
    ],
    signContracts: [
      {
        sid: 'SignContracts',
        because: 'a contract or rule pack runs nothing until it is signed',
        actions: ['kms:GetPublicKey', 'kms:Sign'],
        resources: [keys.contractSigning.keyArn],
      },
    ],
  } satisfies Partial<Record<Deed, readonly Grant[]>>;
}
