/** Raw values of a Parquet file as the bytes that a writer takes. Each puts its value at the beginning of `view`, and says how many bytes. */
import { Problem } from '../../../../shared/problem.ts';

export type PutValue = (value: unknown, view: DataView) => number;

/** Room that every value fits into: a DECIMAL of any precision that the format allows has fewer digits. */
export const VALUE_BYTES = 1024;

/** PostgreSQL counts days from 2000-01-01. */
const POSTGRES_EPOCH_DAYS = 10_957;

export const putBoolean: PutValue = (value, view) => {
  view.setUint8(0, value === true ? 1 : 0);
  return 1;
};

export const putSigned: PutValue = (value, view) => {
  if (typeof value === 'bigint') view.setBigInt64(0, value);
  else {
    const number = numberOf(value);
    view.setInt32(0, number < 0 ? -1 : 0);
    view.setInt32(4, number);
  }
  return 8;
};

/** As digits; as many bits as the file has them in, to which the library gives a sign. */
export function putUnsigned(bits: 32 | 64): PutValue {
  return (value, view) => putText(BigInt.asUintN(bits, BigInt(numberOrBigInt(value))).toString(), view);
}

export const putFloat32: PutValue = (value, view) => {
  view.setFloat32(0, numberOf(value));
  return 4;
};

export const putFloat64: PutValue = (value, view) => {
  view.setFloat64(0, numberOf(value));
  return 8;
};

/** IEEE 754 binary16, little-endian; every one of its values is a binary32. */
export const putFloat16: PutValue = (value, view) => {
  const bytes = bytesOf(value);
  const bits = ((bytes[1] ?? 0) << 8) | (bytes[0] ?? 0);
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) view.setFloat32(0, fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN);
  else if (exponent === 0) view.setFloat32(0, sign * fraction * 2 ** -24);
  else view.setFloat32(0, sign * (1 + fraction / 1024) * 2 ** (exponent - 15));
  return 4;
};

export const putPostgresDate: PutValue = (value, view) => {
  view.setInt32(0, numberOf(value) - POSTGRES_EPOCH_DAYS);
  return 4;
};

/** An unscaled integer (an int, or big-endian bytes) as digits with a point before the last `scale` of them. */
export function putDecimal(scale: number): PutValue {
  return (value, view) => {
    const unscaled = value instanceof Uint8Array ? signed(value) : BigInt(numberOrBigInt(value));
    const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
    const point = digits.length - scale;
    const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
    return putText(text, view);
  };
}

function putText(text: string, view: DataView): number {
  if (text.length > VALUE_BYTES) throw wrong();
  for (let index = 0; index < text.length; index++) view.setUint8(index, text.charCodeAt(index));
  return text.length;
}

function signed(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw wrong();
  return value;
}

function numberOrBigInt(value: unknown): number | bigint {
  return typeof value === 'bigint' ? value : numberOf(value);
}

export function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrong();
  return value;
}

const wrong = (): Problem =>
  new Problem('payload-malformed', { detail: 'A Parquet file has a value that is not of its type.' });
