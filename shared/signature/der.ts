/**
 * ECDSA signatures on P-256 in their two forms: DER (`Ecdsa-Sig-Value`, RFC 3279 section 2.2.3), as KMS gives them, and
 * r ‖ s (RFC 7518 section 3.4), as a JWS holds them. Both directions are strict: one signature has one DER form.
 */

const SCALAR_BYTES = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** DER to 64 bytes of r ‖ s. RangeError when it is not the strict DER of two integers of at most 256 bits. */
export function derToRaw(der: Uint8Array): Uint8Array {
  // Two integers of at most 33 bytes: every length fits one byte.
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2 || der.length > 72) throw malformed();
  const raw = new Uint8Array(2 * SCALAR_BYTES);
  const middle = readInteger(der, 2, raw.subarray(0, SCALAR_BYTES));
  const end = readInteger(der, middle, raw.subarray(SCALAR_BYTES));
  if (end !== der.length) throw malformed();
  return raw;
}

/** 64 bytes of r ‖ s to DER. RangeError for any other length. */
export function rawToDer(raw: Uint8Array): Uint8Array {
  if (raw.length !== 2 * SCALAR_BYTES) throw new RangeError('A P-256 signature has 64 bytes.');
  const body = [...writeInteger(raw.subarray(0, SCALAR_BYTES)), ...writeInteger(raw.subarray(SCALAR_BYTES))];
  return Uint8Array.of(SEQUENCE, body.length, ...body);
}

/** Reads the integer at `start` into `target`, padded to the left; gives where it ends. */
function readInteger(der: Uint8Array, start: number, target: Uint8Array): number {
  const length = der[start + 1] ?? 0;
  const end = start + 2 + length;
  if (der[start] !== INTEGER || length === 0 || end > der.length) throw malformed();
  const bytes = der.subarray(start + 2, end);
  const [first = 0, second = 0] = bytes;
  // X.690 section 8.3.2: no leading zero but the one that keeps the number positive; and it must be positive.
  if (first >= 0x80 || (first === 0 && length > 1 && second < 0x80)) throw malformed();
  const magnitude = first === 0 && length > 1 ? bytes.subarray(1) : bytes;
  if (magnitude.length > SCALAR_BYTES) throw malformed();
  target.set(magnitude, SCALAR_BYTES - magnitude.length);
  return end;
}

function writeInteger(scalar: Uint8Array): number[] {
  let start = 0;
  while (start < SCALAR_BYTES - 1 && scalar[start] === 0) start++;
  const magnitude = scalar.subarray(start);
  const sign = (magnitude[0] ?? 0) >= 0x80 ? [0] : [];
  return [INTEGER, magnitude.length + sign.length, ...sign, ...magnitude];
}

function malformed(): RangeError {
  return new RangeError('It is not the DER form of a P-256 signature.');
}
