import { S3Client } from '@aws-sdk/client-s3';
import { clientOptions } from './client-options.ts';

export function s3Client(): S3Client {
  return new S3Client({
    ...clientOptions(),
    // Every put carries the SHA-256 that the adapter made, and every read is checked against the digest that the audit
    // log or the manifest holds; the SDK's own CRC would add work and prove less.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
