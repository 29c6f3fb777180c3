/** How engines hold texts of values: factories of forms, for the tables of families. */
import type { SchemaElement } from 'hyparquet';
import type { Form, Raw } from './family.ts';

type Leaf = Omit<SchemaElement, 'name'>;
type Holds = (text: string) => boolean;
const all: Holds = () => true;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** MySQL reads a backslash within quotes as the beginning of an escape: hexadecimal has none. */
const hexed = (text: string): string =>
  text === '' ? "''" : `CONVERT(0x${Buffer.from(text, 'utf8').toString('hex')} USING utf8mb4)`;

export const postgres = (native: string, holds: Holds = all, expression = quoted): Form => ({
  engine: 'postgres',
  native,
  write: (text) => (holds(text) ? `${expression(text)}::${native}` : undefined),
});
export const mysql = (native: string, holds: Holds = all, expression = hexed): Form => ({
  engine: 'mysql',
  native,
  write: (text) => (holds(text) ? expression(text) : undefined),
});
export const dynamoS = (holds: Holds = all): Form => ({
  engine: 'dynamodb',
  native: 'S',
  write: (text) => (holds(text) ? { S: text } : undefined),
});
/** Up to 38 digits, from 1e-130 to 9.9e125. */
export const dynamoN = (holds: Holds = all): Form => ({
  engine: 'dynamodb',
  native: 'N',
  write: (text) => (holds(text) && fitsDynamo(text) ? { N: text } : undefined),
});
export const dynamoB = (bytes: (text: string) => Uint8Array | undefined): Form => ({
  engine: 'dynamodb',
  native: 'B',
  write: (text) => {
    const value = bytes(text);
    return value === undefined ? undefined : { B: value };
  },
});
export const csv = (holds: Holds = all): Form => ({
  engine: 'csv',
  native: 'text',
  write: (text) => (holds(text) ? text : undefined),
});
export const jsonString = (engine: 'ndjson' | 'json', holds: Holds = all): Form => ({
  engine,
  native: 'string',
  write: (text) => (holds(text) ? JSON.stringify(text) : undefined),
});
/** The text itself stands in the document. */
export const jsonBare = (engine: 'ndjson' | 'json', native: string, holds: Holds = isJsonNumber): Form => ({
  engine,
  native,
  write: (text) => (holds(text) ? text : undefined),
});
export const parquet = (native: string, leaf: Leaf, write: (text: string) => Raw | undefined): Form => ({
  engine: 'parquet',
  native,
  leaf,
  write,
});
export const parquetText = (holds: Holds = all): Form =>
  parquet('STRING', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, (text) => (holds(text) ? text : undefined));

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
export function isJsonNumber(text: string): boolean {
  return JSON_NUMBER.test(text);
}

const NUMBER = /^[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/** Digits of a plain number, without zeros at either end, and the power of ten of the last. */
export function digitsOf(text: string): { readonly digits: string; readonly exponent: number } | undefined {
  const match = NUMBER.exec(text);
  if (match === null || text === '') return undefined;
  const [, whole = '', fraction = '', power = '0'] = match;
  const trimmed = (whole + fraction).replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + (whole.length + fraction.length - trimmed.length);
  return { digits: trimmed.replace(/^0+/, ''), exponent };
}

function fitsDynamo(text: string): boolean {
  const number = digitsOf(text);
  if (number === undefined) return false;
  const magnitude = number.exponent + number.digits.length;
  // Dynalite takes a minus for a sign of a zero, and gives it back.
  if (number.digits === '') return !text.startsWith('-');
  return number.digits.length <= 38 && magnitude <= 125 && magnitude > -129;
}

/** Whether a fixed-point type of so many digits, so many of them behind the point, has this number. */
export const fixed =
  (precision: number, scale: number): Holds =>
  (text) => {
    const number = digitsOf(text);
    return (
      number !== undefined && -number.exponent <= scale && number.digits.length + number.exponent <= precision - scale
    );
  };

export const wholeBetween =
  (lowest: bigint, highest: bigint): Holds =>
  (text) => {
    if (!/^[+-]?\d+$/.test(text)) return false;
    const value = BigInt(text.replace('+', ''));
    return value >= lowest && value <= highest;
  };

export const hexBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
