/** Reflected CRCs with all-ones start and final XOR: CRC-32, CRC-32C (RFC 3720 appendix B.4) and CRC-64/NVME (NVM Express NVM command set 1.0, section 5.2.1.3.4). */
import { crc32 } from 'node:zlib';

/** A running CRC; `value` may be read at any time. */
export interface Crc {
  update(bytes: Uint8Array): void;
  value(): bigint;
}

/** Polynomials, bit-reflected. */
export const POLYNOMIALS = {
  crc32: { width: 32, polynomial: 0xedb88320n },
  crc32c: { width: 32, polynomial: 0x82f63b78n },
  crc64nvme: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

export type CrcName = keyof typeof POLYNOMIALS;

// One entry per byte, as halves of 32 bits: BigInt arithmetic per byte would be a hundred times slower.
function table(polynomial: bigint): { readonly low: Uint32Array; readonly high: Uint32Array } {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    low[byte] = Number(value & 0xffffffffn);
    high[byte] = Number(value >> 32n);
  }
  return { low, high };
}

function zlibCrc32(): Crc {
  let state = 0;
  return {
    update: (bytes) => {
      state = crc32(bytes, state);
    },
    value: () => BigInt(state),
  };
}

const crc32cTable = table(POLYNOMIALS.crc32c.polynomial).low;

function crc32c(): Crc {
  let state = 0xffffffff;
  return {
    update: (bytes) => {
      let crc = state;
      for (let index = 0; index < bytes.length; index += 1) {
        crc = (crc >>> 8) ^ (crc32cTable[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
      }
      state = crc;
    },
    value: () => BigInt(~state >>> 0),
  };
}

const crc64Table = table(POLYNOMIALS.crc64nvme.polynomial);

function crc64nvme(): Crc {
  const { low: lows, high: highs } = crc64Table;
  let low = 0xffffffff | 0;
  let high = 0xffffffff | 0;
  return {
    update: (bytes) => {
      let l = low;
      let h = high;
      for (let index = 0; index < bytes.length; index += 1) {
        const entry = (l ^ (bytes[index] ?? 0)) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ (lows[entry] ?? 0);
        h = (h >>> 8) ^ (highs[entry] ?? 0);
      }
      low = l;
      high = h;
    },
    value: () => (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0),
  };
}

const KINDS: Readonly<Record<CrcName, () => Crc>> = { crc32: zlibCrc32, crc32c, crc64nvme };

export const createCrc = (name: CrcName): Crc => KINDS[name]();
