import { fieldBytes, writeHead } from '../canonical/field.ts';
import { TAG } from '../canonical/tag.ts';
import { instantiateKernel, type Kernel } from '../fingerprint/kernel/kernel.ts';
import { PRF_BYTES, prf } from '../fingerprint/prf.ts';

/** Sixteen bytes of a keyed PRF: 2³³ different values share a token with a probability below 2⁻⁶². */
const TOKEN_BYTES = 16;
/** Bytes of a token's field. */
export const MASK_BYTES = 2 + TOKEN_BYTES;

/**
 * Replaces the field that stands in `target` from `at` to `end` by its token; returns the token's end. The caller has reserved `MASK_BYTES`
 * from `at` on.
 */
export type FieldMask = (target: Uint8Array, at: number, end: number) => number;

/** What stands in the place of the values of masked columns, NULL included. */
export interface Masks {
  /** The column's name is part of what is hashed: equal values of two columns have different tokens. */
  forColumn(column: string): FieldMask;
}

/** `maskKey` is the sweep's (shared/fingerprint/keys.ts): tokens of one sweep tell nothing in another. */
export function createMasks(maskKey: Uint8Array): Masks {
  const kernel = instantiateKernel();
  return { forColumn: kernel ? kernelMasks(kernel, maskKey) : (column) => referenceMask(maskKey, column) };
}

/** The token of a field, with @noble/hashes: what the kernel is checked against, and what works where it does not. */
export function referenceMask(maskKey: Uint8Array, column: string): FieldMask {
  const name = nameBytes(column);
  return (target, at, end) => {
    const message = new Uint8Array(name.length + end - at);
    message.set(name);
    message.set(target.subarray(at, end), name.length);
    return writeToken(target, at, prf(maskKey, message));
  };
}

/** As a field, so that where the name ends and the value begins cannot be mistaken. */
const nameBytes = (column: string): Uint8Array => fieldBytes(TAG.text, new TextEncoder().encode(column));

function writeToken(target: Uint8Array, at: number, digest: Uint8Array): number {
  const next = writeHead(target, at, TAG.token, TOKEN_BYTES);
  for (let index = 0; index < TOKEN_BYTES; index++) target[next + index] = digest[index] ?? 0;
  return next + TOKEN_BYTES;
}

/** First room for a message, in bytes; it grows to the longest. */
const FIRST_BYTES = 64 * 1024;
/** What `hashRows` needs beside and behind a message; see kernel-batch.ts. */
const chainBytes = (message: number): number => Math.ceil(message / 1024) * 32 + 96;
const READ_BEYOND = 1088;

function kernelMasks(kernel: Kernel, maskKey: Uint8Array): Masks['forColumn'] {
  const key = kernel.allocate(maskKey.length);
  kernel.store(key, maskKey);
  const ends = kernel.allocate(4);
  const digest = kernel.allocate(PRF_BYTES);
  let start = 0;
  let chains = 0;
  let memory = new Uint8Array(0);
  let endWord = new Uint32Array(0);
  let digestBytes = new Uint8Array(0);
  const enlarge = (bytes: number): void => {
    start = kernel.allocate(bytes + READ_BEYOND);
    chains = kernel.allocate(chainBytes(bytes));
    // Growing detaches every view.
    memory = kernel.bytes(start, bytes);
    endWord = kernel.words(ends, 1);
    digestBytes = kernel.bytes(digest, PRF_BYTES);
  };
  enlarge(FIRST_BYTES);
  return (column) => {
    const name = nameBytes(column);
    return (target, at, end) => {
      const length = name.length + end - at;
      if (length > memory.length) enlarge(2 * length);
      memory.set(name);
      memory.set(target.subarray(at, end), name.length);
      endWord[0] = length;
      kernel.call.hashRows(key, start, ends, 1, digest, chains);
      return writeToken(target, at, digestBytes);
    };
  };
}
