/** Integers, decimals, floats and truth values. */
import type { Family, Writing } from '../family.ts';
import {
  csv,
  digitsOf,
  dynamoN,
  dynamoS,
  fixed,
  jsonBare,
  jsonString,
  mysql,
  parquet,
  postgres,
  wholeBetween,
} from '../forms.ts';

const once = (...texts: readonly string[]): Record<string, readonly Writing[]> =>
  Object.fromEntries(texts.map((text) => [text, [text]]));
const whole = (text: string): boolean => /^-?\d+$/.test(text);
const [INT64, UINT64] = [wholeBetween(-(2n ** 63n), 2n ** 63n - 1n), wholeBetween(0n, 2n ** 64n - 1n)];

const integers: Family = {
  name: 'integers',
  column: { type: { kind: 'integer' } },
  forms: {
    'postgres bigint': postgres('bigint', INT64),
    'postgres numeric': postgres('numeric'),
    'mysql bigint': mysql('bigint(20)', INT64),
    'mysql unsigned': mysql('bigint(20) unsigned', UINT64),
    'mysql decimal': mysql('decimal(65,0)', fixed(65, 0)),
    'dynamodb N': dynamoN(),
    'dynamodb S': dynamoS(whole),
    csv: csv(),
    'ndjson number': jsonBare('ndjson', 'number'),
    'json string': jsonString('json', whole),
    parquet: parquet('INT64', { type: 'INT64' }, (text) => (INT64(text) ? BigInt(text.replace('+', '')) : undefined)),
    'parquet unsigned': parquet('UINT64', { type: 'INT64', converted_type: 'UINT_64' }, (text) =>
      UINT64(text) ? BigInt(text.replace('+', '')) : undefined,
    ),
  },
  meanings: {
    '0': ['0', '-0', { in: ['csv', 'postgres', 'mysql'], text: '+000' }],
    ...once('1', '-1', '127', '128', '-128', '-129', '255', '256', '-255', '32767', '32768', '-32768', '-32769'),
    ...once('65535', '65536', '2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296'),
    ...once('9007199254740991', '9007199254740992', '9007199254740993', '999999999999999999', '1000000000000000000'),
    ...once('9223372036854775806', '9223372036854775807', '-9223372036854775808', '-9223372036854775807'),
    ...once('9223372036854775808', '18446744073709551614', '18446744073709551615', '18446744073709551616'),
    ...once('12345678901234567890123456789012345678', '12345678901234567890123456789012345679'),
    ...once('99999999999999999999999999999999999999999999999999999999999999999'),
    ...once('-99999999999999999999999999999999999999999999999999999999999999999'),
    '120': ['120', { in: ['dynamodb N', 'ndjson', 'mysql decimal', 'postgres numeric'], text: '1.20e2' }],
  },
  mistaken: [
    ['18446744073709551615', '-1'],
    ['9223372036854775808', '-9223372036854775808'],
    ['2147483648', '-2147483648'],
    ['0', '-1'],
    ['255', '-1'],
  ],
};

const decimals: Family = {
  name: 'decimals',
  column: { type: { kind: 'decimal' } },
  forms: {
    'postgres numeric': postgres('numeric'),
    'postgres numeric(65,30)': postgres('numeric(65,30)', fixed(65, 30)),
    'mysql decimal': mysql('decimal(65,30)', fixed(65, 30)),
    'dynamodb N': dynamoN(),
    'dynamodb S': dynamoS(),
    csv: csv(),
    'ndjson number': jsonBare('ndjson', 'number'),
    'json string': jsonString('json'),
    parquet: parquet(
      'DECIMAL(38,8)',
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: 38, scale: 8 },
      (text) => {
        const number = fixed(38, 8)(text) ? digitsOf(text) : undefined;
        if (number === undefined) return undefined;
        return BigInt(`${text.startsWith('-') ? '-' : ''}${number.digits || '0'}`) * 10n ** BigInt(number.exponent + 8);
      },
    ),
  },
  meanings: {
    zero: ['0', '0.000', '-0.0', '0e5'],
    hundred: ['100', '100.00', '1e2', '100.000000'],
    '1.5': ['1.5', '1.50', '15e-1'],
    ...once('1.9', '1', '2', '-1.5'),
    '1.23': ['1.23', '1.2300'],
    ...once('1.234999', '1.235', '1.234', '1.2349990001'),
    ...once('0.1', '0.10000000000000000555', '0.30000000000000004', '0.3', '1e-20', '9e-20', '1e-30', '2e-30'),
    ...once('99999999999999999999999999999999999.999999999999999999999999999999'),
    ...once('99999999999999999999999999999999999.999999999999999999999999999998'),
    ...once('12345678901234567890.12345678', '12345678901234567890.12345679', '1e60', '1.00000001e60'),
    ...once('1e-100', '9e-100', '1e125', '9999', '10000', '0.9999', '1.0001', '100000000', '10000.0001'),
    NaN: [{ in: ['postgres numeric', 'csv', 'dynamodb S', 'json'], text: 'NaN' }],
    Infinity: [{ in: ['postgres numeric', 'csv', 'dynamodb S', 'json'], text: 'Infinity' }],
    '-Infinity': [{ in: ['postgres numeric', 'csv', 'dynamodb S', 'json'], text: '-Infinity' }],
  },
  mistaken: [
    ['1.5', '1.9'],
    ['1.234999', '1.23'],
    ['1.234999', '1.235'],
    ['hundred', '1'],
    ['1.5', '-1.5'],
    ['NaN', 'zero'],
    ['Infinity', '1e125'],
  ],
};
// PostgreSQL has these in numeric without a modifier only.
const { 'postgres numeric(65,30)': _narrow, ...wideForms } = decimals.forms;
const specialNames = ['NaN', 'Infinity', '-Infinity'];
const specials: Family = {
  ...decimals,
  name: 'decimals that are no numbers',
  forms: wideForms,
  meanings: Object.fromEntries(
    Object.entries(decimals.meanings).filter(([name]) => ['zero', '1e125', ...specialNames].includes(name)),
  ),
  mistaken: [
    ['NaN', 'zero'],
    ['Infinity', '1e125'],
  ],
};
const numbersAlone: Family = {
  ...decimals,
  meanings: Object.fromEntries(Object.entries(decimals.meanings).filter(([name]) => !specialNames.includes(name))),
  mistaken: decimals.mistaken?.filter((pair) => !pair.some((name) => specialNames.includes(name))) ?? [],
};

const scaled: Family = {
  ...numbersAlone,
  name: 'decimals at a declared scale',
  column: { type: { kind: 'decimal', scale: 2 } },
  meanings: {
    '1.23': ['1.23', '1.234999', '1.2251', '1.230'],
    '1.24': ['1.24', '1.235', '1.245', '1.2350001'],
    '1.22': ['1.22', '1.225'],
    '-1.24': ['-1.24', '-1.235'],
    '0': ['0', '0.005', '-0.0049'],
    '0.02': ['0.02', '0.015'],
    '100': ['100', '99.996'],
  },
  mistaken: [['1.23', '1.24']],
  counts: ['scale'],
};

const finite = (text: string): boolean => digitsOf(text) !== undefined;
const double = (text: string): number => Number(text.replace(/^([+-]?)inf.*/i, '$1Infinity'));
const special = (text: string): Writing => ({ in: ['postgres', 'csv', 'dynamodb S', 'json', 'parquet'], text });
const negativeZero: Writing = { in: ['postgres', 'csv', 'dynamodb S', 'json', 'ndjson', 'parquet'], text: '-0' };

const FLOAT_FORMS = {
  'dynamodb N': dynamoN(),
  'dynamodb S': dynamoS(),
  csv: csv(),
  'ndjson number': jsonBare('ndjson', 'number'),
  'json string': jsonString('json'),
};

const float64: Family = {
  name: 'float64',
  column: { type: { kind: 'float64' } },
  forms: {
    'postgres double': postgres('double precision'),
    'mysql double': mysql('double', finite),
    ...FLOAT_FORMS,
    parquet: parquet('DOUBLE', { type: 'DOUBLE' }, double),
  },
  meanings: {
    '0': ['0', '0.0', '0e10'],
    '-0': [negativeZero],
    ...once('1e-20', '9e-20', '1.5', '-1.5', '16777216', '16777217', '16777218', '16777200'),
    '1e300': ['1e300', `1${'0'.repeat(300)}`],
    ...once('9e300', '-1e300', '1.7976931348623157e308', '1.7976931348623155e308', '9007199254740991'),
    '9007199254740992': ['9007199254740992', '9007199254740992.0'],
    ...once('9007199254740994', '123456789.12345678', '123456789.12345679'),
    '0.3': ['0.3', '0.30'],
    ...once('0.30000000000000004', '0.1', '0.10000000000000002', '1e22', '1e23', '2.2250738585072014e-308'),
    ...once('2.225073858507201e-308', '5e-324', '1e-323', '-5e-324'),
    NaN: [special('NaN'), special('nan')],
    Infinity: [special('Infinity'), special('inf')],
    '-Infinity': [special('-Infinity')],
  },
  mistaken: [
    ['0', '-0'],
    ['NaN', '0'],
    ['Infinity', '-Infinity'],
    ['Infinity', '1.7976931348623157e308'],
    ['5e-324', '0'],
    ['1e-20', '0'],
  ],
};

const zeros: Family = {
  ...float64,
  name: 'float64 where −0 is 0',
  column: { type: { kind: 'float64', negativeZero: 'zero' } },
  meanings: { '0': ['0', negativeZero], '5e-324': ['5e-324'], '-5e-324': ['-5e-324'] },
  mistaken: [],
  counts: ['negative-zero'],
};

const float32: Family = {
  name: 'float32',
  column: { type: { kind: 'float32' } },
  forms: {
    'postgres real': postgres('real'),
    'mysql float': mysql('float', (text) => finite(text) && Math.abs(Number(text)) < 3.40282e38),
    ...FLOAT_FORMS,
    parquet: parquet('FLOAT', { type: 'FLOAT' }, double),
  },
  meanings: {
    '0': ['0'],
    '-0': [negativeZero],
    ...once('16777214', '16777215', '16777216', '16777218', '16777200', '1e-20', '9e-20', '-1e-20'),
    '1.1': ['1.1', '1.10000002'],
    ...once('1.1000001', '3.4028235e38', '3.4028233e38', '123456.79', '123456.78', '33554432', '33554436'),
    // MySQL and MariaDB keep no denormals of this width.
    denormal: [{ in: ['postgres', 'csv', 'dynamodb', 'json', 'ndjson', 'parquet'], text: '1e-45' }],
    'denormal and one': [{ in: ['postgres', 'csv', 'dynamodb', 'json', 'ndjson', 'parquet'], text: '3e-45' }],
    NaN: [special('NaN')],
    Infinity: [special('Infinity')],
    '-Infinity': [special('-Infinity')],
  },
  mistaken: [
    ['0', '-0'],
    ['16777216', '16777200'],
    ['denormal', '0'],
    ['NaN', 'Infinity'],
  ],
};

const tolerant: Family = {
  ...float64,
  name: 'float64 within a tolerance',
  column: { type: { kind: 'float64' }, tolerance: '0.01' },
  meanings: {
    '1': ['1', '1.005', '0.9951'],
    '2': ['2', '2.0001'],
    '3': ['3', '3.0099'],
    '3.02': ['3.02'],
  },
  mistaken: [
    ['1', '2'],
    ['3', '3.02'],
  ],
  tolerant: true,
};

const BOOLEANS = /^(true|false|t|f|1|0)$/;
const truth = (text: string): boolean | undefined => (BOOLEANS.test(text) ? /^[t1]/.test(text) : undefined);
const digit = (text: string): boolean => /^[01]$/.test(text);
const word = (text: string): boolean => /^(true|false)$/.test(text);
const booleans: Family = {
  name: 'booleans',
  column: { type: { kind: 'boolean' }, nullable: true },
  forms: {
    'postgres boolean': postgres('boolean'),
    'mysql tinyint': mysql('tinyint(1)', all, (text) => (truth(text) === true ? '1' : '0')),
    'mysql bit': mysql('bit(1)', all, (text) => (truth(text) === true ? "b'1'" : "b'0'")),
    'dynamodb BOOL': {
      engine: 'dynamodb',
      native: 'BOOL',
      write: (text) => ({ BOOL: truth(text) === true }),
    },
    'dynamodb N': dynamoN(digit),
    'dynamodb S': dynamoS(),
    csv: csv(),
    'ndjson boolean': jsonBare('ndjson', 'boolean', word),
    'ndjson number': jsonBare('ndjson', 'number', digit),
    'json string': jsonString('json'),
    parquet: parquet('BOOLEAN', { type: 'BOOLEAN' }, truth),
  },
  meanings: { true: ['true', 't', '1'], false: ['false', 'f', '0'], null: [null] },
  mistaken: [['null', 'true']],
};

function all(): boolean {
  return true;
}

export const NUMBERS: readonly Family[] = [
  integers,
  numbersAlone,
  specials,
  scaled,
  float64,
  zeros,
  float32,
  tolerant,
  booleans,
];
