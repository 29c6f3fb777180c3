/**
 * The CRC of a whole from the CRCs of its parts, without reading the parts again: what S3 does for FULL_OBJECT checksums of
 * multipart uploads. A CRC is linear over GF(2): crc(a ‖ b) = crc(a)·x^(8·|b|) + crc(b) modulo the polynomial.
 */
import { type CrcName, POLYNOMIALS } from './crc.ts';

interface Field {
  readonly top: bigint;
  readonly polynomial: bigint;
}

/** Product modulo the polynomial; reflected, so the highest bit is x^0. */
function multiply(field: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = field.top; bit !== 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ field.polynomial : factor >> 1n;
  }
  return product;
}

/** x^(8·bytes) modulo the polynomial, by squaring. */
function shift(field: Field, bytes: number): bigint {
  let result = field.top;
  let power = field.top >> 8n;
  for (let rest = BigInt(bytes); rest !== 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(field, result, power);
    power = multiply(field, power, power);
  }
  return result;
}

export interface PartCrc {
  readonly value: bigint;
  /** Bytes. */
  readonly size: number;
}

/** CRC over all parts in order; over no part, that of no bytes. */
export function combineCrcs(name: CrcName, parts: readonly PartCrc[]): bigint {
  const { width, polynomial } = POLYNOMIALS[name];
  const field: Field = { top: 1n << BigInt(width - 1), polynomial };
  // Parts of one upload mostly have one size.
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const part of parts) {
    const known = shifts.get(part.size) ?? shift(field, part.size);
    shifts.set(part.size, known);
    whole = multiply(field, known, whole) ^ part.value;
  }
  return whole;
}
