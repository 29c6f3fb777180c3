/** Dates and times, with and without a zone. */
import type { Family, Form, Writing } from '../family.ts';
import { csv, dynamoS, jsonString, mysql, parquet, postgres } from '../forms.ts';

const once = (...texts: readonly string[]): Record<string, readonly Writing[]> =>
  Object.fromEntries(texts.map((text) => [text, [text]]));

/** Years 1 to 9999 of the common era: what MySQL and Parquet's readers agree on. */
const commonEra = (text: string): boolean => /^\d{4}-/.test(text) && !text.endsWith('BC');
const isZeroDate = (text: string): boolean => /-00(?:$|[ T-])/.test(text);
const UTC = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?Z?$/;
const MICROSECONDS = /^.{19}(\.\d{1,6})?Z?$/;
const inMicroseconds = (text: string): boolean => MICROSECONDS.test(text);

/** Microseconds since 1970 of `2024-02-29T23:59:59.123456Z`, or of the same without a letter. */
function microseconds(text: string): bigint | undefined {
  const [matched, day = '', clock = '', fraction = ''] = UTC.exec(text) ?? [];
  if (matched === undefined || isZeroDate(text) || fraction.length > 7) return undefined;
  const milliseconds = Date.parse(`${day}T${clock}Z`);
  return BigInt(milliseconds) * 1000n + BigInt(fraction.slice(1).padEnd(6, '0'));
}

const notMysql = (text: string): Writing => ({ in: ['postgres', 'dynamodb', 'csv', 'ndjson', 'json'], text });
const TIMESTAMP_RANGE = /^(19[789]\d|20[012]\d|203[0-7])-/;

const instants: Family = {
  name: 'instants',
  column: { type: { kind: 'instant', precision: 6 } },
  forms: {
    'postgres timestamptz': postgres('timestamp with time zone'),
    'mysql timestamp': mysql(
      'timestamp(6)',
      (text) =>
        UTC.test(text) && inMicroseconds(text) && TIMESTAMP_RANGE.test(text) && !text.startsWith('1970-01-01T00:00:00'),
      (text) => `'${text.replace('T', ' ').replace('Z', '')}'`,
    ),
    dynamodb: dynamoS(),
    csv: csv(),
    ndjson: jsonString('ndjson'),
    parquet: parquet(
      'TIMESTAMPTZ(6)',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
      (text) => (inMicroseconds(text) ? microseconds(text) : undefined),
    ),
  },
  meanings: {
    epoch: ['1970-01-01T00:00:00Z', notMysql('1970-01-01 01:00:00+01:00')],
    'just before': ['1969-12-31T23:59:59.999999Z'],
    // Both are half past one on the clocks of New York, on the day on which summer time ends.
    'the first half past one': ['2024-11-03T05:30:00Z', notMysql('2024-11-03 01:30:00-04:00')],
    'the second half past one': ['2024-11-03T06:30:00Z', notMysql('2024-11-03 01:30:00-05')],
    'half past two in Berlin, before': ['2024-10-27T00:30:00Z', notMysql('2024-10-27T02:30:00+02:00')],
    'half past two in Berlin, again': ['2024-10-27T01:30:00Z', notMysql('2024-10-27T02:30:00+01:00')],
    'five and a half hours off': ['2024-06-01T00:00:00Z', notMysql('2024-06-01 05:30:00+05:30')],
    'the last microsecond of a year': ['2023-12-31T23:59:59.999999Z'],
    'the first of the next': ['2024-01-01T00:00:00Z', notMysql('2024-01-01T00:00:00.000000Z')],
    'a leap day': ['2024-02-29T12:00:00.5Z', notMysql('2024-02-29T12:00:00.500Z')],
    'the end of 32 bits': ['2037-12-31T23:59:59.999999Z'],
    'after 32 bits': ['2038-01-19T03:14:08Z'],
    'after 64 bits of nanoseconds': ['2262-04-11T23:47:16.854776Z'],
    'the last year': ['9999-12-31T23:59:59.999999Z'],
    'AD 44': ['0044-03-15T12:00:00Z'],
    '44 BC': [
      { in: 'postgres', text: '0044-03-15 12:00:00+00 BC' },
      { in: ['dynamodb', 'csv', 'ndjson'], text: '-0043-03-15T12:00:00Z' },
    ],
    infinity: [notMysql('infinity')],
    'minus infinity': [notMysql('-infinity')],
  },
  mistaken: [
    ['44 BC', 'AD 44'],
    ['infinity', 'minus infinity'],
    ['infinity', 'the last year'],
    ['epoch', 'infinity'],
  ],
};

const FINE_FORMS: Readonly<Record<string, Form>> = {
  'postgres timestamptz': postgres('timestamp with time zone', inMicroseconds),
  'mysql timestamp': mysql(
    'timestamp(6)',
    (text) => inMicroseconds(text) && TIMESTAMP_RANGE.test(text),
    (text) => `'${text.replace('T', ' ').replace('Z', '')}'`,
  ),
  dynamodb: dynamoS(),
  csv: csv(),
  ndjson: jsonString('ndjson'),
};

const rounded: Family = {
  name: 'instants, rounded as declared',
  column: { type: { kind: 'instant', precision: 3, excess: 'round' } },
  forms: FINE_FORMS,
  meanings: {
    'next year': ['2024-01-01T00:00:00Z', '2023-12-31T23:59:59.999999Z', '2023-12-31T23:59:59.9995001Z'],
    'last year': ['2023-12-31T23:59:59.999Z', '2023-12-31T23:59:59.9994999Z', '2023-12-31T23:59:59.998501Z'],
    even: ['2024-01-01T00:00:00.002Z', '2024-01-01T00:00:00.0025Z', '2024-01-01T00:00:00.0015Z'],
  },
  counts: ['precision'],
};

const truncated: Family = {
  name: 'instants, cut off as declared',
  column: { type: { kind: 'instant', precision: 0, excess: 'truncate' } },
  forms: FINE_FORMS,
  meanings: {
    'last year': ['2023-12-31T23:59:59Z', '2023-12-31T23:59:59.999999Z', '2023-12-31T23:59:59.9999999Z'],
    'next year': ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000001Z'],
    'before 1970': [
      '1969-12-31T23:59:58Z',
      { in: ['postgres', 'csv', 'dynamodb', 'ndjson'], text: '1969-12-31T23:59:58.9Z' },
    ],
  },
  counts: ['precision'],
};

const seconds = (text: string): string => {
  const micros = microseconds(text) ?? 0n;
  const fraction = (micros % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micros / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
};
const countable = (text: string): boolean => microseconds(text) !== undefined;
const epochs: Family = {
  name: 'instants, as seconds since 1970',
  column: { type: { kind: 'instant', precision: 6, epoch: 'seconds', zoneless: 'utc' } },
  forms: {
    'postgres timestamp': postgres('timestamp without time zone', countable, (text) => `'${text.replace('Z', '')}'`),
    'postgres numeric': postgres('numeric', countable, (text) => `'${seconds(text)}'`),
    'mysql datetime': mysql('datetime(6)', countable, (text) => `'${text.replace('T', ' ').replace('Z', '')}'`),
    'mysql decimal': mysql('decimal(30,6)', countable, (text) => `'${seconds(text)}'`),
    'dynamodb N': { engine: 'dynamodb', native: 'N', write: (text) => ({ N: seconds(text) }) },
    'csv number': { engine: 'csv', native: 'text', write: seconds },
    'ndjson number': { engine: 'ndjson', native: 'number', write: seconds },
    'ndjson string': jsonString('ndjson', (text) => text.endsWith('Z')),
    parquet: parquet(
      'TIMESTAMP(6)',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
      microseconds,
    ),
  },
  meanings: once(
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:01Z',
    '1970-01-01T00:00:00.000001Z',
    '2024-11-03T05:30:00Z',
    '2024-11-03T06:30:00Z',
    '2024-03-31T02:30:00Z',
    '2023-12-31T23:59:59.999999Z',
    '2024-01-01T00:00:00Z',
  ),
};

const days = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
const dates: Family = {
  name: 'dates',
  column: { type: { kind: 'date' } },
  forms: {
    'postgres date': postgres('date', (text) => !isZeroDate(text)),
    'mysql date': mysql('date', commonEra, (text) => `'${text}'`),
    'mysql text': mysql('varchar(20)'),
    dynamodb: dynamoS(),
    csv: csv(),
    ndjson: jsonString('ndjson'),
    parquet: parquet('DATE', { type: 'INT32', converted_type: 'DATE' }, (text) =>
      commonEra(text) && !isZeroDate(text) ? days(text) : undefined,
    ),
  },
  meanings: {
    ...once('1970-01-01', '1969-12-31', '2024-02-29', '2024-02-28', '2024-03-01', '2024-12-31', '2025-01-01'),
    ...once('1582-10-04', '1582-10-15', '1900-03-01', '0001-01-01', '9999-12-31', '2024-01-02', '2024-02-01'),
    'AD 44': ['0044-03-15'],
    '44 BC': [
      { in: ['postgres', 'dynamodb', 'csv', 'ndjson', 'mysql text'], text: '0044-03-15 BC' },
      { in: ['dynamodb', 'csv', 'ndjson', 'mysql text'], text: '-0043-03-15' },
    ],
    '1 BC': [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson', 'mysql text'], text: '0001-01-01 BC' }],
    infinity: [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson', 'mysql text'], text: 'infinity' }],
    'minus infinity': [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson', 'mysql text'], text: '-infinity' }],
    'zero date': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '0000-00-00' }],
    'no day': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '2024-01-00' }],
    'no month': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '2024-00-00' }],
    'the last of PostgreSQL': [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson', 'mysql text'], text: '5874897-12-31' }],
  },
  mistaken: [
    ['44 BC', 'AD 44'],
    ['1 BC', '0001-01-01'],
    ['infinity', '9999-12-31'],
    ['2024-01-02', '2024-02-01'],
    ['no day', '2024-01-02'],
    ['zero date', '1970-01-01'],
  ],
};

const clock = (text: string): bigint | undefined => {
  const [matched, hours = '', minutes = '', secs = '', fraction = ''] =
    /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (matched === undefined || hours === '24') return undefined;
  return (
    BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(secs)) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  );
};
const times: Family = {
  name: 'times of day',
  column: { type: { kind: 'time', precision: 6 } },
  forms: {
    'postgres time': postgres('time without time zone', (text) => /^(0\d|1\d|2[0-4]):/.test(text)),
    'mysql time': mysql('time(6)', undefined, (text) => `'${text}'`),
    dynamodb: dynamoS(),
    csv: csv(),
    ndjson: jsonString('ndjson'),
    parquet: parquet(
      'TIME(6)',
      { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } },
      clock,
    ),
  },
  meanings: {
    midnight: ['00:00:00', '00:00:00.000000'],
    'the end of the day': ['24:00:00'],
    ...once('23:59:59.999999', '00:00:00.000001', '01:30:00', '13:30:00', '12:34:56.5'),
    'beyond a day': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '25:00:00' }],
    'the longest': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '838:59:59' }],
    'the shortest': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '-838:59:59' }],
    'below midnight': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '-00:00:01.5' }],
    'above midnight': ['00:00:01.5'],
    'one below': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '-01:30:00' }],
  },
  mistaken: [
    ['midnight', 'the end of the day'],
    ['the longest', 'the shortest'],
    ['01:30:00', 'one below'],
    ['01:30:00', 'beyond a day'],
    ['01:30:00', '13:30:00'],
  ],
};

const datetimes: Family = {
  name: 'dates with times, in no zone',
  column: { type: { kind: 'datetime', precision: 6 } },
  forms: {
    'postgres timestamp': postgres('timestamp without time zone', (text) => !isZeroDate(text)),
    'mysql datetime': mysql('datetime(6)', commonEra, (text) => `'${text.replace('T', ' ')}'`),
    dynamodb: dynamoS(),
    csv: csv(),
    ndjson: jsonString('ndjson'),
    parquet: parquet(
      'TIMESTAMP(6)',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
      (text) => (commonEra(text) && !isZeroDate(text) ? microseconds(text) : undefined),
    ),
  },
  meanings: {
    // There is no such time in Berlin: clocks go from two to three.
    'an hour that is not': ['2024-03-31 02:30:00', '2024-03-31T02:30:00.0'],
    'an hour later': ['2024-03-31 03:30:00'],
    'half past two': ['2024-10-27 02:30:00'],
    'half past one': ['2024-10-27 01:30:00'],
    'the last microsecond': ['2023-12-31 23:59:59.999999'],
    'the first': ['2024-01-01 00:00:00'],
    ...once('1970-01-01 00:00:00', '1969-12-31 23:59:59.999999', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'),
    'AD 44': ['0044-03-15 12:00:00'],
    '44 BC': [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson'], text: '0044-03-15 12:00:00 BC' }],
    infinity: [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson'], text: 'infinity' }],
    'minus infinity': [{ in: ['postgres', 'dynamodb', 'csv', 'ndjson'], text: '-infinity' }],
    zero: [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '0000-00-00 00:00:00' }],
    'zero, later': [{ in: ['mysql', 'dynamodb', 'csv', 'ndjson'], text: '2024-00-00 00:00:01' }],
  },
  mistaken: [
    ['44 BC', 'AD 44'],
    ['zero', '1970-01-01 00:00:00'],
    ['infinity', '9999-12-31 23:59:59.999999'],
  ],
};

const tolerantInstants: Family = {
  ...instants,
  name: 'instants within half a second',
  column: { type: { kind: 'instant', precision: 6 }, tolerance: '0.5' },
  meanings: {
    noon: ['2024-06-01T12:00:00Z', '2024-06-01T12:00:00.5Z', '2024-06-01T12:00:00.000001Z'],
    later: ['2024-06-01T12:00:01.100001Z'],
  },
  mistaken: [],
  tolerant: true,
};

export const TIMES: readonly Family[] = [
  instants,
  rounded,
  truncated,
  epochs,
  dates,
  times,
  datetimes,
  tolerantInstants,
];
