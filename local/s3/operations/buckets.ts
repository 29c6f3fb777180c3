/** What a bucket is, as its template made it. */
import { bucketAccess, serviceAccess } from '../access.ts';
import { type BucketCall, type Call, isoTime, type Operation, xmlResponse } from '../call.ts';
import { refuse } from '../errors.ts';
import { type XmlElement, xmlDocument } from '../xml/write.ts';

export const listBuckets: Operation<Call> = (s3, call) => {
  s3.authorizer.require(call.request.caller, serviceAccess(s3, call, 's3:ListAllMyBuckets'));
  const prefix = call.query.get('prefix') ?? '';
  const rows = s3.store.prepare('SELECT name, created FROM s3_buckets ORDER BY name').all();
  const buckets = rows
    .filter((row) => s3.buckets.has(String(row.name)) && String(row.name).startsWith(prefix))
    .map(
      (row): XmlElement => [
        'Bucket',
        [
          ['Name', String(row.name)],
          ['CreationDate', isoTime(Number(row.created))],
          ['BucketRegion', s3.region],
        ],
      ],
    );
  return xmlResponse(
    xmlDocument('ListAllMyBucketsResult', [
      ['Owner', [['ID', s3.accountId]]],
      ['Buckets', buckets],
    ]),
  );
};

export const headBucket: Operation<BucketCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:ListBucket'));
  return {
    status: 200,
    headers: { 'x-amz-bucket-region': s3.region, 'x-amz-bucket-arn': call.bucket.arn, 'content-length': '0' },
  };
};

export const getBucketLocation: Operation<BucketCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:GetBucketLocation'));
  // The oldest region has no name here. The element is the text itself.
  const name = s3.region === 'us-east-1' ? '' : s3.region;
  return xmlResponse(
    `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${name}</LocationConstraint>`,
  );
};

export const getBucketVersioning: Operation<BucketCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:GetBucketVersioning'));
  const { versioning } = call.bucket;
  return xmlResponse(
    xmlDocument('VersioningConfiguration', [['Status', versioning === 'Off' ? undefined : versioning]]),
  );
};

export const getObjectLockConfiguration: Operation<BucketCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:GetBucketObjectLockConfiguration'));
  const { objectLock, defaultRetention } = call.bucket;
  if (!objectLock) {
    throw refuse.notFound(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    );
  }
  const rule: readonly XmlElement[] | undefined = defaultRetention && [
    [
      'DefaultRetention',
      [
        ['Mode', defaultRetention.mode],
        ['Days', defaultRetention.days],
      ],
    ],
  ];
  return xmlResponse(
    xmlDocument('ObjectLockConfiguration', [
      ['ObjectLockEnabled', 'Enabled'],
      ['Rule', rule],
    ]),
  );
};

export const getBucketPolicy: Operation<BucketCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:GetBucketPolicy'));
  if (call.bucket.policy === undefined) {
    throw refuse.notFound('NoSuchBucketPolicy', 'The bucket policy does not exist');
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(call.bucket.policy),
  };
};

export const getBucketEncryption: Operation<BucketCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:GetEncryptionConfiguration'));
  const { encryption, bucketKey } = call.bucket;
  return xmlResponse(
    xmlDocument('ServerSideEncryptionConfiguration', [
      [
        'Rule',
        [
          [
            'ApplyServerSideEncryptionByDefault',
            [
              ['SSEAlgorithm', encryption.algorithm],
              ['KMSMasterKeyID', encryption.keyId],
            ],
          ],
          ['BucketKeyEnabled', bucketKey],
        ],
      ],
    ]),
  );
};
