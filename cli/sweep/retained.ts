/**
 * What a sweep may leave behind so that its verdict can be recomputed: the encrypted results, and their keys wrapped for whoever holds a key
 * that this machine need not have. Without that key, what lies there is of no use to anybody.
 */
import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { SweepStore } from '../../functions/sweep/protocol/ports.ts';
import { SWEEP_KEYS } from '../../functions/sweep/protocol/ports.ts';
import { decoded, encoded, encodeLocated, encodeReasons, encodeTrip } from '../../functions/sweep/protocol/stored.ts';
import type { Ending } from '../../functions/sweep/report/verdict.ts';
import { decrypt, encrypt, KEY_BYTES, zeroise } from '../../shared/envelope/cipher.ts';
import type { SignedText } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { isP256 } from '../../shared/signature/signer.ts';
import { isFile, readText } from '../files.ts';
import { random } from './local-keys.ts';

/** Beside what the steps of a deployment keep. */
const CONTRACT = 'contract';
const WHOLE = 'ended';
const KEY_FILE = 'keys.json';

export interface RetainedKeys {
  readonly storeKey: Uint8Array;
  readonly masterKey: Uint8Array;
}

const Wrapped = z.strictObject({
  format: z.literal('parapet-retained'),
  version: z.literal(1),
  /** SubjectPublicKeyInfo of a key that was made for this, base64. */
  ephemeral: z.string(),
  sealed: z.string(),
});
const SignedContract = z.strictObject({ text: z.string(), signature: z.string() });

const folderOf = (state: string): string => join(state, 'results');
export const retainedFolder = (state: string, sweep: string): string => join(folderOf(state), sweep);

/** Where results lie while nobody knows what they will belong to. */
export async function openRetained(state: string): Promise<string> {
  const folder = join(folderOf(state), `.${randomUUID()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** What the verdict follows from besides the results, into the sweep's own store. */
export async function retainEnding(
  store: SweepStore,
  signed: SignedText,
  { failures, located, trip }: Pick<Ending, 'failures' | 'located' | 'trip'>,
): Promise<void> {
  await store.create(CONTRACT, encoded({ text: signed.text, signature: signed.signature }));
  await store.create(SWEEP_KEYS.failures('hash'), encodeReasons(failures));
  if (located !== undefined) await store.create(SWEEP_KEYS.located, encodeLocated(located));
  if (trip !== undefined) await store.create(SWEEP_KEYS.trip, encodeTrip(trip));
  await store.create(WHOLE, encoded(true));
}

/** Problem('evidence-invalid') where the sweep ended before it had kept everything. */
export async function readContract(store: SweepStore): Promise<SignedText> {
  const [contract, whole] = [await store.read(CONTRACT), await store.read(WHOLE)];
  if (contract === undefined || whole === undefined) {
    throw new Problem('evidence-invalid', { detail: 'What was retained of this sweep is not whole.' });
  }
  return decoded(SignedContract, contract);
}

/** Under the sweep's own name, readable by the holder of the private key alone. */
export async function closeRetained(
  folder: string,
  { state, sweep, recipient }: { readonly state: string; readonly sweep: string; readonly recipient: KeyObject },
  { storeKey, masterKey }: RetainedKeys,
): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ephemeral = spki(publicKey);
  const key = agreed(privateKey, recipient, ephemeral, spki(recipient));
  const both = Buffer.concat([storeKey, masterKey]);
  const sealed = encrypt(key, contextOf(sweep), both, random);
  zeroise(key, both);
  const wrapped = { format: 'parapet-retained', version: 1, ephemeral: ephemeral.toString('base64'), sealed };
  await writeFile(join(folder, KEY_FILE), `${JSON.stringify(wrapped)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(folder, retainedFolder(state, sweep));
}

/** Problem('not-found') where nothing was retained, Problem('ciphertext-invalid') under another key. */
export function readKeys(folder: string, sweep: string, privateKey: KeyObject): RetainedKeys {
  const file = join(folder, KEY_FILE);
  if (!isFile(file)) throw new Problem('not-found', { detail: `Nothing of sweep ${sweep} was retained in ${folder}.` });
  const { ephemeral, sealed } = decoded(Wrapped, Buffer.from(readText(file), 'utf8'));
  const sender = publicKeyOf(ephemeral);
  const key = agreed(privateKey, sender, spki(sender), spki(createPublicKey(privateKey)));
  const both = decrypt(key, contextOf(sweep), sealed);
  zeroise(key);
  return { storeKey: both.subarray(0, KEY_BYTES), masterKey: both.subarray(KEY_BYTES) };
}

const contextOf = (sweep: string): string => `parapet-retained ${sweep}`;
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

function publicKeyOf(base64: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    if (isP256(key)) return key;
  } catch {
    // Told below.
  }
  throw new Problem('ciphertext-invalid');
}

/** Elliptic-curve Diffie-Hellman with a key of the moment (NIST SP 800-56A, C(1e, 1s)), and HKDF over what both sides know. */
function agreed(own: KeyObject, other: KeyObject, ephemeral: Buffer, recipient: Buffer): Uint8Array {
  const secret = diffieHellman({ privateKey: own, publicKey: other });
  const salt = Buffer.concat([ephemeral, recipient]);
  const key = new Uint8Array(hkdfSync('sha256', secret, salt, 'parapet-retained', KEY_BYTES));
  zeroise(secret);
  return key;
}
