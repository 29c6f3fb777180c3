/**
 * Fetches a run's evidence into a folder that verifies by itself: `seal.json`, `checkpoint`, `public-key.pem` and every sealed
 * segment under its own key. `parapet verify FOLDER` then needs neither a network nor AWS.
 */
import { createPublicKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parseSealDocument } from '../../shared/audit/seal-document.ts';
import { KEYS } from '../../shared/names.ts';
import type { RunSeal } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { fileOf } from '../seal-folder.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';

export async function fetchEvidence(
  clients: Pick<Clients, 's3' | 'kms'>,
  connection: Connection,
  { run, seal }: { readonly run: string; readonly seal: RunSeal },
  folder: string,
): Promise<void> {
  const read = async (key: string, versionId?: string): Promise<Uint8Array> => {
    const found = await clients.s3.send(
      new GetObjectCommand({ Bucket: connection.buckets.audit, Key: key, VersionId: versionId }),
    );
    return (await found.Body?.transformToByteArray()) ?? new Uint8Array();
  };
  const write = (name: string, content: string | Uint8Array): void => {
    const file = fileOf(folder, name);
    if (file === undefined) throw new Problem('seal-invalid', { detail: 'A segment would lie beside the folder.' });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };

  const document = await read(KEYS.sealDocument(run, seal.generation));
  write('seal.json', document);
  write('checkpoint', await read(KEYS.checkpoint(run, seal.generation)));
  write('public-key.pem', await sealPublicKey(clients, connection));
  // By version: a delete marker hides an object from a plain read, and is no deletion.
  for (const { key, versionId } of parseSealDocument(Buffer.from(document).toString('utf8')).segments) {
    write(key, await read(key, versionId));
  }
}

/** PEM of the key that signs checkpoints, as KMS publishes it. */
export async function sealPublicKey({ kms }: Pick<Clients, 'kms'>, connection: Connection): Promise<string> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: connection.sealKey }));
  if (PublicKey === undefined) throw new Problem('internal-failure', { detail: 'KMS gave no public key.' });
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
}
