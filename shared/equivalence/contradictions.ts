import type { ColumnType, Kind } from '../canonical/column-type.ts';
import { ColumnNotes } from '../canonical/notes.ts';
import { codecFor } from '../canonical/types.ts';
import { pointerTo } from '../contract/names.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { SIDES } from './relation.ts';
import type { Comparison, Endpoint, Equivalence } from './schema.ts';

type Path = readonly (string | number)[];

const NUMBERS: readonly Kind[] = ['integer', 'decimal', 'float32', 'float64'];
const TIMES: readonly Kind[] = ['instant', 'time', 'datetime'];
/** Kinds whose values every engine can tell apart and find again. A float is not one: NaN, and two zeros. */
const KEYS: readonly Kind[] = [
  'integer',
  'decimal',
  'boolean',
  'text',
  'bytes',
  'uuid',
  'instant',
  'date',
  'time',
  'datetime',
];
/** Kinds with an order: of numbers and times by value, of the others by their bytes. */
const ORDERED: readonly Kind[] = [...NUMBERS, ...TIMES, 'date', 'text', 'bytes', 'uuid'];

/** What the schema cannot say: references between parts, and what does not go together. */
export function contradictions(contract: Equivalence): readonly FieldProblem[] {
  return [
    ...endpointContradictions(contract),
    ...nameContradictions(contract),
    ...keyContradictions(contract),
    ...columnContradictions(contract),
    ...filterContradictions(contract),
  ];
}

function mistake(path: Path, rule: string): FieldProblem {
  return { code: 'configuration-invalid', pointer: path.map((step) => pointerTo(String(step))).join(''), rule };
}

function endpointContradictions(contract: Equivalence): FieldProblem[] {
  const found: FieldProblem[] = [];
  if (samePlace(contract.source, contract.target)) found.push(mistake(['target'], 'another place than the source'));
  for (const side of SIDES) {
    const endpoint = contract[side];
    // A live table of either has no state that several readers could share.
    if ((endpoint.engine === 'dynamodb' || endpoint.engine === 'mysql') && endpoint.consistency === 'frozen') {
      found.push(
        mistake([side, 'consistency'], `settled: ${endpoint.engine} gives no snapshot that workers can share`),
      );
    }
    if (endpoint.engine === 'files' && endpoint.csv !== undefined && endpoint.format !== 'csv') {
      found.push(mistake([side, 'csv'], 'only with the format csv'));
    }
  }
  return found;
}

/** Whether two endpoints are one place, or one lies within the other. Two connections to one server are told apart only when opened. */
function samePlace(one: Endpoint, other: Endpoint): boolean {
  if (one.engine === 'files' && other.engine === 'files') return samePrefix(one.location, other.location);
  if (one.engine !== other.engine || one.connection !== other.connection) return false;
  if (one.engine === 'dynamodb' && other.engine === 'dynamodb') return one.table === other.table;
  return 'schema' in one && 'schema' in other && one.schema === other.schema && one.table === other.table;
}

type Location = Extract<Endpoint, { readonly engine: 'files' }>['location'];

function samePrefix(one: Location, other: Location): boolean {
  if ('bucket' in one && 'bucket' in other) {
    return one.bucket === other.bucket && (one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix));
  }
  if (!('path' in one && 'path' in other)) return false;
  const [left, right] = [`${one.path.replace(/\/+$/, '')}/`, `${other.path.replace(/\/+$/, '')}/`];
  return left.startsWith(right) || right.startsWith(left);
}

function nameContradictions({ columns }: Equivalence): FieldProblem[] {
  return columns.flatMap((column, index) => {
    const found: FieldProblem[] = [];
    const before = columns.slice(0, index);
    if (before.some(({ name }) => name === column.name)) {
      found.push(mistake(['columns', index, 'name'], 'a name stands once'));
    }
    for (const side of SIDES) {
      if (before.some((other) => other[side].name === column[side].name)) {
        found.push(mistake(['columns', index, side, 'name'], 'a name stands once'));
      }
    }
    return found;
  });
}

function keyContradictions({ key, columns }: Equivalence): FieldProblem[] {
  return key.flatMap((name, index) => {
    const wrong = (rule: string): FieldProblem[] => [mistake(['key', index], rule)];
    if (key.indexOf(name) !== index) return wrong('a name stands once');
    const column = columns.find((other) => other.name === name);
    if (column === undefined) return wrong('a column of the contract');
    if (column.mask === 'omit') return wrong('a column that is compared');
    if (column.nullable) return wrong('a column that is not nullable');
    if (column.tolerance !== undefined) return wrong('a column without tolerance');
    return KEYS.includes(column.type.kind) ? [] : wrong(`a column of a kind that names rows: ${KEYS.join(', ')}`);
  });
}

function columnContradictions({ columns }: Equivalence): FieldProblem[] {
  const found = columns.flatMap((column, index) => {
    const wrong = (member: string, rule: string): FieldProblem[] => [mistake(['columns', index, member], rule)];
    const { kind } = column.type;
    return [
      ...(column.class === 'pii' && column.mask === 'none'
        ? wrong('mask', 'token or omit where the class is pii')
        : []),
      ...(column.absent !== undefined && !column.nullable ? wrong('absent', 'only where the column is nullable') : []),
      ...(column.tolerance === undefined
        ? []
        : column.mask !== 'none'
          ? wrong('tolerance', 'only where the column is not masked')
          : column.tolerance.startsWith('-')
            ? wrong('tolerance', 'not negative')
            : NUMBERS.includes(kind) || TIMES.includes(kind)
              ? []
              : wrong('tolerance', 'only of numbers and times')),
    ];
  });
  if (columns.every(({ mask }) => mask === 'omit')) found.push(mistake(['columns'], 'one column that is compared'));
  return found;
}

/** A filter's value stands in the contract, and the counts of a verdict would tell how many rows have it. */
const NO_PERSON = 'a column that is not of class pii';

function filterContradictions(contract: Equivalence): FieldProblem[] {
  const common = (contract.filters ?? []).flatMap(({ column: name, where }, index) => {
    const column = contract.columns.find((other) => other.name === name);
    const path = ['filters', index];
    if (column === undefined) return [mistake([...path, 'column'], 'a column of the contract')];
    return [
      ...(column.class === 'pii' ? [mistake([...path, 'column'], NO_PERSON)] : []),
      ...comparisonContradictions(column.type, where, [...path, 'where']),
    ];
  });
  const own = SIDES.flatMap((side) =>
    (contract[side].filters ?? []).flatMap(({ name, type, where }, index) => [
      ...(contract.columns.some((column) => column.class === 'pii' && column[side].name === name)
        ? [mistake([side, 'filters', index, 'name'], NO_PERSON)]
        : []),
      ...comparisonContradictions(type, where, [side, 'filters', index, 'where']),
    ]),
  );
  return [...common, ...own];
}

function comparisonContradictions(type: ColumnType, where: Comparison, path: Path): FieldProblem[] {
  if ('values' in where) {
    return where.values.flatMap((value, index) => (reads(type, value) ? [] : [unreadable([...path, 'values', index])]));
  }
  if (!('value' in where)) return [];
  const needsOrder = where.op !== '=' && where.op !== '!=';
  if (needsOrder && !ORDERED.includes(type.kind)) return [mistake([...path, 'op'], 'an order that the type has')];
  return reads(type, where.value) ? [] : [unreadable([...path, 'value'])];
}

const unreadable = (path: Path): FieldProblem => mistake(path, "a value of the column's type");

function reads(type: ColumnType, value: string | boolean): boolean {
  try {
    codecFor(type).payloadOf(value, new ColumnNotes('value'));
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}
