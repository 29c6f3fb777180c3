/** What people may do, in the roles that they take. */

import { list, type Permission, throughDynamoDb, throughS3 } from './permission.ts';
import { ADMINISTRATION_PERMISSIONS } from './permissions-of-administration.ts';

const WORKING: readonly Permission[] = [
  {
    who: 'uploader',
    may: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    on: 'landing/*',
    because: 'puts uploads, singly and in parts',
  },
  {
    who: 'uploader',
    may: ['kms:GenerateDataKey', 'kms:Decrypt'],
    on: throughS3('landing', 'landing'),
    because: 'completing an upload opens its parts',
  },
  {
    who: ['operator', 'data-engineer', 'auditor'],
    may: ['dynamodb:GetItem', 'dynamodb:Scan'],
    on: 'table/runs',
    because: 'sees what became of runs',
  },
  {
    who: ['operator', 'data-engineer', 'auditor'],
    may: 'kms:Decrypt',
    on: throughDynamoDb('runs'),
    because: 'DynamoDB opens the table in its name',
  },
  {
    who: 'operator',
    may: ['dynamodb:GetItem', 'dynamodb:Scan'],
    on: 'table/gates',
    because: 'sees which breakers are open',
  },
  {
    who: 'operator',
    may: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
    on: 'table/closings',
    because: 'closes breakers; opens no gate',
  },
  {
    who: 'operator',
    may: 'kms:Decrypt',
    on: throughDynamoDb('gates', 'closings'),
    because: 'DynamoDB opens the tables in its name',
  },
  {
    who: ['operator', 'data-engineer', 'auditor'],
    may: ['states:DescribeExecution', 'states:GetExecutionHistory'],
    on: ['execution/submission', 'execution/custodian'],
    because: 'sees where a run stands',
  },
  {
    who: 'operator',
    may: 'states:RedriveExecution',
    on: 'execution/submission',
    because: 'takes a failed run up again, with the input that it began with',
  },
  {
    who: 'operator',
    may: 'states:StartExecution',
    on: 'machine/custodian',
    because: 'asks for release or discard; starts no run of an upload',
  },
  {
    who: 'operator',
    may: 'states:ListExecutions',
    on: ['machine/submission', 'machine/custodian'],
    because: 'finds an execution that has not told its run',
  },
  {
    who: 'operator',
    may: 's3:ListBucket',
    on: 'quarantine?*',
    because: 'finds what waits',
  },
  {
    who: 'operator',
    may: ['s3:GetObject', 's3:GetObjectVersion'],
    on: ['quarantine/problems/*', 'quarantine/uploads/RUN/problem.json'],
    because: 'reads why a record was turned away; no raw record',
  },
  { who: 'operator', may: 'kms:Decrypt', on: throughS3('quarantine', 'quarantine'), because: 'opens problems' },
  {
    who: ['operator', 'auditor'],
    may: 's3:ListBucket',
    on: 'audit?*',
    because: 'finds the evidence of a run',
  },
  {
    who: ['operator', 'auditor'],
    may: ['s3:GetObject', 's3:GetObjectVersion'],
    on: ['audit/entries/*', 'audit/seals/*', 'audit/sweeps/*'],
    because: 'reads the evidence',
  },
  { who: ['operator', 'auditor'], may: 'kms:Decrypt', on: throughS3('audit', 'audit'), because: 'opens evidence' },
  {
    who: ['operator', 'auditor'],
    may: 'kms:GetPublicKey',
    on: 'key/seal-signing directly',
    because: 'verifies a seal',
  },
  {
    who: ['analyst', 'data-engineer', 'ml-engineer', 'auditor'],
    may: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'],
    on: ['table/contracts', 'table/rule-packs'],
    because: 'reads what a column means, and of which class it is',
  },
  {
    who: ['analyst', 'data-engineer', 'ml-engineer', 'auditor'],
    may: 'kms:Decrypt',
    on: throughDynamoDb('contracts', 'rule-packs'),
    because: 'DynamoDB opens the tables in its name',
  },
  {
    who: 'steward',
    may: [
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Scan',
    ],
    on: ['contracts', 'issuers', 'ledger', 'rule-packs', 'destinations'].map((each) => `table/${each}`),
    because: 'keeps the registries',
  },
  {
    who: 'steward',
    may: 'kms:Decrypt',
    on: throughDynamoDb('contracts', 'issuers', 'ledger', 'rule-packs', 'destinations'),
    because: 'DynamoDB opens the tables in its name',
  },
  {
    who: 'steward',
    may: ['kms:Sign', 'kms:GetPublicKey'],
    on: 'key/contract-signing directly',
    because: 'signs contracts and rule packs',
  },
  {
    who: 'investigator',
    may: [
      'athena:BatchGetNamedQuery',
      'athena:GetNamedQuery',
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:GetWorkGroup',
      'athena:ListNamedQueries',
      'athena:ListQueryExecutions',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
    ],
    on: 'workgroup/investigation*',
    because: 'asks the trail, in a work group that decides where answers go',
  },
  {
    who: 'investigator',
    may: ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
    on: ['glue/catalog', 'glue/database/parapet', 'glue/table/parapet/trail'],
    because: 'Athena reads the description of the table in its name',
  },
  { who: 'investigator', may: 's3:ListBucket', on: ['trail?*', 'findings?*'], because: 'Athena finds the log files' },
  {
    who: 'investigator',
    may: 's3:GetBucketLocation',
    on: ['trail', 'findings'],
    because: 'Athena asks where they are',
  },
  {
    who: 'investigator',
    may: 's3:GetObject',
    on: 'trail/AWSLogs/ACCOUNT/CloudTrail/*',
    because: 'reads log files, of this account',
  },
  {
    who: 'investigator',
    may: 'kms:Decrypt',
    on: [...throughS3('trail', 'trail'), ...throughS3('trail', 'findings')],
    because: 'opens log files and answers',
  },
  { who: 'investigator', may: 'kms:GenerateDataKey', on: throughS3('trail', 'findings'), because: 'encrypts answers' },
  {
    who: 'investigator',
    may: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    on: 'findings/results/*',
    because: 'Athena writes answers in its name',
  },
];

export const PEOPLE_PERMISSIONS: readonly Permission[] = [...WORKING, ...ADMINISTRATION_PERMISSIONS];

/** What the boundary of people leaves open, on things of this account: what some person does. */
export const PEOPLE_PLANE: ReadonlySet<string> = new Set(PEOPLE_PERMISSIONS.flatMap(({ may }) => list(may)));
