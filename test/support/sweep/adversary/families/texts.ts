/** Texts, bytes, UUIDs, and what stands where nothing does. */
import { ABSENT, type Family, type Form, type Writing } from '../family.ts';
import { csv, dynamoB, dynamoS, hexBytes, jsonString, mysql, parquet, parquetText, postgres } from '../forms.ts';

const TEXT_FORMS: Readonly<Record<string, Form>> = {
  'postgres text': postgres('text'),
  'postgres varchar': postgres('character varying(100)'),
  'mysql text': mysql('longtext'),
  'mysql varchar': mysql('varchar(100)'),
  dynamodb: dynamoS(),
  csv: csv(),
  ndjson: jsonString('ndjson'),
  json: jsonString('json'),
  parquet: parquetText(),
};

const each = (...texts: readonly string[]): Record<string, readonly Writing[]> =>
  Object.fromEntries(texts.map((text) => [JSON.stringify(text), [text]]));
const pairsOf = (...pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] =>
  pairs.map(([one, other]) => [JSON.stringify(one), JSON.stringify(other)]);

const texts: Family = {
  name: 'texts',
  column: { type: { kind: 'text' } },
  forms: TEXT_FORMS,
  meanings: {
    ...each('a', 'A', 'a ', ' a', 'a\t', 'a\n', 'a\r\n', 'ä', 'é', 'e\u0301', 'e', '\u0301', 'E\u0301', 'É'),
    ...each('😀', '😁', '?', '??', '\ufffd', '\u{10ffff}', 'ß', 'ss', 'ẞ', 'İ', 'i', 'ı', 'I', 'ﬁ', 'fi', '＇', "'"),
    ...each('a|b', 'a||b', 'a\\|b', 'a,b', '"a"', '""', '\\', '\\\\', '\\N ', '\\x00', '%', '_', 'NULL', '<null>'),
    ...each(
      'null',
      'None',
      'nan',
      '0',
      '00',
      '0.0',
      '1',
      '1.0',
      '1e0',
      'true',
      '\u200b',
      '\u00a0',
      ' ',
      '  ',
      '\u00ad',
    ),
    ...each('K', '\u212a', 'Å', '\u212b', '가', '\u1100\u1161', 'x'.repeat(90), `${'x'.repeat(90)} `),
  },
  mistaken: pairsOf(
    ['a', 'a '],
    ['a', ' a'],
    ['é', 'e'],
    ['é', 'E\u0301'],
    ['😀', '?'],
    ['😀', '\ufffd'],
    ['ss', 'ẞ'],
    ['i', 'I'],
    ['\u0301', '\u200b'],
    ['1', '1.0'],
    ['0', 'null'],
    ['\\', '\\\\'],
    ['\u00a0', ' '],
    ['\\N ', 'NULL'],
  ),
};

const nothing: Family = {
  name: 'what stands where nothing does',
  column: { type: { kind: 'text' }, nullable: true },
  forms: TEXT_FORMS,
  meanings: {
    NULL: [null],
    empty: [''],
    absent: [ABSENT],
    blank: [' '],
    ...each('NULL', '<null>', 'null', '\\N', 'undefined', 'None', '""', '\u2400'),
  },
  mistaken: [
    ['NULL', 'empty'],
    ['NULL', 'absent'],
    ['empty', 'absent'],
    ['empty', 'blank'],
    ['NULL', '"NULL"'],
    ['NULL', '"<null>"'],
    ['NULL', '"null"'],
    ['NULL', '"\\\\N"'],
    ['NULL', '"None"'],
    ['absent', '"undefined"'],
  ],
};

const masked: Family = {
  ...nothing,
  name: 'what stands where nothing does, masked',
  column: { type: { kind: 'text' }, nullable: true, class: 'pii', mask: 'token' },
};

const absentIsNull: Family = {
  ...nothing,
  name: 'absences that are NULL',
  column: { type: { kind: 'text' }, nullable: true, absent: 'null' },
  meanings: { NULL: [null, ABSENT], empty: [''], '"NULL"': ['NULL'] },
  mistaken: [['NULL', '"NULL"']],
  counts: ['absent'],
};

const normalized: Family = {
  name: 'texts in NFC, as declared',
  column: { type: { kind: 'text', normalization: 'nfc' } },
  forms: TEXT_FORMS,
  meanings: {
    é: ['é', 'e\u0301'],
    e: ['e'],
    É: ['É', 'E\u0301'],
    'a mark alone': ['\u0301'],
    'a mark after a space': [' \u0301'],
    Å: ['Å', '\u212b', 'A\u030a'],
    가: ['가', '\u1100\u1161'],
    'two marks': ['q\u0307\u0323', 'q\u0323\u0307'],
    ligature: ['ﬁ'],
    'no ligature': ['fi'],
    K: ['K', '\u212a'],
  },
  mistaken: [
    ['é', 'É'],
    ['a mark alone', 'e'],
  ],
  counts: ['nfc'],
};

const padded: Family = {
  name: 'padded texts, as declared',
  column: { type: { kind: 'text', padding: 'trim' } },
  forms: {
    'postgres char': postgres('character(8)', (text) => text.length <= 8),
    'postgres text': postgres('text'),
    'mysql char': mysql('char(8)', (text) => text.length <= 8),
    'mysql varchar': mysql('varchar(100)'),
    dynamodb: dynamoS(),
    csv: csv(),
    ndjson: jsonString('ndjson'),
    parquet: parquetText(),
  },
  meanings: {
    ab: ['ab', 'ab ', 'ab      '],
    ' ab': [' ab', ' ab '],
    'ab and tab': ['ab\t', 'ab\t  '],
    'ab and a line': ['ab\n'],
    'ab and a wide space': ['ab\u00a0'],
    empty: ['', ' ', '        '],
    AB: ['AB', 'AB '],
  },
  mistaken: [
    ['ab', 'AB'],
    ['ab', 'ab and tab'],
    ['empty', 'ab'],
  ],
  counts: ['padding'],
};

/** PostgreSQL sends char(n) with its padding, MySQL without. */
const undeclared: Family = {
  name: 'padded texts, not declared',
  column: { type: { kind: 'text' } },
  forms: padded.forms,
  meanings: {
    'ab, padded': [
      { in: 'postgres char', text: 'ab' },
      { in: ['postgres text', 'mysql varchar', 'dynamodb', 'csv', 'ndjson', 'parquet'], text: 'ab      ' },
    ],
    ab: [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson', 'parquet', 'postgres text'], text: 'ab' }],
    'ab and a space': [{ in: ['mysql varchar', 'dynamodb', 'csv', 'ndjson', 'parquet', 'postgres text'], text: 'ab ' }],
  },
  mistaken: [['ab, padded', 'ab and a space']],
};

const hex = (text: string): string => `decode('${text}', 'hex')`;
const unhex = (text: string): string => `UNHEX('${text}')`;
const bytesLeaf = { type: 'BYTE_ARRAY' } as const;
const BYTE_MEANINGS: Record<string, readonly Writing[]> = {
  empty: [''],
  '00': ['00'],
  '0000': ['0000'],
  dead: ['dead'],
  dead00: ['dead00'],
  'the text \\xdead': [Buffer.from('\\xdead').toString('hex')],
  'the text dead': [Buffer.from('dead').toString('hex')],
  'the text 3q0=': [Buffer.from('3q0=').toString('hex')],
  ff: ['ff'],
  '7f': ['7f'],
  c3a9: ['c3a9'],
  e9: ['e9'],
};
const MISTAKEN_BYTES = [
  ['dead', 'the text \\xdead'],
  ['dead', 'the text dead'],
  ['dead', 'the text 3q0='],
  ['empty', '0000'],
  ['c3a9', 'e9'],
] as const;

const NATIVE_BYTES: Readonly<Record<string, Form>> = {
  'postgres bytea': postgres('bytea', all, hex),
  'mysql blob': mysql('longblob', all, unhex),
  'mysql varbinary': mysql('varbinary(100)', all, unhex),
  dynamodb: dynamoB(hexBytes),
  parquet: parquet('BYTES', bytesLeaf, hexBytes),
};

const hexadecimal: Family = {
  name: 'bytes, hexadecimal in texts',
  column: { type: { kind: 'bytes', text: 'hex' } },
  forms: {
    ...NATIVE_BYTES,
    'postgres text': postgres('text', all, (text) => `'${text}'`),
    'mysql text': mysql('longtext'),
    'dynamodb S': dynamoS(),
    csv: csv(),
    ndjson: jsonString('ndjson'),
  },
  meanings: BYTE_MEANINGS,
  mistaken: MISTAKEN_BYTES,
};

const base64 = (text: string): string => Buffer.from(text, 'hex').toString('base64');
const encoded: Family = {
  name: 'bytes, base64 in texts',
  column: { type: { kind: 'bytes', text: 'base64' } },
  forms: {
    ...NATIVE_BYTES,
    'dynamodb S': { engine: 'dynamodb', native: 'S', write: (text) => ({ S: base64(text) }) },
    csv: { engine: 'csv', native: 'text', write: base64 },
    ndjson: { engine: 'ndjson', native: 'string', write: (text) => JSON.stringify(base64(text)) },
  },
  meanings: BYTE_MEANINGS,
  mistaken: MISTAKEN_BYTES,
};

const zeroPadded: Family = {
  name: 'bytes, padded with zeros as declared',
  column: { type: { kind: 'bytes', padding: 'trim' } },
  forms: { ...NATIVE_BYTES, 'mysql binary': mysql('binary(4)', (text) => text.length <= 8, unhex) },
  meanings: {
    dead: ['dead', 'dead00', 'dead0000'],
    '00dead': ['00dead', '00dead00'],
    empty: ['', '00', '00000000'],
    dead20: ['dead20'],
    deadff: ['deadff'],
  },
  mistaken: [
    ['dead', 'dead20'],
    ['empty', '00dead'],
  ],
  counts: ['padding'],
};

const zeroPaddedUndeclared: Family = {
  ...zeroPadded,
  name: 'bytes, padded with zeros without a word',
  column: { type: { kind: 'bytes' } },
  meanings: {
    dead: [{ in: ['postgres', 'mysql blob', 'mysql varbinary', 'dynamodb', 'parquet'], text: 'dead' }],
    dead0000: [
      { in: 'mysql binary', text: 'dead' },
      { in: ['postgres', 'mysql blob', 'mysql varbinary', 'dynamodb', 'parquet'], text: 'dead0000' },
    ],
  },
  mistaken: [],
  counts: [],
};

const plainUuid = (text: string): string => text.replace(/[{}-]|urn:uuid:/g, '').toLowerCase();
const hyphens = (text: string): boolean => /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text);
const uuids: Family = {
  name: 'uuids',
  column: { type: { kind: 'uuid' } },
  forms: {
    'postgres uuid': postgres('uuid'),
    'postgres text': postgres('text'),
    'postgres bytea': postgres('bytea', all, (text) => hex(plainUuid(text))),
    'mysql uuid': mysql('uuid', hyphens),
    'mysql char': mysql('char(36)', (text) => text.length <= 36),
    'mysql binary': mysql('binary(16)', all, (text) => unhex(plainUuid(text))),
    'dynamodb S': dynamoS(),
    'dynamodb B': dynamoB((text) => hexBytes(plainUuid(text))),
    csv: csv(),
    ndjson: jsonString('ndjson'),
    parquet: parquet(
      'UUID',
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
      (text) => hexBytes(plainUuid(text)),
    ),
  },
  meanings: {
    one: [
      '01890a5d-ac96-774b-bcce-b302099a8057',
      '01890A5D-AC96-774B-BCCE-B302099A8057',
      '{01890a5d-ac96-774b-bcce-b302099a8057}',
      '01890a5dac96774bbcceb302099a8057',
    ],
    'another last digit': ['01890a5d-ac96-774b-bcce-b302099a8058'],
    'as MySQL swaps its parts': ['774bac96-0189-0a5d-bcce-b302099a8057'],
    'as Windows orders its bytes': ['5d0a8901-96ac-4b77-bcce-b302099a8057'],
    nil: ['00000000-0000-0000-0000-000000000000'],
    all: ['ffffffff-ffff-ffff-ffff-ffffffffffff'],
  },
  mistaken: [
    ['one', 'as MySQL swaps its parts'],
    ['one', 'as Windows orders its bytes'],
  ],
};

function all(): boolean {
  return true;
}

export const TEXTS: readonly Family[] = [
  texts,
  nothing,
  masked,
  absentIsNull,
  normalized,
  padded,
  undeclared,
  hexadecimal,
  encoded,
  zeroPadded,
  zeroPaddedUndeclared,
  uuids,
];
