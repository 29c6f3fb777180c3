/** The store of a sweep on this machine: encrypted files in a folder, shared by every worker thread, and gone when the sweep is over. */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SweepStore } from '../../functions/sweep/protocol/ports.ts';
import { Problem } from '../../shared/problem.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const PIECE_BYTES = 1024 * 1024;
const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/**
 * `key` is 32 bytes that never leave memory: what lies in the folder is of no use to anybody, also when it is left behind. `synced`: what was
 * created is there after a failure of the machine too.
 */
export function folderStore(folder: string, key: Uint8Array, synced = false): SweepStore {
  const placeOf = (name: string): string => join(folder, ...name.split('/'));
  return {
    create: async (name, bytes) => {
      const place = placeOf(name);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      // A link is made whole or not at all, and not where there is one: an attempt that dies while it writes leaves nothing under the name.
      const draft = join(folder, `.${randomUUID()}`);
      await writeSealed(draft, key, name, bytes, synced);
      try {
        await link(draft, place);
        return true;
      } catch (error) {
        if (isCode(error, 'EEXIST')) return false;
        throw error;
      } finally {
        await unlink(draft);
      }
    },
    read: async (name) => {
      try {
        return opened(key, name, await readFile(placeOf(name)));
      } catch (error) {
        if (isCode(error, 'ENOENT')) return undefined;
        throw error;
      }
    },
  };
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * IV, ciphertext, tag; the name is authenticated, so that no object can take another's place. Piece by piece: a second copy of a sketch is
 * not made.
 */
async function writeSealed(
  file: string,
  key: Uint8Array,
  name: string,
  bytes: Uint8Array,
  synced: boolean,
): Promise<void> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name, 'utf8'));
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.appendFile(iv);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await handle.appendFile(cipher.update(bytes.subarray(at, at + PIECE_BYTES)));
    }
    cipher.final();
    await handle.appendFile(cipher.getAuthTag());
    if (synced) await handle.sync();
  } finally {
    await handle.close();
  }
}

function opened(key: Uint8Array, name: string, bytes: Uint8Array): Uint8Array {
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name, 'utf8'));
  try {
    const end = bytes.length - TAG_BYTES;
    decipher.setAuthTag(bytes.subarray(end));
    const body = decipher.update(bytes.subarray(IV_BYTES, end));
    decipher.final();
    return body;
  } catch {
    throw new Problem('ciphertext-invalid');
  }
}
