/**
 * Everything that the stages together do to data, by service. It is what the endpoints let through and what the permissions
 * boundary leaves open: a stage that needs one more is a change of this table, seen by whoever reviews it.
 */
export const DATA_OPERATIONS = {
  s3: [
    's3:DeleteObjectVersion',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:PutObject',
    's3:PutObjectRetention',
    's3:PutObjectTagging',
    's3:PutObjectVersionTagging',
  ],
  dynamodb: [
    'dynamodb:BatchGetItem',
    'dynamodb:BatchWriteItem',
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
  ],
  kms: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:GetPublicKey', 'kms:Sign'],
  secretsmanager: ['secretsmanager:GetSecretValue'],
} as const;

/** A sweep reads whole tables, and asks what their keys are: of the tables that are sides, and of no other. */
export const SIDE_OPERATIONS = ['dynamodb:DescribeTable', 'dynamodb:Scan'] as const;
