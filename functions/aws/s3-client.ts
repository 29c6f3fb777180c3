import { S3Client } from '@aws-sdk/client-s3';
import { clientOptions } from './client-options.ts';

export function s3Client(): S3Client {
  return new S3Client({
    ...clientOptions(),
    // An endpoint that is named by itself need not have a host name for every bucket. On AWS none is named.
    forcePathStyle: Boolean(process.env.AWS_ENDPOINT_URL_S3),
    // Every put carries the SHA-256 that the adapter made, and every read is checked against the digest that the audit
    // log or the manifest holds; the SDK's own CRC would add work and prove less.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
