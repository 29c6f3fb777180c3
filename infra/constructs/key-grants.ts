/** Uses of keys as an identity policy grants them: always through one service, for one bucket, table or context. */
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Grant } from './grant.ts';
import { viaService } from './keys.ts';

/**
 * With a bucket key the encryption context is the bucket's ARN; an object written without one has its own ARN. Both are
 * covered, as a put that names a key may decide for itself.
 */
export function throughS3(
  sid: string,
  because: string,
  use: { readonly actions: readonly string[]; readonly key: kms.Key; readonly bucket: s3.Bucket },
): Grant {
  return {
    sid,
    because,
    actions: use.actions,
    resources: [use.key.keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': viaService('s3') },
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': [use.bucket.bucketArn, use.bucket.arnForObjects('*')] },
    },
  };
}

/** DynamoDB decrypts a table's key in the caller's name, with the table's name in the encryption context. */
export function decryptTables(sid: string, because: string, key: kms.Key, tables: readonly dynamodb.Table[]): Grant {
  return {
    sid,
    because,
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: {
      StringEquals: {
        'kms:ViaService': viaService('dynamodb'),
        'kms:EncryptionContext:aws:dynamodb:tableName': tables.map((table) => table.tableName),
      },
    },
  };
}

/** A direct call under the context of shared/envelope/context.ts: its purpose, and the stage that writes the segment. */
export function envelope(
  sid: string,
  because: string,
  use: {
    readonly action: 'kms:GenerateDataKey' | 'kms:Decrypt';
    readonly key: kms.Key;
    readonly purpose: 'vault' | 'quarantine';
    readonly stages: readonly string[];
  },
): Grant {
  return {
    sid,
    because,
    actions: [use.action],
    resources: [use.key.keyArn],
    conditions: {
      StringEquals: {
        'kms:EncryptionContext:purpose': use.purpose,
        'kms:EncryptionContext:stage': [...use.stages],
      },
      // Never through S3, which takes an encryption context from whoever puts an object.
      Null: { 'kms:EncryptionContext:run': 'false', 'kms:ViaService': 'true' },
    },
  };
}
