/** Buckets that come to be by calls. Their objects are those of the embedded storage. */
import { buffer } from 'node:stream/consumers';
import { addressOf } from '../../../local/s3/route.ts';
import type { S3Service } from '../../../local/s3/service.ts';
import { readXml, type XmlNode } from '../../../local/s3/xml/read.ts';
import { ApiError, type ApiRequest } from '../../../local/service.ts';
import type { Declared } from './declared.ts';

const TYPE = 'AWS::S3::Bucket';

type Creation = (bucket: string, body: Buffer, request: ApiRequest) => void;

export function bucketCreation(declared: Declared, service: S3Service) {
  const change = (bucket: string, properties: Readonly<Record<string, unknown>>): void => {
    declared.put(TYPE, bucket, `arn:aws:s3:::${bucket}`, properties);
  };
  const operations: Readonly<Record<string, Creation>> = {
    CreateBucket: (bucket, _, { headers }) => {
      if (declared.get(TYPE, bucket)) throw new ApiError('BucketAlreadyOwnedByYou', 'It is there.', 409);
      change(bucket, headers['x-amz-bucket-object-lock-enabled'] === 'true' ? { ObjectLockEnabled: true } : {});
    },
    PutBucketVersioning: (bucket, body) => {
      change(bucket, { VersioningConfiguration: { Status: readXml(body, 'VersioningConfiguration').get('Status') } });
    },
    PutObjectLockConfiguration: (bucket, body) => {
      const byDefault = readXml(body, 'ObjectLockConfiguration').one('Rule')?.one('DefaultRetention');
      const retention = byDefault && { Mode: byDefault.get('Mode'), Days: byDefault.get('Days') };
      const Rule = retention && { DefaultRetention: retention };
      change(bucket, { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', ...(Rule ? { Rule } : {}) } });
    },
    PutBucketEncryption: (bucket, body) => {
      const rule = readXml(body, 'ServerSideEncryptionConfiguration').one('Rule');
      const given = rule?.one('ApplyServerSideEncryptionByDefault');
      const byDefault = { SSEAlgorithm: given?.get('SSEAlgorithm'), KMSMasterKeyID: given?.get('KMSMasterKeyID') };
      const Rule = {
        BucketKeyEnabled: rule?.get('BucketKeyEnabled') === 'true',
        ServerSideEncryptionByDefault: byDefault,
      };
      change(bucket, { BucketEncryption: { ServerSideEncryptionConfiguration: [Rule] } });
    },
    PutBucketLifecycleConfiguration: (bucket, body) => {
      const rules = readXml(body, 'LifecycleConfiguration').all('Rule').map(lifecycleRule);
      change(bucket, { LifecycleConfiguration: { Rules: rules } });
    },
    PutBucketPolicy: (bucket, body) => {
      const properties = { Bucket: bucket, PolicyDocument: JSON.parse(body.toString('utf8')) };
      declared.put('AWS::S3::BucketPolicy', bucket, '', properties);
    },
    DeleteBucketPolicy: (bucket) => declared.remove('AWS::S3::BucketPolicy', bucket),
    PutPublicAccessBlock: (bucket, body) => {
      const { children } = readXml(body, 'PublicAccessBlockConfiguration');
      change(bucket, {
        PublicAccessBlockConfiguration: Object.fromEntries(children.map(({ name, text }) => [name, text])),
      });
    },
    PutBucketOwnershipControls: (bucket, body) => {
      const rule = readXml(body, 'OwnershipControls').one('Rule');
      change(bucket, { OwnershipControls: { Rules: [{ ObjectOwnership: rule?.get('ObjectOwnership') }] } });
    },
  };
  return {
    names: Object.keys(operations),
    perform: async (name: string, request: ApiRequest): Promise<void> => {
      const { bucket = '' } = addressOf(request);
      if (name !== 'CreateBucket' && !declared.get(TYPE, bucket)) {
        throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
      }
      operations[name]?.(bucket, await buffer(request.body), request);
      service.provision(declared);
    },
  };
}

function lifecycleRule(rule: XmlNode): Readonly<Record<string, unknown>> {
  const days = rule.one('NoncurrentVersionExpiration')?.get('NoncurrentDays');
  const aborted = rule.one('AbortIncompleteMultipartUpload')?.get('DaysAfterInitiation');
  const expiration = rule.one('Expiration');
  return {
    Id: rule.get('ID'),
    Status: rule.get('Status'),
    Prefix: rule.one('Filter')?.get('Prefix') ?? '',
    ...(expiration?.get('Days') === undefined ? {} : { ExpirationInDays: expiration.get('Days') }),
    ...(expiration?.get('ExpiredObjectDeleteMarker') === undefined ? {} : { ExpiredObjectDeleteMarker: true }),
    ...(days === undefined ? {} : { NoncurrentVersionExpiration: { NoncurrentDays: days } }),
    ...(aborted === undefined ? {} : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: aborted } }),
  };
}
