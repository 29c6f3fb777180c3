import { concatenate, fromSignedVarint, toSignedVarint } from '../bytes.ts';
import { type Codec, codecOf } from '../codec.ts';
import type { Declared } from '../column-type.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import { roundToScale, trimZeros } from '../rules/scale.ts';
import type { Decimal, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';

/** First byte of the payload. */
export const DECIMAL_KIND = { zero: 0, positive: 1, negative: 2, NaN: 3, Infinity: 4, '-Infinity': 5 } as const;
/** Digits per group: PostgreSQL stores numerics this way, so that its groups can be copied. */
const GROUP_DIGITS = 4;
const GROUP = 10n ** BigInt(GROUP_DIGITS);

const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;
const SPECIALS: Readonly<Record<string, 'NaN' | 'Infinity' | '-Infinity'>> = {
  nan: 'NaN',
  infinity: 'Infinity',
  '+infinity': 'Infinity',
  inf: 'Infinity',
  '+inf': 'Infinity',
  '-infinity': '-Infinity',
  '-inf': '-Infinity',
};
/** Far beyond every engine, and near enough to compute with: an integer of so many digits has 0.4 MB. */
const MAXIMUM_EXPONENT = 1_000_000;

/** Exact decimals. They never pass through a double: of numbers, only whole ones below 2⁵³ are taken. */
export function decimal(declared: Declared<'decimal'>): Codec {
  const { scale } = declared;
  return codecOf<Decimal>({
    tag: TAG.decimal,
    read: (spelling, notes) => {
      const value = readDecimal(spelling, notes);
      if (scale === undefined) return value;
      const rounded = roundToScale(value, scale);
      if (rounded.changed) notes.changed('scale');
      return rounded.value;
    },
    encode: encodeDecimal,
    decode: decodeDecimal,
  });
}

export function readDecimal(spelling: NonNullable<Spelling>, notes: ColumnNotes): Decimal {
  if (typeof spelling === 'string') return decimalOf(spelling) ?? notes.refuse('field-format', 'decimal');
  if (typeof spelling === 'bigint') return trimZeros(spelling, 0);
  if (typeof spelling === 'number') {
    if (!Number.isSafeInteger(spelling)) notes.refuse('field-type', 'decimal');
    return trimZeros(BigInt(spelling), 0);
  }
  if (typeof spelling === 'object' && ('coefficient' in spelling || 'special' in spelling)) {
    return 'special' in spelling ? spelling : trimZeros(spelling.coefficient, spelling.exponent);
  }
  return notes.refuse('field-type', 'decimal');
}

/** The exact value of a text like `-12.340e-5`, `NaN` or `-Infinity`; undefined when it is none. */
export function decimalOf(text: string): Decimal | undefined {
  const match = TEXT.exec(text);
  if (match === null) {
    const special = SPECIALS[text.toLowerCase()];
    return special === undefined ? undefined : { special };
  }
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const magnitude = BigInt(whole + fraction);
  const value = trimZeros(sign === '-' ? -magnitude : magnitude, Number(power) - fraction.length);
  return 'exponent' in value && Math.abs(value.exponent) > MAXIMUM_EXPONENT ? undefined : value;
}

/**
 * One byte of kind; for a number that is not zero, then the weight of its first group (a signed varint; group g counts 10000^g), and its
 * groups of four digits, big-endian, two bytes each, without zero groups at either end.
 */
export function encodeDecimal(value: Decimal): Uint8Array {
  if ('special' in value) return Uint8Array.of(DECIMAL_KIND[value.special]);
  const { coefficient, exponent } = value;
  if (coefficient === 0n) return Uint8Array.of(DECIMAL_KIND.zero);
  const lowest = Math.floor(exponent / GROUP_DIGITS);
  const digits = (coefficient < 0n ? -coefficient : coefficient) * 10n ** BigInt(exponent - lowest * GROUP_DIGITS);
  const text = digits.toString();
  const count = Math.ceil(text.length / GROUP_DIGITS);
  const padded = text.padStart(count * GROUP_DIGITS, '0');
  const groups = new Uint8Array(count * 2);
  for (let index = 0; index < count; index++) {
    const group = Number(padded.slice(index * GROUP_DIGITS, (index + 1) * GROUP_DIGITS));
    groups[index * 2] = group >> 8;
    groups[index * 2 + 1] = group & 0xff;
  }
  const kind = coefficient < 0n ? DECIMAL_KIND.negative : DECIMAL_KIND.positive;
  return concatenate([Uint8Array.of(kind), toSignedVarint(lowest + count - 1), groups]);
}

export function decodeDecimal(payload: Uint8Array): Decimal {
  const kind = payload[0];
  if (payload.length === 1 && kind === DECIMAL_KIND.zero) return { coefficient: 0n, exponent: 0 };
  for (const special of ['NaN', 'Infinity', '-Infinity'] as const) {
    if (payload.length === 1 && kind === DECIMAL_KIND[special]) return { special };
  }
  const weight = fromSignedVarint(payload.subarray(1));
  if ((kind !== DECIMAL_KIND.positive && kind !== DECIMAL_KIND.negative) || weight === undefined) {
    throw notCanonical('a decimal of no kind');
  }
  const groups = payload.subarray(1 + weight.length);
  let digits = 0n;
  for (let at = 0; at < groups.length; at += 2) {
    const group = ((groups[at] ?? 0) << 8) | (groups[at + 1] ?? 0xffff);
    const atEnd = at === 0 || at === groups.length - 2;
    if (group >= GROUP || (group === 0 && atEnd)) throw notCanonical('a decimal with a group that cannot be');
    digits = digits * GROUP + BigInt(group);
  }
  if (groups.length === 0) throw notCanonical('a decimal without digits');
  const exponent = (weight.value - groups.length / 2 + 1) * GROUP_DIGITS;
  return trimZeros(kind === DECIMAL_KIND.negative ? -digits : digits, exponent);
}
