import { blake3 } from '@noble/hashes/blake3.js';

export const PRF_BYTES = 32;

/**
 * The PRF of a row: keyed BLAKE3 of its canonical bytes under the sweep's row key, 32 bytes. This is the reference that the kernel is
 * checked against, and what works where the kernel does not.
 */
export function prf(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return blake3(bytes, { key });
}

/** Bytes as a number, the least significant one first: how PRFs are summed. */
export function littleEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 16) return sixteen(bytes);
  let number = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) number = (number << 8n) | BigInt(bytes[index] ?? 0);
  return number;
}

/** The length of the PRFs that a sketch holds: there are many of them. */
function sixteen(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}
