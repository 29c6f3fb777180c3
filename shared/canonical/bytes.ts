/** Small things that several types do with bytes. */

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Order by bytes, as unsigned numbers; a prefix comes first. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}

/** Big-endian two's complement in as few bytes as it takes: 127 is 7f, 128 is 0080, −1 is ff, 0 is 00. */
export function toTwosComplement(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value - 1n : value;
  // One bit more than the magnitude, for the sign.
  const length = Math.floor(bitLength(magnitude) / 8) + 1;
  const hex = BigInt.asUintN(length * 8, value).toString(16);
  return new Uint8Array(Buffer.from(hex.padStart(length * 2, '0'), 'hex'));
}

/** Any width, also a needlessly wide one; no bytes are 0. */
export function fromTwosComplement(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

function bitLength(magnitude: bigint): number {
  return magnitude === 0n ? 0 : magnitude.toString(2).length;
}

/** Unsigned LEB128 of the zigzag form: 0, −1, 1, −2 … are 0, 1, 2, 3 … For numbers below 2⁵² in magnitude. */
export function toSignedVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** The number and how many bytes it took; undefined when it is truncated or has a needless byte. */
export function fromSignedVarint(bytes: Uint8Array): { readonly value: number; readonly length: number } | undefined {
  let zigzag = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes[index];
    if (byte === undefined || (byte === 0 && index > 0)) return undefined;
    zigzag += (byte & 0x7f) * 0x80 ** index;
    if (byte < 0x80) return { value: zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2, length: index + 1 };
  }
  return undefined;
}
