/** The keys of a deployment: their material, kept in the store, and what the templates say of them. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import type { Clock, Random } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import type { Deployment } from '../service.ts';
import type { Store } from '../store.ts';
import { deterministicUuid } from '../template/names.ts';
import { refuse } from './errors.ts';
import { defaultPolicy, managedPolicy } from './policies.ts';
import { KEY_SPECS, type KeySpec, type KeyUsage } from './specs.ts';

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly specName: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly policy: object;
  readonly description: string;
  /** `alias/…` */
  readonly aliases: readonly string[];
  /** Whether it is the account's key for a service (`alias/aws/s3`). */
  readonly managed: boolean;
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface KeyStatus {
  readonly state: KeyState;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly deletionAt: number | undefined;
}

export interface Keys {
  /** Makes what is new; material that is there stays. */
  provision(deployment: Deployment): void;
  /** By id, ARN, alias or alias ARN; the account's key for a service comes to be when it is first named. Throws NotFoundException. */
  find(keyId: string): Key;
  get(id: string): Key | undefined;
  status(key: Key): KeyStatus;
  setState(key: Key, state: KeyState, deletionAt?: number): void;
  /** Secret bytes, or the private key. Throws unless the key is enabled. */
  secret(key: Key): Buffer;
  privateKey(key: Key): KeyObject;
  publicKey(key: Key): KeyObject;
  all(): readonly Key[];
}

export interface KeysOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
  readonly region: string;
}

const KeyProperties = z.looseObject({
  KeySpec: z.string().default('SYMMETRIC_DEFAULT'),
  KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC']).optional(),
  KeyPolicy: z.record(z.string(), z.unknown()).optional(),
  Description: z.string().default(''),
  Enabled: z.boolean().default(true),
  MultiRegion: z.literal(false).default(false),
});
const AliasProperties = z.looseObject({ AliasName: z.string(), TargetKeyId: z.string() });
const Row = z.object({
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion']),
  created_at: z.number(),
  deletion_at: z.number().nullable(),
  material: z.instanceof(Uint8Array).nullable(),
});

const MANAGED_ALIAS = /^alias\/aws\/([a-z0-9]+)$/;

export function createKeys({ store, clock, random, accountId, region }: KeysOptions): Keys {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS kms_keys (
      key_id TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      deletion_at INTEGER,
      -- NULL once the key has been deleted: the row stays, so that it cannot come back with other material.
      material BLOB
    ) STRICT;
  `);
  const keys = new Map<string, Key>();
  const pairs = new Map<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>();
  const arnPrefix = `arn:aws:kms:${region}:${accountId}:`;

  const materialise = (key: Key, state: KeyState): void => {
    const known = store.prepare('SELECT 1 FROM kms_keys WHERE key_id = ?').get(key.id);
    if (known !== undefined) return;
    store
      .prepare('INSERT INTO kms_keys (key_id, state, created_at, material) VALUES (?, ?, ?, ?)')
      .run(key.id, state, clock.now(), key.spec.generate(random));
  };

  /** Erases the material once the waiting period is over: from then on nothing opens what the key has closed. */
  const read = (key: Key): z.infer<typeof Row> => {
    const row = Row.parse(
      store.prepare('SELECT state, created_at, deletion_at, material FROM kms_keys WHERE key_id = ?').get(key.id),
    );
    if (row.material !== null && row.deletion_at !== null && row.deletion_at <= clock.now()) {
      store.prepare('UPDATE kms_keys SET material = NULL WHERE key_id = ?').run(key.id);
      pairs.delete(key.id);
      return { ...row, material: null };
    }
    return row;
  };
  const isThere = (key: Key): boolean => read(key).material !== null;

  const managedKey = (alias: string, service: string): Key => {
    const id = deterministicUuid('managed key', accountId, alias);
    const spec = specOf('SYMMETRIC_DEFAULT', alias);
    const key: Key = {
      id,
      arn: `${arnPrefix}key/${id}`,
      specName: 'SYMMETRIC_DEFAULT',
      spec,
      usage: 'ENCRYPT_DECRYPT',
      policy: managedPolicy(accountId, `${service}.${region}.amazonaws.com`),
      description: `Default key that protects data of ${service} when no other key is defined`,
      aliases: [alias],
      managed: true,
    };
    materialise(key, 'Enabled');
    keys.set(id, key);
    return key;
  };

  const usable = (key: Key): Buffer => {
    const { state, material } = read(key);
    if (material === null) throw refuse.notFound(`Key '${key.arn}'`);
    if (state === 'Disabled') throw refuse.disabled(key.arn);
    if (state === 'PendingDeletion') throw refuse.pendingDeletion(key.arn);
    return Buffer.from(material);
  };
  const pair = (key: Key) => {
    const material = usable(key);
    const known = pairs.get(key.id);
    if (known !== undefined) return known;
    const privateKey = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
    const made = { privateKey, publicKey: createPublicKey(privateKey) };
    pairs.set(key.id, made);
    return made;
  };

  const find = (name: string): Key => {
    const short = name.startsWith(arnPrefix) ? name.slice(arnPrefix.length).replace(/^key\//, '') : name;
    const alias = MANAGED_ALIAS.exec(short);
    const found = short.startsWith('alias/')
      ? [...keys.values()].find(({ aliases }) => aliases.includes(short))
      : keys.get(short);
    if (found !== undefined && isThere(found)) return found;
    if (found === undefined && alias !== null) return managedKey(short, alias[1] ?? '');
    throw refuse.notFound(short.startsWith('alias/') ? `Alias ${short}` : `Key '${short}'`);
  };

  return {
    provision: (deployment) => {
      const aliases = deployment.ofType('AWS::KMS::Alias').map(({ properties }) => AliasProperties.parse(properties));
      store.transaction(() => {
        for (const resource of deployment.ofType('AWS::KMS::Key')) {
          const properties = KeyProperties.parse(resource.properties);
          const spec = specOf(properties.KeySpec, resource.logicalId);
          const key: Key = {
            id: resource.physicalId,
            arn: resource.arn,
            specName: properties.KeySpec,
            spec,
            usage: properties.KeyUsage ?? spec.usages[0] ?? 'ENCRYPT_DECRYPT',
            policy: properties.KeyPolicy ?? defaultPolicy(accountId),
            description: properties.Description,
            aliases: aliases
              .filter(({ TargetKeyId }) => TargetKeyId === resource.physicalId || TargetKeyId === resource.arn)
              .map(({ AliasName }) => AliasName),
            managed: false,
          };
          if (!spec.usages.includes(key.usage)) {
            throw new Problem('configuration-invalid', {
              detail: `${resource.logicalId}: KeyUsage does not fit KeySpec.`,
            });
          }
          materialise(key, properties.Enabled ? 'Enabled' : 'Disabled');
          keys.set(key.id, key);
        }
      });
    },
    find,
    get: (id) => {
      const key = keys.get(id);
      return key !== undefined && isThere(key) ? key : undefined;
    },
    status: (key) => {
      const { state, created_at, deletion_at } = read(key);
      return { state, createdAt: created_at, deletionAt: deletion_at ?? undefined };
    },
    setState: (key, state, deletionAt) => {
      store
        .prepare('UPDATE kms_keys SET state = ?, deletion_at = ? WHERE key_id = ?')
        .run(state, deletionAt ?? null, key.id);
    },
    secret: usable,
    privateKey: (key) => pair(key).privateKey,
    publicKey: (key) => pair(key).publicKey,
    all: () => [...keys.values()].filter(isThere),
  };
}

function specOf(name: string, where: string): KeySpec {
  const spec = Object.hasOwn(KEY_SPECS, name) ? KEY_SPECS[name] : undefined;
  if (spec === undefined) throw new Problem('not-implemented', { detail: `${where}: the key spec ${name}.` });
  return spec;
}
