/** JSON, arrays, sets and maps. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Family, Form } from '../family.ts';
import { csv, dynamoS, jsonBare, mysql, parquet, postgres } from '../forms.ts';

const parse = (text: string): unknown => JSON.parse(text);

/** As the DynamoDB document model has it; numbers keep their digits only while a double holds them. */
function attributeOf(value: unknown): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: String(value) };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  if (typeof value === 'object') {
    return { M: Object.fromEntries(Object.entries(value).map(([name, item]) => [name, attributeOf(item)])) };
  }
  throw new TypeError('No JSON.');
}

const isObject = (text: string): boolean => text.trimStart().startsWith('{');
const isArray = (text: string): boolean => text.trimStart().startsWith('[');
const isString = (text: string): boolean => text.trimStart().startsWith('"');
const small = (text: string): boolean => !/\d{16}|\d\.\d*[1-9]\d{15}|[eE]/.test(text);

const objects: Family = {
  name: 'JSON objects',
  column: { type: { kind: 'json' } },
  forms: {
    'postgres json': postgres('json'),
    'postgres jsonb': postgres('jsonb'),
    'mysql longtext': mysql('longtext'),
    'dynamodb S': dynamoS(),
    'dynamodb M': {
      engine: 'dynamodb',
      native: 'M',
      write: (text) => (isObject(text) && small(text) ? attributeOf(parse(text)) : undefined),
    },
    csv: csv(),
    'ndjson object': jsonBare('ndjson', 'object', (text) => isObject(text) && !text.includes('\n')),
    'json object': jsonBare('json', 'object', isObject),
    parquet: parquet(
      'JSON',
      { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } },
      (text) => new Uint8Array(Buffer.from(text)),
    ),
  },
  meanings: {
    'a and b': ['{"a": 1, "b": 2}', '{"b":2,"a":1}', '{"b": 2.0, "a": 1.00}', '{\n "b" : 0.2e1 , "a" : 1 }'],
    'b and a': ['{"a": 2, "b": 1}'],
    'a as text': ['{"a": "1", "b": 2}'],
    'a of 1.5': ['{"a": 1.5}', '{"a": 15e-1}'],
    'a of 1': ['{"a": 1}', '{"a": 1.0}', '{"a": 1e0}'],
    'a of 10': ['{"a": 10}'],
    'a of true': ['{"a": true}'],
    'a of null': ['{"a": null}'],
    'a of the text null': ['{"a": "null"}'],
    'without a': ['{}', '{ }'],
    'a of nothing': ['{"a": ""}'],
    'a of a list': ['{"a": []}'],
    'a of an object': ['{"a": {}}'],
    'a of lists': ['{"a": [[], [1, 2]]}'],
    'a of another list': ['{"a": [[1, 2], []]}'],
    'a of a flat list': ['{"a": [1, 2]}'],
    'a of a list, turned': ['{"a": [2, 1]}'],
    'an accent': ['{"a": "é"}', '{"a": "\\u00e9"}', '{"\\u0061": "\\u00E9"}'],
    'an accent of two': ['{"a": "e\u0301"}'],
    'a smile': ['{"a": "😀"}', '{"a": "\\ud83d\\ude00"}'],
    'another smile': ['{"a": "😁"}'],
    'A of 1': ['{"A": 1}'],
    'a slash': ['{"a": "/"}', '{"a": "\\/"}'],
    'a backslash': ['{"a": "\\\\"}'],
    'a long number': ['{"a": 12345678901234567890.123456789}'],
    'a longer number': ['{"a": 12345678901234567890.123456788}'],
    'a large integer': ['{"a": 9007199254740993}'],
    'the integer below': ['{"a": 9007199254740992}'],
  },
  mistaken: [
    ['a of null', 'without a'],
    ['a of 1', 'a of true'],
    ['a of 1', 'a as text'],
    ['a of 1', 'A of 1'],
    ['a of null', 'a of nothing'],
  ],
};

const values: Family = {
  name: 'JSON values',
  column: { type: { kind: 'json' }, nullable: true },
  forms: {
    'postgres json': postgres('json'),
    'postgres jsonb': postgres('jsonb'),
    'mysql longtext': mysql('longtext'),
    'dynamodb S': dynamoS(),
    csv: csv(),
    'ndjson string': jsonBare('ndjson', 'string', isString),
    'ndjson array': jsonBare('ndjson', 'array', isArray),
    'json number': jsonBare('json', 'number', (text) => /^-?\d/.test(text)),
  },
  meanings: {
    NULL: [null],
    'JSON null': [{ in: ['postgres', 'mysql', 'dynamodb', 'csv'], text: 'null' }],
    'the text null': [{ in: ['postgres', 'mysql', 'dynamodb', 'csv'], text: '"null"' }],
    true: [{ in: ['postgres', 'mysql', 'dynamodb', 'csv'], text: 'true' }],
    '1': ['1', '1.0', '10e-1'],
    '1.5': ['1.5', '1.50'],
    'the text 1': [{ in: ['postgres', 'mysql', 'dynamodb', 'csv'], text: '"1"' }],
    '0': ['0', '-0', '0.00'],
    list: ['[1, "a", null]', '[1.0,"\\u0061", null ]'],
    'list of two': ['[1, "a"]'],
    'empty list': ['[]', '[ ]'],
  },
  mistaken: [
    ['NULL', 'JSON null'],
    ['JSON null', 'the text null'],
    ['1', 'the text 1'],
    ['1', 'true'],
    ['list', 'list of two'],
  ],
};

const texts = (text: string): readonly string[] => {
  const parsed = parse(text);
  return Array.isArray(parsed) ? parsed.map(String) : [];
};
const pgArray = (text: string): string => {
  const parsed = parse(text);
  const items = Array.isArray(parsed) ? parsed : [];
  const item = (value: unknown): string => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`);
  return `ARRAY[${items.map(item).join(', ')}]`;
};
const listForm: Form = {
  engine: 'dynamodb',
  native: 'L',
  write: (text) => attributeOf(parse(text)),
};

const arrays: Family = {
  name: 'arrays of texts',
  column: { type: { kind: 'array', element: { kind: 'text' } }, nullable: true },
  forms: {
    'postgres text[]': postgres('text[]', undefined, pgArray),
    'dynamodb L': listForm,
    'ndjson array': jsonBare('ndjson', 'array', isArray),
    'json array': jsonBare('json', 'array', isArray),
  },
  meanings: {
    NULL: [null],
    empty: ['[]'],
    'one that is empty': ['[""]'],
    'one that is NULL': ['[null]'],
    'one called NULL': ['["NULL"]'],
    ab: ['["a", "b"]', '[ "\\u0061" ,"b"]'],
    ba: ['["b", "a"]'],
    'a,b': ['["a,b"]'],
    aab: ['["a", "a", "b"]'],
    abb: ['["a", "b", "b"]'],
    braces: ['["{a", "b}"]'],
    'a and nothing': ['["a", ""]'],
    'a and NULL': ['["a", null]'],
    a: ['["a"]'],
    'a and a space': ['["a "]'],
  },
  mistaken: [
    ['ab', 'a,b'],
    ['empty', 'one that is empty'],
    ['empty', 'NULL'],
    ['one that is NULL', 'one called NULL'],
    ['a', 'a and nothing'],
  ],
};

const numbers: Family = {
  name: 'arrays of decimals',
  column: { type: { kind: 'array', element: { kind: 'decimal' } } },
  forms: {
    'postgres numeric[]': postgres('numeric[]', undefined, pgArray),
    'dynamodb L': {
      engine: 'dynamodb',
      native: 'L',
      write: (text) => ({
        L: text
          .slice(1, -1)
          .split(',')
          .flatMap((N) => (N.trim() === '' ? [] : [{ N: N.trim() }])),
      }),
    },
    'ndjson array': jsonBare('ndjson', 'array', isArray),
  },
  meanings: {
    '1.5 and 2': ['[1.5, 2]', '[1.50, 2.0]'],
    '1 and 52': ['[1, 52]'],
    '15 and 2': ['[15, 2]'],
    '2 and 1.5': ['[2, 1.5]'],
    empty: ['[]'],
    '0': ['[0]'],
  },
  mistaken: [
    ['1.5 and 2', '2 and 1.5'],
    ['empty', '0'],
  ],
};

const sets: Family = {
  name: 'sets of texts',
  column: { type: { kind: 'set', element: { kind: 'text' } } },
  forms: {
    'postgres text[]': postgres('text[]', undefined, pgArray),
    'dynamodb SS': { engine: 'dynamodb', native: 'SS', write: (text) => setOf(texts(text)) },
    'ndjson array': jsonBare('ndjson', 'array', isArray),
    'json array': jsonBare('json', 'array', isArray),
  },
  meanings: {
    abc: ['["a", "b", "c"]', '["c", "a", "b"]', '["b","c","a"]'],
    'abc in capitals': ['["A", "B", "C"]'],
    ab: ['["b", "a"]'],
    'a,b': ['["a,b"]'],
    'a and a space': ['["a", "a "]'],
    é: ['["é"]'],
    'é of two': ['["e\u0301"]'],
    empty: ['[]'],
  },
  mistaken: [['ab', 'a,b']],
};

const setOf = (items: readonly string[]): AttributeValue | undefined =>
  items.length === 0 ? undefined : { SS: [...items] };

const maps: Family = {
  name: 'maps of texts',
  column: { type: { kind: 'map', element: { kind: 'text' } } },
  forms: {
    'dynamodb M': { engine: 'dynamodb', native: 'M', write: (text) => attributeOf(parse(text)) },
    'ndjson object': jsonBare('ndjson', 'object', isObject),
    'json object': jsonBare('json', 'object', isObject),
  },
  meanings: {
    'a and b': ['{"a": "1", "b": "2"}', '{"b": "2", "a": "1"}'],
    'b and a': ['{"a": "2", "b": "1"}'],
    empty: ['{}'],
    'a of nothing': ['{"a": ""}'],
    'a of NULL': ['{"a": null}'],
    'nothing of a': ['{"": "a"}'],
    A: ['{"A": "1", "b": "2"}'],
  },
  mistaken: [
    ['a and b', 'A'],
    ['a of nothing', 'a of NULL'],
    ['empty', 'a of NULL'],
  ],
};

export const DOCUMENTS: readonly Family[] = [objects, values, arrays, numbers, sets, maps];
