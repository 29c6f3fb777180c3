/** What asking the trail is made of (`askTrail`), by the service that is asked. Athena reads Glue, S3 and KMS in the asker's name. */
export const ATHENA_ACTIONS = [
  'athena:BatchGetNamedQuery',
  'athena:GetNamedQuery',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:GetWorkGroup',
  'athena:ListNamedQueries',
  'athena:ListQueryExecutions',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
];
export const CATALOG_ACTIONS = ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'];
export const PLACE_ACTIONS = ['s3:GetBucketLocation', 's3:ListBucket'];
export const ANSWER_ACTIONS = [
  's3:AbortMultipartUpload',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:PutObject',
];
export const TRAIL_KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

export const TRAIL_ACTIONS = [
  ...ATHENA_ACTIONS,
  ...CATALOG_ACTIONS,
  ...PLACE_ACTIONS,
  ...ANSWER_ACTIONS,
  ...TRAIL_KEY_ACTIONS,
];
