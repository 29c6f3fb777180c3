/** Secrets at rest: every version's value under a data key of its own, which the secret's KMS key wraps. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import * as z from 'zod';
import type { Clock, Random } from '../../shared/ports.ts';
import { ApiError, type Caller, type KeyRing } from '../service.ts';
import type { Store } from '../store.ts';

/** A secret of the templates. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string;
  readonly keyId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy: object | undefined;
}

export interface SecretValue {
  readonly kind: 'string' | 'binary';
  readonly bytes: Buffer;
}

export interface Version {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly stages: readonly string[];
  /** Whether it has a value: the version that a rotation is to make is staged before it has one. */
  readonly valued: boolean;
}

export interface Vault {
  /** Whether the secret has any version. */
  exists(secret: Secret): boolean;
  versions(secret: Secret): readonly Version[];
  /** Asks KMS in the caller's name, where there is one. */
  write(secret: Secret, versionId: string, value: SecretValue, caller: Caller | undefined): void;
  read(secret: Secret, versionId: string, caller: Caller | undefined): SecretValue;
  /** The stage is at this version alone from now on; `undefined` takes it off. */
  setStage(secret: Secret, stage: string, versionId: string | undefined): void;
  /** The version and its stages are gone. */
  remove(secret: Secret, versionId: string): void;
}

const VersionRow = z.object({ version_id: z.string(), created_at: z.number() });
const StageRow = z.object({ stage: z.string(), version_id: z.string() });
const ValueRow = z.object({
  kind: z.enum(['string', 'binary']),
  wrapped: z.instanceof(Uint8Array),
  iv: z.instanceof(Uint8Array),
  tag: z.instanceof(Uint8Array),
  ciphertext: z.instanceof(Uint8Array),
});

const VIA = 'secretsmanager';

export function createVault({
  store,
  keyRing,
  clock,
  random,
}: {
  readonly store: Store;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
}): Vault {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS secrets_versions (
      arn TEXT NOT NULL,
      version_id TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      kind TEXT NOT NULL,
      wrapped BLOB NOT NULL,
      iv BLOB NOT NULL,
      tag BLOB NOT NULL,
      ciphertext BLOB NOT NULL,
      PRIMARY KEY (arn, version_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS secrets_stages (
      arn TEXT NOT NULL,
      stage TEXT NOT NULL,
      version_id TEXT NOT NULL,
      PRIMARY KEY (arn, stage)
    ) STRICT;
  `);
  /** AWS Secrets Manager User Guide, "Secret encryption and decryption". */
  const contextOf = (secret: Secret, versionId: string) => ({ SecretARN: secret.arn, SecretVersionId: versionId });
  const versions = (secret: Secret): readonly Version[] => {
    const stages = store
      .prepare('SELECT stage, version_id FROM secrets_stages WHERE arn = ? ORDER BY stage')
      .all(secret.arn);
    const at = stages.map((row) => StageRow.parse(row));
    const stagesOf = (id: string): string[] =>
      at.filter(({ version_id }) => version_id === id).map(({ stage }) => stage);
    const valued = store
      .prepare('SELECT version_id, created_at FROM secrets_versions WHERE arn = ? ORDER BY created_at, version_id')
      .all(secret.arn)
      .map((row) => {
        const { version_id: id, created_at: createdAt } = VersionRow.parse(row);
        return { id, createdAt, stages: stagesOf(id), valued: true };
      });
    const known = new Set(valued.map(({ id }) => id));
    const awaited = new Set(at.map(({ version_id }) => version_id).filter((id) => !known.has(id)));
    return [
      ...valued,
      ...[...awaited].map((id) => ({ id, createdAt: clock.now(), stages: stagesOf(id), valued: false })),
    ];
  };

  return {
    exists: (secret) => versions(secret).length > 0,
    versions,
    write: (secret, versionId, { kind, bytes }, caller) => {
      const context = contextOf(secret, versionId);
      const { plaintext, wrapped } = throughKms('EncryptionFailure', () => {
        // "You must have both": Secrets Manager opens the data key that it has made (User Guide, "Permissions for the KMS key").
        if (caller) keyRing.authorizeVia(caller, VIA, 'kms:GenerateDataKey', secret.keyId, context);
        if (caller) keyRing.authorizeVia(caller, VIA, 'kms:Decrypt', secret.keyId, context);
        return keyRing.newDataKey(secret.keyId, context);
      });
      const iv = Buffer.from(random(12));
      const cipher = createCipheriv('aes-256-gcm', plaintext, iv);
      const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
      plaintext.fill(0);
      store
        .prepare(
          `INSERT INTO secrets_versions (arn, version_id, created_at, kind, wrapped, iv, tag, ciphertext)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(secret.arn, versionId, clock.now(), kind, wrapped, iv, cipher.getAuthTag(), ciphertext);
    },
    read: (secret, versionId, caller) => {
      const context = contextOf(secret, versionId);
      const row = ValueRow.parse(
        store
          .prepare('SELECT kind, wrapped, iv, tag, ciphertext FROM secrets_versions WHERE arn = ? AND version_id = ?')
          .get(secret.arn, versionId),
      );
      const { plaintext } = throughKms('DecryptionFailure', () => {
        if (caller) keyRing.authorizeVia(caller, VIA, 'kms:Decrypt', secret.keyId, context);
        return keyRing.openDataKey(Buffer.from(row.wrapped), context);
      });
      const decipher = createDecipheriv('aes-256-gcm', plaintext, row.iv);
      decipher.setAuthTag(row.tag);
      const bytes = Buffer.concat([decipher.update(row.ciphertext), decipher.final()]);
      plaintext.fill(0);
      return { kind: row.kind, bytes };
    },
    setStage: (secret, stage, versionId) => {
      if (versionId === undefined) {
        store.prepare('DELETE FROM secrets_stages WHERE arn = ? AND stage = ?').run(secret.arn, stage);
      } else {
        store
          .prepare('INSERT OR REPLACE INTO secrets_stages (arn, stage, version_id) VALUES (?, ?, ?)')
          .run(secret.arn, stage, versionId);
      }
    },
    remove: (secret, versionId) => {
      for (const table of ['secrets_stages', 'secrets_versions']) {
        store.prepare(`DELETE FROM ${table} WHERE arn = ? AND version_id = ?`).run(secret.arn, versionId);
      }
    },
  };
}

/** A denial of KMS stays one; whatever else KMS says, the secret cannot be opened or closed. */
function throughKms<T>(code: 'EncryptionFailure' | 'DecryptionFailure', work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code.startsWith('AccessDenied')) throw error;
    throw new ApiError(code, `Secrets Manager can't use the KMS key of the secret: ${error.code}.`);
  }
}
