import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock, Random } from '../../shared/ports.ts';
import type { Caller } from '../service.ts';
import type { Store } from '../store.ts';
import type { Callers } from './callers.ts';

/** Whom an access key names. */
export type Holder =
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'person'; readonly role: string; readonly session: string }
  | { readonly kind: 'root' };

export interface AccessKey {
  /** `AKIA…` for the root, `ASIA…` for a session. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent for the root alone. */
  readonly sessionToken: string | undefined;
  /** Epoch milliseconds; absent where it does not end: Lambda renews a function's by itself, which a laptop need not. */
  readonly expiresAt: number | undefined;
}

export interface Credentials {
  /** The holder's key: made at first, the same from then on, kept across restarts. */
  issueFor(holder: Holder): AccessKey;
  /** A further key that ends. */
  issueSession(holder: Holder, seconds: number): AccessKey;
  find(accessKeyId: string): { readonly key: AccessKey; readonly holder: Holder } | undefined;
  /** Who calls `service` with this key. */
  caller(accessKeyId: string, service: string): Caller | undefined;
}

export interface CredentialsOptions {
  readonly store: Store;
  readonly callers: Callers;
  readonly clock: Clock;
  readonly random: Random;
}

const HolderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('function'), name: z.string() }),
  z.object({ kind: z.literal('person'), role: z.string(), session: z.string() }),
  z.object({ kind: z.literal('root') }),
]);
const Row = z.object({
  access_key_id: z.string(),
  secret: z.string(),
  token: z.string().nullable(),
  holder: z.string(),
  expires_at: z.number().nullable(),
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Keys of this cloud alone. They lie in its database as they are: whoever reads that file has the key material of the
 * embedded KMS too, and nothing in it opens anything but this cloud.
 */
export function createCredentials({ store, callers, clock, random }: CredentialsOptions): Credentials {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS iam_access_keys (
      access_key_id TEXT PRIMARY KEY,
      secret TEXT NOT NULL,
      token TEXT,
      holder TEXT NOT NULL,
      expires_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS iam_lasting_keys ON iam_access_keys (holder) WHERE expires_at IS NULL;
  `);
  const known = new Map<string, { readonly key: AccessKey; readonly holder: Holder }>();
  const knownCallers = new Map<string, Caller>();

  const create = (holder: Holder, expiresAt: number | undefined): AccessKey => {
    check(holder);
    const identifier = [...random(16)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
    const key: AccessKey = {
      accessKeyId: `${holder.kind === 'root' ? 'AKIA' : 'ASIA'}${identifier}`,
      secretAccessKey: Buffer.from(random(30)).toString('base64'),
      sessionToken: holder.kind === 'root' ? undefined : Buffer.from(random(48)).toString('base64'),
      expiresAt,
    };
    store
      .prepare('INSERT INTO iam_access_keys (access_key_id, secret, token, holder, expires_at) VALUES (?, ?, ?, ?, ?)')
      .run(key.accessKeyId, key.secretAccessKey, key.sessionToken ?? null, textOf(holder), expiresAt ?? null);
    return key;
  };
  /** A key is made only for a holder that exists and whose role may be taken. */
  const check = (holder: Holder): void => {
    if (holder.kind === 'function') callers.ofFunction(holder.name, '');
    if (holder.kind === 'person') callers.ofPerson(holder.role, holder.session);
  };
  const read = (row: unknown): { readonly key: AccessKey; readonly holder: Holder } => {
    const { access_key_id, secret, token, holder, expires_at } = Row.parse(row);
    const key = {
      accessKeyId: access_key_id,
      secretAccessKey: secret,
      sessionToken: token ?? undefined,
      expiresAt: expires_at ?? undefined,
    };
    return { key, holder: HolderSchema.parse(JSON.parse(holder)) };
  };
  const find = (accessKeyId: string): { readonly key: AccessKey; readonly holder: Holder } | undefined => {
    const cached = known.get(accessKeyId);
    if (cached !== undefined) return cached;
    const row = store.prepare('SELECT * FROM iam_access_keys WHERE access_key_id = ?').get(accessKeyId);
    if (row === undefined) return undefined;
    const found = read(row);
    known.set(accessKeyId, found);
    return found;
  };
  const callerOf = (holder: Holder, service: string, accessKeyId: string): Caller => {
    if (holder.kind === 'function') return callers.ofFunction(holder.name, service, accessKeyId);
    if (holder.kind === 'person') return callers.ofPerson(holder.role, holder.session, accessKeyId);
    return callers.root(accessKeyId);
  };

  return {
    issueFor: (holder) =>
      store.transaction(() => {
        const row = store
          .prepare('SELECT * FROM iam_access_keys WHERE holder = ? AND expires_at IS NULL')
          .get(textOf(holder));
        return row === undefined ? create(holder, undefined) : read(row).key;
      }),
    issueSession: (holder, seconds) => create(holder, clock.now() + seconds * 1_000),
    find,
    caller: (accessKeyId, service) => {
      const found = find(accessKeyId);
      if (found === undefined) return undefined;
      const place = `${accessKeyId} ${service}`;
      const caller = knownCallers.get(place) ?? callerOf(found.holder, service, accessKeyId);
      knownCallers.set(place, caller);
      return caller;
    },
  };
}

/** One text for one holder, whatever the order of its members. */
const textOf = (holder: Holder): string => JSON.stringify(HolderSchema.parse(holder));

/** Compares secrets without telling by the time taken where they differ. */
export function sameSecret(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
