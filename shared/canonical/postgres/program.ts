import type { ColumnType } from '../column-type.ts';

/** A compared column of a PostgreSQL table: its name in the contract, its type there (`pg_type.typname`), and its canonical type. */
export interface PostgresColumn {
  readonly name: string;
  readonly engineType: string;
  readonly type: ColumnType;
  /** NULL is refused, and not written. */
  readonly notNull?: boolean;
  /** Replaces the field that stands in `target` from `at` to `end`, NULL included; returns its end. The room of any field is enough. */
  readonly mask?: ((target: Uint8Array, at: number, end: number) => number) | undefined;
}

/** What the kernel does itself, by number; see `field` in fingerprint/kernel/assembly/tuples.ts. 0 is left to the host. */
const OPERATIONS: Readonly<Record<string, number>> = {
  'int2 integer': 1,
  'int4 integer': 1,
  'int8 integer': 1,
  'numeric decimal': 2,
  'float4 float32': 3,
  'float8 float64': 4,
  'bool boolean': 5,
  'text text': 6,
  'varchar text': 6,
  'bpchar text': 6,
  'name text': 6,
  'bytea bytes': 7,
  'uuid uuid': 8,
  'timestamptz instant': 9,
  'timestamp instant': 9,
  'date date': 10,
  'time time': 11,
  'timestamp datetime': 12,
};

const ENTRY_BYTES = 8;
const NO_LIMIT = 0xffff_ffff;

/** The columns as the kernel takes them: eight bytes each. */
export function kernelProgram(columns: readonly Omit<PostgresColumn, 'name'>[]): Uint8Array {
  const program = new Uint8Array(columns.length * ENTRY_BYTES);
  const view = new DataView(program.buffer);
  for (const [index, column] of columns.entries()) {
    const { engineType, type, mask } = column;
    const at = index * ENTRY_BYTES;
    program[at] = mask === undefined ? (OPERATIONS[`${engineType} ${type.kind}`] ?? 0) : 0;
    program[at + 1] = 'precision' in type ? type.precision : 0;
    program[at + 2] = flagsOf(column);
    view.setUint32(at + 4, numberOf(type), true);
  }
  return program;
}

function flagsOf({ type, notNull, mask }: Omit<PostgresColumn, 'name'>): number {
  const trims = 'padding' in type && type.padding !== undefined;
  const normalizes = 'normalization' in type && type.normalization !== undefined;
  const nullIsRare = notNull === true || mask !== undefined;
  return (trims ? 1 : 0) + (normalizes ? 2 : 0) + (nullIsRare ? 4 : 0);
}

/** Of a time, of how many microseconds a value must be a multiple to keep its precision; of a decimal, the greatest scale. */
function numberOf(type: ColumnType): number {
  if ('precision' in type) return 10 ** Math.max(0, 6 - type.precision);
  return type.kind === 'decimal' ? (type.scale ?? NO_LIMIT) : 0;
}
