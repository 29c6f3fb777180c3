/** Big-endian numbers of PostgreSQL's binary formats. */

export function int16(source: Uint8Array, at: number): number {
  return (uint16(source, at) << 16) >> 16;
}

export function uint16(source: Uint8Array, at: number): number {
  return ((source[at] ?? 0) << 8) | (source[at + 1] ?? 0);
}

export function int32(source: Uint8Array, at: number): number {
  return (uint16(source, at) << 16) | uint16(source, at + 2);
}

export function int64(source: Uint8Array, at: number): bigint {
  return (BigInt(int32(source, at)) << 32n) | BigInt(int32(source, at + 4) >>> 0);
}
