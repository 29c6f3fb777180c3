/** Uploads a file with the token that admits it. The run's id follows from where it landed: nobody has to ask for it. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { mintSubmissionToken, type SubmissionGrant } from '../../shared/credential/mint.ts';
import { SUBMISSION_TOKEN_METADATA } from '../../shared/names.ts';
import { Problem } from '../../shared/problem.ts';
import { runIdOf } from '../../shared/run-id.ts';
import type { Es256Signer } from '../../shared/signature/signer.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';

/** Minutes that a development token lives: long enough to upload a large file, short enough to be of no later use. */
const LIFETIME_SECONDS = 15 * 60;

export interface TokenOptions {
  readonly connection: Pick<Connection, 'deployment' | 'buckets'>;
  readonly signer: Es256Signer;
  readonly issuer: string;
  readonly subject: string;
  readonly dataset: string;
  /** Key in the landing bucket; absent: the file's name in any folder. */
  readonly key?: string;
  readonly idempotencyKey?: string;
  /** Members that replace what would be claimed: how the demonstration and the tests make tokens that must be refused. */
  readonly claims?: Partial<SubmissionGrant>;
}

/** Mints a token for a file. @throws Problem `not-found` where the file cannot be read. */
export async function tokenFor(file: string, options: TokenOptions): Promise<string> {
  const { size, sha256 } = await digestOf(file);
  const issuedAt = Math.floor(Date.now() / 1000);
  return mintSubmissionToken(
    {
      issuer: options.issuer,
      subject: options.subject,
      audience: `parapet:${options.connection.deployment}`,
      scopes: ['ingest:read', 'reconcile:read'],
      bucket: options.connection.buckets.landing,
      key: options.key ?? `**/${basename(file)}`,
      size,
      sha256,
      contract: options.dataset,
      ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
      jti: randomUUID(),
      issuedAt,
      expiresAt: issuedAt + LIFETIME_SECONDS,
      ...options.claims,
    },
    options.signer,
  );
}

export interface Uploaded {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly run: string;
}

export async function upload(
  { s3 }: Pick<Clients, 's3'>,
  bucket: string,
  file: string,
  { key, token, contentType }: { readonly key: string; readonly token?: string; readonly contentType?: string },
): Promise<Uploaded> {
  const put = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: createReadStream(file),
      ContentLength: statSync(file).size,
      ...(contentType === undefined ? {} : { ContentType: contentType }),
      ...(token === undefined ? {} : { Metadata: { [SUBMISSION_TOKEN_METADATA]: token } }),
    }),
  );
  const versionId = put.VersionId;
  if (versionId === undefined)
    throw new Problem('internal-failure', { detail: 'The landing bucket keeps no versions.' });
  return { bucket, key, versionId, run: runIdOf({ bucket, key, versionId }) };
}

async function digestOf(file: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of createReadStream(file)) {
      hash.update(piece as Buffer);
      size += (piece as Buffer).length;
    }
  } catch (cause) {
    throw new Problem('not-found', { detail: `${file} cannot be read.`, cause });
  }
  return { size, sha256: hash.digest('hex') };
}
