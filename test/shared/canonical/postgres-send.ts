/** What PostgreSQL's `…send` functions give, written down from its source and apart from the readers under test. */

function bigEndian(value: bigint, bytes: number): Buffer {
  return Buffer.from(
    BigInt.asUintN(bytes * 8, value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  );
}

export const int2 = (value: bigint): Buffer => bigEndian(value, 2);
export const int4 = (value: bigint): Buffer => bigEndian(value, 4);
export const int8 = (value: bigint): Buffer => bigEndian(value, 8);

export function float4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes;
}

export function float8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** `text` is a plain decimal, NaN or an infinity; its digits after the point are the display scale. */
export function numeric(text: string): Buffer {
  const header = (groups: number, weight: number, sign: number, scale: number): Buffer =>
    Buffer.concat([int2(BigInt(groups)), int2(BigInt(weight)), int2(BigInt(sign)), int2(BigInt(scale))]);
  const special = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 }[text];
  if (special !== undefined) return header(0, 0, special, 0);
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const padded =
    whole.padStart(Math.ceil(whole.length / 4) * 4, '0') + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  let groups = padded.match(/.{4}/g)?.map(Number) ?? [];
  let weight = Math.ceil(whole.length / 4) - 1;
  while (groups[0] === 0) {
    groups = groups.slice(1);
    weight -= 1;
  }
  while (groups.at(-1) === 0) groups = groups.slice(0, -1);
  if (groups.length === 0) return header(0, 0, 0, fraction.length);
  const digits = groups.map((group) => int2(BigInt(group)));
  return Buffer.concat([header(groups.length, weight, negative ? 0x4000 : 0, fraction.length), ...digits]);
}

const EPOCH_DAYS = 10_957n;
const DAY = 86_400_000_000n;

/** Days since 1970. */
export const date = (days: number): Buffer => int4(BigInt(days) - EPOCH_DAYS);
/** Microseconds since midnight. */
export const time = int8;
/** Microseconds since 1970. */
export const timestamp = (microseconds: bigint): Buffer => int8(microseconds - EPOCH_DAYS * DAY);

/** One dimension, or with `shape` several; `null` is NULL. */
export function array(
  elements: readonly (Buffer | null)[],
  shape: readonly number[] = elements.length > 0 ? [elements.length] : [],
  lower = 1,
): Buffer {
  return Buffer.concat([
    int4(BigInt(shape.length)),
    int4(elements.includes(null) ? 1n : 0n),
    int4(25n),
    ...shape.flatMap((length) => [int4(BigInt(length)), int4(BigInt(lower))]),
    ...elements.flatMap((element) => (element === null ? [int4(-1n)] : [int4(BigInt(element.length)), element])),
  ]);
}

/** A tuple of COPY BINARY without its count of fields. */
export function tuple(fields: readonly (Buffer | null)[]): Buffer {
  return Buffer.concat(fields.flatMap((field) => (field === null ? [int4(-1n)] : [int4(BigInt(field.length)), field])));
}
