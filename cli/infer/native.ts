/** What a native type is, as each engine's catalogue or sample spells it: which canonical types its values can be, the one that it is first. */
import type { Kind } from '../../shared/canonical/column-type.ts';
import type { Endpoint } from '../../shared/equivalence/schema.ts';

export interface NativeFacts {
  /** None: there is no canonical type for it, or several types were met. */
  readonly kinds: readonly Kind[];
  /** It holds whatever a text or a plain number can be of: what it is meant as, the other side says. */
  readonly loose?: true;
  /** Digits of a second. */
  readonly precision?: number;
  /** Digits after the point, and all of them, where they are limited. */
  readonly scale?: number;
  readonly digits?: number;
  /** Pads what is shorter. */
  readonly padded?: true;
  readonly element?: NativeFacts;
}

const TEXTUAL: readonly Kind[] = [
  'text',
  'uuid',
  'integer',
  'decimal',
  'float64',
  'float32',
  'boolean',
  'instant',
  'date',
  'time',
  'datetime',
  'bytes',
  'json',
];
const NUMERIC: readonly Kind[] = ['decimal', 'integer', 'float64', 'float32', 'boolean', 'instant'];
const INTEGER: NativeFacts = { kinds: ['integer', 'decimal', 'boolean', 'instant'] };
const TEXT: NativeFacts = { kinds: TEXTUAL };
const BYTES: NativeFacts = { kinds: ['bytes', 'uuid', 'text'] };
const LOOSE_TEXT: NativeFacts = { kinds: TEXTUAL, loose: true };
const NOTHING: NativeFacts = { kinds: [] };

const decimal = (digits: string | undefined, scale: string | undefined): NativeFacts => ({
  kinds: ['decimal', 'integer', 'instant'],
  ...(digits === undefined ? {} : { digits: Number(digits), scale: Number(scale ?? 0) }),
});
const timed = (kinds: readonly Kind[], precision: number): NativeFacts => ({ kinds, precision });

type Rule = readonly [RegExp, (match: RegExpExecArray) => NativeFacts];

/** As `format_type` spells them. */
const POSTGRES: readonly Rule[] = [
  [/^(.+)\[\]$/, ([, element = '']) => ({ kinds: ['array', 'set'], element: first(POSTGRES, element) })],
  [/^(smallint|integer|bigint)$/, () => INTEGER],
  [/^numeric(?:\((\d+)(?:,(-?\d+))?\))?$/, ([, digits, scale]) => decimal(digits, scale)],
  [/^real$/, () => ({ kinds: ['float32', 'float64'] })],
  [/^double precision$/, () => ({ kinds: ['float64', 'float32'] })],
  [/^boolean$/, () => ({ kinds: ['boolean'] })],
  [/^(text|name|character varying(\(\d+\))?|citext|inet|cidr|macaddr8?|xml)$/, () => TEXT],
  [/^(character|"?bpchar"?)(\(\d+\))?$/, () => ({ ...TEXT, padded: true })],
  [/^bytea$/, () => BYTES],
  [/^uuid$/, () => ({ kinds: ['uuid'] })],
  [/^date$/, () => ({ kinds: ['date'] })],
  [/^time(?:\((\d)\))? without time zone$/, ([, digits = '6']) => timed(['time'], Number(digits))],
  [/^timestamp(?:\((\d)\))? without time zone$/, ([, digits = '6']) => timed(['datetime', 'instant'], Number(digits))],
  [/^timestamp(?:\((\d)\))? with time zone$/, ([, digits = '6']) => timed(['instant'], Number(digits))],
  [/^jsonb?$/, () => ({ kinds: ['json'] })],
];

/** As `information_schema.columns.column_type` spells them. */
const MYSQL: readonly Rule[] = [
  [/^tinyint\(1\)$/, () => ({ kinds: ['boolean', 'integer', 'decimal'] })],
  [/^(tiny|small|medium|big)?int\b|^year\b/, () => INTEGER],
  [/^bit\b/, () => ({ kinds: ['boolean', 'integer'] })],
  [/^decimal\((\d+),(\d+)\)/, ([, digits, scale]) => decimal(digits, scale)],
  [/^float\b/, () => ({ kinds: ['float32', 'float64'] })],
  [/^double\b/, () => ({ kinds: ['float64', 'float32'] })],
  [/^char\b/, () => ({ ...TEXT, padded: true })],
  [/^(varchar|(tiny|medium|long)?text|enum|set)\b/, () => TEXT],
  [/^binary\b/, () => ({ ...BYTES, padded: true })],
  [/^(varbinary|(tiny|medium|long)?blob)\b/, () => BYTES],
  [/^json$/, () => ({ kinds: ['json', 'text'] })],
  [/^uuid$/, () => ({ kinds: ['uuid', 'text'] })],
  [/^date$/, () => ({ kinds: ['date'] })],
  [/^time(?:\((\d)\))?$/, ([, digits = '0']) => timed(['time'], Number(digits))],
  [/^datetime(?:\((\d)\))?$/, ([, digits = '0']) => timed(['datetime', 'instant'], Number(digits))],
  [/^timestamp(?:\((\d)\))?$/, ([, digits = '0']) => timed(['instant'], Number(digits))],
];

const DYNAMODB: readonly Rule[] = [
  [/^S$/, () => LOOSE_TEXT],
  [/^N$/, () => ({ kinds: NUMERIC, loose: true, digits: 38 })],
  [/^B$/, () => BYTES],
  [/^BOOL$/, () => ({ kinds: ['boolean'] })],
  [/^L$/, () => ({ kinds: ['array', 'json'] })],
  [/^M$/, () => ({ kinds: ['json', 'map'] })],
  [/^SS$/, () => ({ kinds: ['set'], element: LOOSE_TEXT })],
  [/^NS$/, () => ({ kinds: ['set'], element: { kinds: NUMERIC, loose: true } })],
  [/^BS$/, () => ({ kinds: ['set'], element: BYTES })],
];

const JSON_TYPES: readonly Rule[] = [
  [/^string$/, () => LOOSE_TEXT],
  [/^number$/, () => ({ kinds: [...NUMERIC, 'json'], loose: true })],
  [/^boolean$/, () => ({ kinds: ['boolean', 'json'] })],
  [/^array$/, () => ({ kinds: ['array', 'set', 'json'] })],
  [/^object$/, () => ({ kinds: ['json', 'map'] })],
];

const PARQUET: readonly Rule[] = [
  [/^LIST<(.+)>$/, ([, element = '']) => ({ kinds: ['array', 'set'], element: first(PARQUET, element) })],
  [/^U?INT(8|16|32|64)$/, () => INTEGER],
  [/^DECIMAL\((\d+),(\d+)\)$/, ([, digits, scale]) => decimal(digits, scale)],
  [/^(FLOAT|FLOAT16)$/, () => ({ kinds: ['float32', 'float64'] })],
  [/^DOUBLE$/, () => ({ kinds: ['float64', 'float32'] })],
  [/^BOOLEAN$/, () => ({ kinds: ['boolean'] })],
  // A file's text says no more of its meaning than a cell of CSV does.
  [/^STRING$/, () => LOOSE_TEXT],
  [/^JSON$/, () => ({ kinds: ['json', 'text'] })],
  [/^UUID$/, () => ({ kinds: ['uuid'] })],
  [/^BYTES(\(\d+\))?$/, () => BYTES],
  [/^DATE$/, () => ({ kinds: ['date'] })],
  [/^TIME\((\d)\)$/, ([, digits]) => timed(['time'], Number(digits))],
  [/^TIMESTAMP\((\d)\)$/, ([, digits]) => timed(['datetime', 'instant'], Number(digits))],
  [/^TIMESTAMPTZ\((\d)\)$/, ([, digits]) => timed(['instant'], Number(digits))],
  [/^INT96$/, () => timed(['datetime', 'instant'], 9)],
];

function first(rules: readonly Rule[], type: string): NativeFacts {
  for (const [pattern, facts] of rules) {
    const match = pattern.exec(type);
    if (match !== null) return facts(match);
  }
  return NOTHING;
}

export function factsOf(endpoint: Endpoint, type: string): NativeFacts {
  switch (endpoint.engine) {
    case 'postgres':
      return first(POSTGRES, type);
    case 'mysql':
      return first(MYSQL, type);
    case 'dynamodb':
      return first(DYNAMODB, type);
    case 'files':
      if (endpoint.format === 'csv') return LOOSE_TEXT;
      return first(endpoint.format === 'parquet' ? PARQUET : JSON_TYPES, type);
  }
}
