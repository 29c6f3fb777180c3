import { blake3 } from '@noble/hashes/blake3.js';
import { littleEndian } from '../fingerprint/prf.ts';
import { ITEM_PRF_BYTES } from './item.ts';
import type { SketchPlan } from './plan.ts';

/** The sweep's cell key, expanded to what a sketch of this shape needs. */
export interface CellKeys {
  /** XORed onto the first words of a PRF before they become positions: 4 × u32. */
  readonly whitening: readonly number[];
  /** Words of the check: u64, an even number of them. */
  readonly check: readonly bigint[];
  /** Two words of the strata's check: u32. */
  readonly strata: readonly number[];
  /** The same as bytes, little-endian, as the kernel takes them: whitening and check; strata. */
  readonly cellBytes: Uint8Array;
  readonly strataBytes: Uint8Array;
}

const WHITENING_BYTES = 16;
const STRATA_BYTES = 8;

/** Expands by the extended output of keyed BLAKE3 (BLAKE3 specification, section 2.6). */
export function expandCellKey(cellKey: Uint8Array, plan: SketchPlan): CellKeys {
  const checkWords = Math.ceil((ITEM_PRF_BYTES + plan.slotBytes) / 16) * 2;
  const cell = WHITENING_BYTES + checkWords * 8;
  const bytes = blake3(new Uint8Array(0), { key: cellKey, dkLen: STRATA_BYTES + cell });
  const strataBytes = bytes.subarray(0, STRATA_BYTES);
  const cellBytes = bytes.subarray(STRATA_BYTES);
  const word = (from: Uint8Array, at: number, length: number): bigint => littleEndian(from.subarray(at, at + length));
  return {
    whitening: [0, 4, 8, 12].map((at) => Number(word(cellBytes, at, 4))),
    check: Array.from({ length: checkWords }, (_, index) => word(cellBytes, WHITENING_BYTES + index * 8, 8)),
    strata: [0, 4].map((at) => Number(word(strataBytes, at, 4))),
    cellBytes,
    strataBytes,
  };
}
