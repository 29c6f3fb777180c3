/** Values that a column cannot be said to hold under its contract. Beside another of the same spelling they would look equal. */
import type { ColumnDraft } from '../contract.ts';
import type { Form, Text } from './family.ts';
import { ABSENT } from './family.ts';
import {
  csv,
  dynamoB,
  dynamoN,
  dynamoS,
  hexBytes,
  jsonBare,
  jsonString,
  mysql,
  parquetText,
  postgres,
} from './forms.ts';

export interface Refused {
  readonly name: string;
  readonly column: Omit<ColumnDraft, 'name' | 'source' | 'target'>;
  readonly text: Text;
  readonly forms: Readonly<Record<string, Form>>;
}

const TEXTS: Readonly<Record<string, Form>> = {
  'postgres text': postgres('text'),
  'mysql text': mysql('longtext'),
  'dynamodb S': dynamoS(),
  csv: csv(),
  ndjson: jsonString('ndjson'),
  parquet: parquetText(),
};
const float = (kind: 'float32' | 'float64') => ({ type: { kind } }) as const;
const hex = (text: string): string => `decode('${text}', 'hex')`;

export const REFUSED: readonly Refused[] = [
  {
    name: 'a name that stands twice in JSON',
    column: { type: { kind: 'json' } },
    text: '{"canary": 1, "canary": 2}',
    forms: {
      'postgres json': postgres('json'),
      'mysql longtext': mysql('longtext'),
      'dynamodb S': dynamoS(),
      csv: csv(),
      'ndjson object': jsonBare('ndjson', 'object', () => true),
    },
  },
  { name: 'no JSON', column: { type: { kind: 'json' } }, text: "{'canary': 1}", forms: TEXTS },
  {
    name: 'a number between two float32',
    column: float('float32'),
    text: '16777217',
    forms: { ...TEXTS, 'dynamodb N': dynamoN() },
  },
  {
    name: 'a number between two float64',
    column: float('float64'),
    text: '9007199254740993',
    forms: { ...TEXTS, 'dynamodb N': dynamoN(), 'ndjson number': jsonBare('ndjson', 'number') },
  },
  {
    name: 'a double that is no float32',
    column: float('float32'),
    text: '0.1',
    forms: { 'postgres double': postgres('double precision') },
  },
  { name: 'a number too large for a float64', column: float('float64'), text: '1e400', forms: TEXTS },
  {
    name: 'a fraction in a whole number',
    column: { type: { kind: 'integer' } },
    text: '1.5',
    forms: {
      ...TEXTS,
      'postgres numeric': postgres('numeric'),
      'mysql decimal': mysql('decimal(10,2)'),
      'dynamodb N': dynamoN(),
      'ndjson number': jsonBare('ndjson', 'number'),
    },
  },
  { name: 'no number', column: { type: { kind: 'decimal' } }, text: 'canary', forms: TEXTS },
  { name: 'a number with a comma', column: { type: { kind: 'decimal' } }, text: '1,000', forms: TEXTS },
  {
    name: 'neither true nor false',
    column: { type: { kind: 'boolean' } },
    text: '2',
    forms: { ...TEXTS, 'dynamodb N': dynamoN(), 'mysql tinyint': mysql('tinyint(1)') },
  },
  {
    name: 'a time without a zone, taken for a point in time',
    column: { type: { kind: 'instant', precision: 6 } },
    text: '2024-11-03 01:30:00',
    forms: TEXTS,
  },
  {
    name: 'digits beyond the precision',
    column: { type: { kind: 'instant', precision: 3 } },
    text: '2023-12-31T23:59:59.999999Z',
    forms: { ...TEXTS, 'postgres timestamptz': postgres('timestamp with time zone') },
  },
  {
    name: 'a day that is not',
    column: { type: { kind: 'instant', precision: 0 } },
    text: '2023-02-29T00:00:00Z',
    forms: TEXTS,
  },
  { name: 'a date with a time', column: { type: { kind: 'date' } }, text: '2024-01-01T00:00:00Z', forms: TEXTS },
  { name: 'no uuid', column: { type: { kind: 'uuid' } }, text: '01890a5d-ac96-774b-bcce-b302099a805', forms: TEXTS },
  { name: 'no hexadecimal', column: { type: { kind: 'bytes', text: 'hex' } }, text: 'canary', forms: TEXTS },
  {
    name: 'base64 with bits left over',
    column: { type: { kind: 'bytes', text: 'base64' } },
    text: '3q1=',
    forms: TEXTS,
  },
  {
    name: 'bytes that are no text',
    column: { type: { kind: 'text' } },
    text: 'c3',
    forms: {
      'postgres bytea': postgres('bytea', () => true, hex),
      'mysql blob': mysql(
        'longblob',
        () => true,
        (text) => `UNHEX('${text}')`,
      ),
      'dynamodb B': dynamoB(hexBytes),
    },
  },
  {
    name: 'half a character',
    column: { type: { kind: 'text' } },
    text: '"\\ud83d"',
    forms: { ndjson: jsonBare('ndjson', 'string', () => true), json: jsonBare('json', 'string', () => true) },
  },
  {
    name: 'a member of a set twice',
    column: { type: { kind: 'set', element: { kind: 'text' } } },
    text: '["a", "a"]',
    forms: {
      'postgres text[]': postgres(
        'text[]',
        () => true,
        () => "ARRAY['a', 'a']",
      ),
      ndjson: jsonBare('ndjson', 'array', () => true),
    },
  },
  {
    name: 'a text where the contract says a number',
    column: { type: { kind: 'integer' } },
    text: '7',
    forms: {
      ndjson: { engine: 'ndjson', native: 'number', write: () => '"7"' },
      dynamodb: { engine: 'dynamodb', native: 'N', write: (text) => ({ S: text }) },
    },
  },
  { name: 'NULL where there may be none', column: { type: { kind: 'text' } }, text: null, forms: TEXTS },
  { name: 'nothing where there must be something', column: { type: { kind: 'text' } }, text: ABSENT, forms: TEXTS },
];
