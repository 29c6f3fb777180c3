/**
 * Columns that partitions can be cut by: how a bound is printed, bound and compared in the column's own order, and how a value between two
 * others is guessed. A guess need not be a value that is there, nor even lie between them: it is only ever used to look for one that is.
 */
import { dateOf, daysOf } from '../../../../shared/canonical/calendar.ts';
import type { CatalogColumn } from './catalog.ts';
import { quoteName } from './quote.ts';
import type { BoundValue } from './session.ts';

export interface KeyType {
  /** An expression that prints a value as the text that `bind` takes. */
  readonly print: (column: CatalogColumn) => string;
  readonly bind: (text: string) => BoundValue;
  /** The variable as a value of the column's type and collation, so that the column's index can be used. */
  readonly value: (column: CatalogColumn, variable: string) => string;
  /** A text about halfway from one to the other; undefined when there is none between them. */
  readonly between: (low: string, high: string) => string | undefined;
}

const asText = (text: string): BoundValue => ({ text });
const itself = ({ name }: CatalogColumn): string => quoteName(name);
const cast =
  (type: string): KeyType['value'] =>
  (_column, variable) =>
    `CAST(${variable} AS ${type})`;

function middle(low: bigint, high: bigint): bigint | undefined {
  const half = (low + high) >> 1n;
  return half > low && half < high ? half : undefined;
}

const integer = (type: 'SIGNED' | 'UNSIGNED'): KeyType => ({
  print: itself,
  bind: asText,
  value: cast(type),
  between: (low, high) => middle(BigInt(low), BigInt(high))?.toString(),
});

/** `12.340` and `5.000` have the same number of digits behind the point. */
const decimal: KeyType = {
  print: itself,
  bind: asText,
  value: ({ precision = 65, scale = 0 }, variable) => `CAST(${variable} AS DECIMAL(${precision},${scale}))`,
  between: (low, high) => {
    const scale = low.split('.')[1]?.length ?? 0;
    const half = middle(BigInt(low.replace('.', '')), BigInt(high.replace('.', '')));
    if (half === undefined) return undefined;
    const digits = (half < 0n ? -half : half).toString().padStart(scale + 1, '0');
    const point = digits.length - scale;
    return `${half < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
  },
};

const text: KeyType = {
  print: itself,
  bind: asText,
  value: ({ charset, collation }, variable) => `(CONVERT(${variable} USING ${charset}) COLLATE ${collation})`,
  between: (low, high) => {
    const digits = betweenDigits([...low].map(rankOf), [...high].map(rankOf), RANKS);
    return digits?.map(characterOf).join('');
  },
};

/** Letters and digits, in the order that most collations have for them; behind them, other characters by their code points. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const RANKS = ALPHABET.length + 0x10_ffff;

function rankOf(character: string): number {
  const rank = ALPHABET.indexOf(character.toLowerCase());
  return rank >= 0 ? rank : ALPHABET.length + (character.codePointAt(0) ?? 0);
}

function characterOf(rank: number): string {
  const point = rank - ALPHABET.length;
  // Not a surrogate, which is no character.
  return ALPHABET[rank] ?? String.fromCodePoint(point >= 0xd800 && point < 0xe000 ? 0xd7ff : point);
}

const bytes: KeyType = {
  print: (column) => `HEX(${itself(column)})`,
  bind: (hex) => ({ hex }),
  value: (_column, variable) => variable,
  between: (low, high) => {
    const digits = betweenDigits([...Buffer.from(low, 'hex')], [...Buffer.from(high, 'hex')], 0x100);
    return digits && Buffer.from(digits).toString('hex');
  },
};

const uuid: KeyType = {
  print: itself,
  bind: asText,
  value: cast('UUID'),
  between: (low, high) => {
    const number = (printed: string): bigint => BigInt(`0x${printed.replaceAll('-', '')}`);
    const half = middle(number(low), number(high))?.toString(16).padStart(32, '0');
    return half?.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
  },
};

const SECONDS_PER_DAY = 86_400n;

const dateTime = (type: string, hasTime: boolean): KeyType => ({
  print: itself,
  bind: asText,
  value: cast(type),
  between: (low, high) => {
    const half = middle(secondsOf(low), secondsOf(high));
    return half === undefined ? undefined : printSeconds(half, hasTime);
  },
});

function secondsOf(printed: string): bigint {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = printed.split(/[-:. ]/).map(Number);
  const days = daysOf({ year, month: Math.max(1, month), day: Math.max(1, day) });
  return BigInt(days) * SECONDS_PER_DAY + BigInt(hour * 3600 + minute * 60 + second);
}

function printSeconds(seconds: bigint, hasTime: boolean): string {
  const ofDay = ((seconds % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;
  const { year, month, day } = dateOf(Number((seconds - ofDay) / SECONDS_PER_DAY));
  const pad = (number: number, digits = 2): string => String(number).padStart(digits, '0');
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  const clock = Number(ofDay);
  return hasTime
    ? `${date} ${pad(Math.floor(clock / 3600))}:${pad(Math.floor(clock / 60) % 60)}:${pad(clock % 60)}`
    : date;
}

const TYPES: Readonly<Record<string, KeyType>> = {
  char: text,
  varchar: text,
  binary: bytes,
  varbinary: bytes,
  decimal,
  year: integer('UNSIGNED'),
  date: dateTime('DATE', false),
  datetime: dateTime('DATETIME(6)', true),
  timestamp: dateTime('DATETIME(6)', true),
  // Halves of times are not guessed: a table has few rows to one.
  time: { print: itself, bind: asText, value: cast('TIME(6)'), between: () => undefined },
  uuid,
};
const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];

/**
 * MariaDB keeps an index over CHAR by the padded values, and compares without the padding where the collation does not pad (`…_nopad_…`): it
 * then finds "ab" neither before nor from "ab\n" on. Whoever cut such a table by its key would not read that row.
 */
const hasTwoOrders = (dataType: string, collation: string | undefined): boolean =>
  dataType === 'char' && /nopad/i.test(collation ?? '');

/** Undefined for a column that no bound can be given for: a float, an enumeration, a bit field, a text with two orders. */
export function keyTypeOf({ dataType, columnType, charset, collation }: CatalogColumn): KeyType | undefined {
  if (INTEGERS.includes(dataType)) return integer(columnType.includes('unsigned') ? 'UNSIGNED' : 'SIGNED');
  const type = Object.hasOwn(TYPES, dataType) ? TYPES[dataType] : undefined;
  if (type !== text) return type;
  if (hasTwoOrders(dataType, collation)) return undefined;
  // They stand in statements as they are.
  const named = /^[a-z0-9_]+$/i;
  return named.test(charset ?? '') && named.test(collation ?? '') ? text : undefined;
}

/** Greater digits are rare: the whole of Unicode follows on the alphabet. */
const GREATEST_COMMON = 256;

/** A list of digits between two others, as fractions in a base; a digit longer than what they have in common. */
function betweenDigits(low: readonly number[], high: readonly number[], base: number): number[] | undefined {
  let common = 0;
  while (common < low.length && common < high.length && low[common] === high[common]) common += 1;
  const from = low[common] ?? 0;
  const to = high[common] ?? base;
  const prefix = low.slice(0, common);
  if (to - from > 1) return [...prefix, Math.floor((from + to) / 2)];
  // Neighbours: halfway through what begins with the lower one, or if that is not far, a little into what begins with the higher one.
  const next = low[common + 1] ?? 0;
  const beyond = Math.min(base, GREATEST_COMMON);
  const half = Math.floor((next + beyond) / 2);
  if (half > next) return [...prefix, from, half];
  const into = Math.floor((high[common + 1] ?? 0) / 2);
  return into > 0 ? [...prefix, to, into] : undefined;
}
