import { blake3 } from '@noble/hashes/blake3.js';
import { Problem } from '../problem.ts';

/** What a sweep's one secret is turned into, a key per use, so that none of them gives away another. 32 bytes each. */
export interface SweepKeys {
  /** Keys the PRF of rows. Whoever holds it can look up rows of low entropy: hash and locate only. */
  readonly row: Uint8Array;
  /** Keys positions and checks of the sketch: all that compare needs to decode. */
  readonly cell: Uint8Array;
  /** Keys the ids that stand for keys too long for their slot. */
  readonly keyId: Uint8Array;
  /** Keys the tokens that stand for masked values. */
  readonly mask: Uint8Array;
}

// Context strings of derive_key mode (BLAKE3 specification, section 2.3): hardcoded, unique, and never made from input.
const CONTEXTS: Readonly<Record<keyof SweepKeys, string>> = {
  row: 'Parapet 2026-11-22 sweep: PRF of rows',
  cell: 'Parapet 2026-11-22 sweep: cells of the sketch',
  keyId: 'Parapet 2026-11-22 sweep: ids of long keys',
  mask: 'Parapet 2026-11-22 sweep: tokens of masked values',
};

/** `sweepKey` is 32 fresh random bytes of one sweep (a KMS data key). */
export function deriveSweepKeys(sweepKey: Uint8Array): SweepKeys {
  if (sweepKey.length !== 32) {
    throw new Problem('configuration-invalid', { detail: 'A sweep key has 32 bytes.' });
  }
  const derive = (context: string): Uint8Array => blake3(sweepKey, { context: new TextEncoder().encode(context) });
  return {
    row: derive(CONTEXTS.row),
    cell: derive(CONTEXTS.cell),
    keyId: derive(CONTEXTS.keyId),
    mask: derive(CONTEXTS.mask),
  };
}
