/**
 * Every operation of S3 by method and sub-resource (its service model of 2006-03-01); the more particular ones first. What
 * is implemented is said in service.ts; the rest is here so that a refusal can name it.
 */

export interface Route {
  readonly level: 'service' | 'bucket' | 'object';
  readonly method: string;
  /** Query parameters that must be there. */
  readonly query?: readonly string[];
  /** Header that must be there. */
  readonly header?: string;
  readonly operation: string;
}

type Row = readonly [operation: string, query?: readonly string[], header?: string];

const rows = (level: Route['level'], method: string, list: readonly Row[]): readonly Route[] =>
  list.map(([operation, query, header]) => ({
    level,
    method,
    operation,
    ...(query ? { query } : {}),
    ...(header === undefined ? {} : { header }),
  }));

export const ROUTES: readonly Route[] = [
  ...rows('service', 'GET', [['ListBuckets']]),
  ...rows('bucket', 'DELETE', [
    ['DeleteBucketAnalyticsConfiguration', ['analytics']],
    ['DeleteBucketCors', ['cors']],
    ['DeleteBucketEncryption', ['encryption']],
    ['DeleteBucketIntelligentTieringConfiguration', ['intelligent-tiering']],
    ['DeleteBucketInventoryConfiguration', ['inventory']],
    ['DeleteBucketLifecycle', ['lifecycle']],
    ['DeleteBucketMetadataConfiguration', ['metadataConfiguration']],
    ['DeleteBucketMetadataTableConfiguration', ['metadataTable']],
    ['DeleteBucketMetricsConfiguration', ['metrics']],
    ['DeleteBucketOwnershipControls', ['ownershipControls']],
    ['DeleteBucketPolicy', ['policy']],
    ['DeleteBucketReplication', ['replication']],
    ['DeleteBucketTagging', ['tagging']],
    ['DeleteBucketWebsite', ['website']],
    ['DeletePublicAccessBlock', ['publicAccessBlock']],
    ['DeleteBucket'],
  ]),
  ...rows('bucket', 'GET', [
    ['GetBucketAnalyticsConfiguration', ['analytics', 'id']],
    ['GetBucketIntelligentTieringConfiguration', ['intelligent-tiering', 'id']],
    ['GetBucketInventoryConfiguration', ['inventory', 'id']],
    ['GetBucketMetricsConfiguration', ['metrics', 'id']],
    ['CreateSession', ['session']],
    ['GetBucketAbac', ['abac']],
    ['GetBucketAccelerateConfiguration', ['accelerate']],
    ['GetBucketAcl', ['acl']],
    ['GetBucketCors', ['cors']],
    ['GetBucketEncryption', ['encryption']],
    ['GetBucketLifecycleConfiguration', ['lifecycle']],
    ['GetBucketLocation', ['location']],
    ['GetBucketLogging', ['logging']],
    ['GetBucketMetadataConfiguration', ['metadataConfiguration']],
    ['GetBucketMetadataTableConfiguration', ['metadataTable']],
    ['GetBucketNotificationConfiguration', ['notification']],
    ['GetBucketOwnershipControls', ['ownershipControls']],
    ['GetBucketPolicy', ['policy']],
    ['GetBucketPolicyStatus', ['policyStatus']],
    ['GetBucketReplication', ['replication']],
    ['GetBucketRequestPayment', ['requestPayment']],
    ['GetBucketTagging', ['tagging']],
    ['GetBucketVersioning', ['versioning']],
    ['GetBucketWebsite', ['website']],
    ['GetObjectLockConfiguration', ['object-lock']],
    ['GetPublicAccessBlock', ['publicAccessBlock']],
    ['ListBucketAnalyticsConfigurations', ['analytics']],
    ['ListBucketIntelligentTieringConfigurations', ['intelligent-tiering']],
    ['ListBucketInventoryConfigurations', ['inventory']],
    ['ListBucketMetricsConfigurations', ['metrics']],
    ['ListMultipartUploads', ['uploads']],
    ['ListObjectVersions', ['versions']],
    ['ListObjectsV2', ['list-type']],
    ['ListObjects'],
  ]),
  ...rows('bucket', 'HEAD', [['HeadBucket']]),
  ...rows('bucket', 'POST', [
    ['CreateBucketMetadataConfiguration', ['metadataConfiguration']],
    ['CreateBucketMetadataTableConfiguration', ['metadataTable']],
    ['DeleteObjects', ['delete']],
    ['PostObject'],
  ]),
  ...rows('bucket', 'PUT', [
    ['PutBucketAbac', ['abac']],
    ['PutBucketAccelerateConfiguration', ['accelerate']],
    ['PutBucketAcl', ['acl']],
    ['PutBucketAnalyticsConfiguration', ['analytics']],
    ['PutBucketCors', ['cors']],
    ['PutBucketEncryption', ['encryption']],
    ['PutBucketIntelligentTieringConfiguration', ['intelligent-tiering']],
    ['PutBucketInventoryConfiguration', ['inventory']],
    ['PutBucketLifecycleConfiguration', ['lifecycle']],
    ['PutBucketLogging', ['logging']],
    ['PutBucketMetricsConfiguration', ['metrics']],
    ['PutBucketNotificationConfiguration', ['notification']],
    ['PutBucketOwnershipControls', ['ownershipControls']],
    ['PutBucketPolicy', ['policy']],
    ['PutBucketReplication', ['replication']],
    ['PutBucketRequestPayment', ['requestPayment']],
    ['PutBucketTagging', ['tagging']],
    ['PutBucketVersioning', ['versioning']],
    ['PutBucketWebsite', ['website']],
    ['PutObjectLockConfiguration', ['object-lock']],
    ['PutPublicAccessBlock', ['publicAccessBlock']],
    ['UpdateBucketMetadataInventoryTableConfiguration', ['metadataInventoryTable']],
    ['UpdateBucketMetadataJournalTableConfiguration', ['metadataJournalTable']],
    ['CreateBucket'],
  ]),
  ...rows('object', 'DELETE', [
    ['AbortMultipartUpload', ['uploadId']],
    ['DeleteObjectTagging', ['tagging']],
    ['DeleteObject'],
  ]),
  ...rows('object', 'GET', [
    ['GetObjectAcl', ['acl']],
    ['GetObjectAttributes', ['attributes']],
    ['GetObjectLegalHold', ['legal-hold']],
    ['GetObjectRetention', ['retention']],
    ['GetObjectTagging', ['tagging']],
    ['GetObjectTorrent', ['torrent']],
    ['ListParts', ['uploadId']],
    ['GetObject'],
  ]),
  ...rows('object', 'HEAD', [['HeadObject']]),
  ...rows('object', 'POST', [
    ['SelectObjectContent', ['select', 'select-type']],
    ['CompleteMultipartUpload', ['uploadId']],
    ['CreateMultipartUpload', ['uploads']],
    ['RestoreObject', ['restore']],
  ]),
  ...rows('object', 'PUT', [
    ['UploadPartCopy', ['partNumber', 'uploadId'], 'x-amz-copy-source'],
    ['UploadPart', ['partNumber', 'uploadId']],
    ['PutObjectAcl', ['acl']],
    ['PutObjectLegalHold', ['legal-hold']],
    ['PutObjectRetention', ['retention']],
    ['PutObjectTagging', ['tagging']],
    ['RenameObject', ['renameObject']],
    ['UpdateObjectEncryption', ['encryption']],
    ['CopyObject', [], 'x-amz-copy-source'],
    ['PutObject'],
  ]),
];
