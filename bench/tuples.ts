import { ColumnNotes } from '../shared/canonical/notes.ts';
import type { PostgresColumn } from '../shared/canonical/postgres/program.ts';
import type { CopyColumns } from '../shared/fingerprint/copy-feed.ts';

/** A table of nine columns, of the types that tables have. */
const COLUMNS: readonly PostgresColumn[] = [
  { name: 'id', engineType: 'int8', type: { kind: 'integer' } },
  { name: 'branch', engineType: 'int4', type: { kind: 'integer' } },
  { name: 'customer', engineType: 'text', type: { kind: 'text' } },
  { name: 'street', engineType: 'text', type: { kind: 'text' } },
  { name: 'amount', engineType: 'numeric', type: { kind: 'decimal' } },
  { name: 'booked', engineType: 'timestamptz', type: { kind: 'instant', precision: 6 } },
  { name: 'open', engineType: 'bool', type: { kind: 'boolean' } },
  { name: 'rate', engineType: 'float8', type: { kind: 'float64' } },
  { name: 'reference', engineType: 'uuid', type: { kind: 'uuid' } },
];

export const TABLE: CopyColumns = {
  columns: COLUMNS,
  keyColumns: 1,
  notes: COLUMNS.map(({ name }) => new ColumnNotes(name)),
};

/** Header of COPY BINARY: the signature, no flags, no extension. */
export const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);

export interface Tuples {
  /** Tuples of COPY BINARY, one behind the other. */
  readonly bytes: Buffer;
  /** Where each begins; one more than there are tuples. */
  readonly starts: Uint32Array;
}

export function makeTuples(count: number): Tuples {
  const starts = new Uint32Array(count + 1);
  const parts: Buffer[] = [];
  let at = 0;
  for (let row = 0; row < count; row++) {
    const part = tuple(row);
    parts.push(part);
    at += part.length;
    starts[row + 1] = at;
  }
  return { bytes: Buffer.concat(parts), starts };
}

function tuple(row: number): Buffer {
  const fields = [
    fixed(8, (bytes) => bytes.writeBigInt64BE(BigInt(row) * 7919n)),
    fixed(4, (bytes) => bytes.writeInt32BE(row % 100_000)),
    Buffer.from(`customer-${row.toString(36).padStart(8, '0')}`),
    Buffer.from(`Strasse der Republik ${row % 1000}`),
    // Three groups, weight 1, positive, scale 2: nnnn4321.56
    fixed(14, (bytes) =>
      [3, 1, 0, 2, (row % 9999) + 1, 4321, 5600].map((word, index) => bytes.writeUInt16BE(word, index * 2)),
    ),
    fixed(8, (bytes) => bytes.writeBigInt64BE(780_000_000_000_000n + BigInt(row) * 1_000_003n)),
    Buffer.of(row & 1),
    fixed(8, (bytes) => bytes.writeDoubleBE(row * 1.1)),
    fixed(16, (bytes) => [0, 4, 8, 12].map((at) => bytes.writeUInt32BE((row * 2_654_435_761 + at) >>> 0, at))),
  ];
  const count = fixed(2, (bytes) => bytes.writeInt16BE(fields.length));
  return Buffer.concat([
    count,
    ...fields.flatMap((field) => [fixed(4, (bytes) => bytes.writeInt32BE(field.length)), field]),
  ]);
}

function fixed(length: number, write: (bytes: Buffer) => unknown): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}
