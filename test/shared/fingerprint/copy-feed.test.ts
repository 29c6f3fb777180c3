import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { PostgresColumn } from '../../../shared/canonical/postgres/program.ts';
import { createCopyFeed } from '../../../shared/fingerprint/create-copy-feed.ts';
import { KernelCopyFeed } from '../../../shared/fingerprint/kernel-copy-feed.ts';
import { PortableCopyFeed } from '../../../shared/fingerprint/portable-copy-feed.ts';
import type { Accumulator } from '../../../shared/sketch/accumulator.ts';
import { encodeAggregate } from '../../../shared/sketch/aggregate.ts';
import { planSketch } from '../../../shared/sketch/plan.ts';
import * as send from '../canonical/postgres-send.ts';
import { IMPLEMENTATIONS } from '../sketch/sides.ts';
import { addRows } from './rows.ts';

/** A column and the bytes that it may hold; what is rare in tables is common here. */
interface Source {
  readonly engineType: string;
  readonly type: ColumnType;
  readonly bytes: fc.Arbitrary<Buffer>;
}

const integers = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }),
    fc.bigInt({ min: -130n, max: 130n }),
  );
const words = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', 'e\u0301', '\u00e9', '😀', '\u07ff', '\uffff', '\ud7ff', '\ue000'),
  maxLength: 60,
});
const texts = fc.oneof(words, fc.string({ maxLength: 200 })).map((text) => Buffer.from(text));
const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, 5e-324),
);
const numerics = fc
  .oneof(
    fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,30})?$/),
    fc.constantFrom('NaN', 'Infinity', '0.000', '100.00', '10000', '0.0001'),
  )
  .map(send.numeric);
const timestamps = fc.oneof(
  integers(64).map(send.int8),
  fc.bigInt({ min: -9_000_000_000n, max: 9_000_000_000n }).map((seconds) => send.timestamp(seconds * 1_000_000n)),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 252_455_615_999_999_999n).map(send.int8),
);
const days = fc.oneof(
  fc.integer({ min: -2_451_507, max: 2_145_031_948 }).map(send.date),
  fc.constantFrom(2n ** 31n - 1n, -(2n ** 31n)).map(send.int4),
);
const clocks = fc
  .oneof(fc.bigInt({ min: 0n, max: 86_400_000_000n }), fc.constantFrom(0n, 86_400_000_000n))
  .map(send.time);
const bytes = fc
  .oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(fc.constantFrom(0, 1)).map((few) => Uint8Array.from(few)),
  )
  .map((few) => Buffer.from(few));
const instant = { kind: 'instant', precision: 6 } as const;

const SOURCES: readonly Source[] = [
  { engineType: 'int2', type: { kind: 'integer' }, bytes: integers(16).map(send.int2) },
  { engineType: 'int4', type: { kind: 'integer' }, bytes: integers(32).map(send.int4) },
  { engineType: 'int8', type: { kind: 'integer' }, bytes: integers(64).map(send.int8) },
  { engineType: 'int8', type: { kind: 'decimal' }, bytes: integers(64).map(send.int8) },
  { engineType: 'numeric', type: { kind: 'decimal' }, bytes: numerics },
  { engineType: 'numeric', type: { kind: 'decimal', scale: 3 }, bytes: numerics },
  { engineType: 'float8', type: { kind: 'float64' }, bytes: doubles.map(send.float8) },
  { engineType: 'float8', type: { kind: 'float64', negativeZero: 'zero' }, bytes: doubles.map(send.float8) },
  { engineType: 'float4', type: { kind: 'float32' }, bytes: fc.float().map(send.float4) },
  { engineType: 'bool', type: { kind: 'boolean' }, bytes: fc.constantFrom(Buffer.of(0), Buffer.of(1)) },
  { engineType: 'text', type: { kind: 'text' }, bytes: texts },
  { engineType: 'varchar', type: { kind: 'text', normalization: 'nfc' }, bytes: texts },
  { engineType: 'bpchar', type: { kind: 'text', padding: 'trim' }, bytes: texts },
  { engineType: 'bytea', type: { kind: 'bytes' }, bytes },
  { engineType: 'bytea', type: { kind: 'bytes', padding: 'trim' }, bytes },
  {
    engineType: 'uuid',
    type: { kind: 'uuid' },
    bytes: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((few) => Buffer.from(few)),
  },
  { engineType: 'timestamptz', type: instant, bytes: timestamps },
  { engineType: 'timestamptz', type: { ...instant, precision: 0, excess: 'round' }, bytes: timestamps },
  {
    engineType: 'timestamp',
    type: { ...instant, zoneless: 'utc', precision: 9 },
    bytes: timestamps.filter(inCalendar),
  },
  { engineType: 'timestamp', type: { kind: 'datetime', precision: 6 }, bytes: timestamps.filter(inCalendar) },
  {
    engineType: 'timestamp',
    type: { kind: 'datetime', precision: 3, excess: 'truncate' },
    bytes: timestamps.filter(inCalendar),
  },
  { engineType: 'date', type: { kind: 'date' }, bytes: days },
  { engineType: 'time', type: { kind: 'time', precision: 6 }, bytes: clocks },
  { engineType: 'time', type: { kind: 'time', precision: 2, excess: 'round' }, bytes: clocks },
  { engineType: 'jsonb', type: { kind: 'json' }, bytes: fc.json().map((text) => Buffer.from(`\u0001${text}`)) },
  {
    engineType: '_int4',
    type: { kind: 'array', element: { kind: 'integer' } },
    bytes: fc.array(integers(32).map(send.int4), { maxLength: 4 }).map((items) => send.array(items)),
  },
];

/** The years that PostgreSQL has: 4713 BC to 294276. */
function inCalendar(sent: Buffer): boolean {
  const value = sent.readBigInt64BE();
  const outermost = value === 2n ** 63n - 1n || value === -(2n ** 63n);
  return (
    outermost || (value > -211_813_488_000_000_000n && value < 9_223_371_331_200_000_000n - 946_684_800_000_000n * 10n)
  );
}

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from('ffff', 'hex');

type Tuple = readonly (Buffer | null)[];

function copyOf(tuples: readonly Tuple[]): Buffer {
  const counted = tuples.map((tuple) => Buffer.concat([send.int2(BigInt(tuple.length)), send.tuple(tuple)]));
  return Buffer.concat([HEADER, ...counted, TRAILER]);
}

const plan = planSketch(4, 12);

interface Fed {
  /** Digest of the aggregate: it has 200 kB, and is compared often. */
  readonly aggregate: string;
  readonly changes: readonly unknown[];
}

/** What a feed makes of data that come in pieces; each piece in memory that is used again afterwards. */
function fed(
  accumulator: Accumulator,
  columns: readonly PostgresColumn[],
  keyColumns: number,
  pieces: readonly Buffer[],
): Fed {
  const notes = columns.map(({ name }) => new ColumnNotes(name));
  const feed = createCopyFeed({ columns, keyColumns, notes }, accumulator.rows);
  for (const piece of pieces) {
    const reused = Buffer.from(piece);
    feed.push(reused);
    reused.fill(0x55);
  }
  feed.finish();
  return {
    aggregate: digestOf(accumulator),
    changes: notes.map(({ counts }) => counts),
  };
}

function digestOf(accumulator: Accumulator): string {
  return hash('sha256', encodeAggregate(accumulator.aggregate()), 'hex');
}

function cut(data: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((place) => place % (data.length + 1)).toSorted((a, b) => a - b), data.length];
  return places.slice(1).map((place, index) => data.subarray(places[index], place));
}

describe('feeding COPY BINARY', () => {
  it('[S05] [S06] gives the same rows, keys and counts in the kernel as row by row, for every type, however the data are cut', () => {
    const table = fc.array(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 6 }).chain((sources) =>
      fc.record({
        columns: fc.constant(sources.map(({ engineType, type }, index) => ({ name: `c${index}`, engineType, type }))),
        keyColumns: fc.integer({ min: 0, max: sources.length }),
        tuples: fc.array(fc.tuple(...sources.map(({ bytes: value }) => fc.option(value, { freq: 8 }))), {
          maxLength: 12,
        }),
      }),
    );
    fc.assert(
      fc.property(table, fc.array(fc.nat(), { maxLength: 5 }), ({ columns, keyColumns, tuples }, cuts) => {
        const data = copyOf(tuples);
        const [inKernel, rowByRow] = IMPLEMENTATIONS.map(({ accumulator }) =>
          fed(accumulator(plan), columns, keyColumns, cut(data, cuts)),
        );
        expect(inKernel).toEqual(rowByRow);
      }),
      { numRuns: 250 },
    );
  });

  it.each(IMPLEMENTATIONS)(
    'masks values and NULL alike, and refuses NULL where it is not expected ($name)',
    ({ accumulator }) => {
      const mask = (target: Uint8Array, at: number, end: number): number => {
        target.set([0x23, 1, end - at], at);
        return at + 3;
      };
      const columnsOf = (more: object) => [
        { name: 'c', engineType: 'int4', type: { kind: 'integer' }, ...more } as const,
      ];
      const data = (values: readonly (Buffer | null)[]) => [copyOf(values.map((value) => [value]))];
      const masked = fed(accumulator(plan), columnsOf({ mask }), 1, data([send.int4(70_000n), null]));
      const tokens = accumulator(plan);
      // Five bytes of a field of three, and two of NULL.
      addRows(tokens.rows, [Uint8Array.of(0x23, 1, 5), Uint8Array.of(0x23, 1, 2)], 3);
      expect(masked.aggregate).toBe(digestOf(tokens));
      const refused = expect.objectContaining({
        code: 'field-type',
        errors: [expect.objectContaining({ pointer: '/c' })],
      });
      expect(() => fed(accumulator(plan), columnsOf({ notNull: true }), 1, data([send.int4(1n), null]))).toThrow(
        refused,
      );
      expect(() => fed(accumulator(plan), columnsOf({ notNull: true, mask }), 0, data([null]))).toThrow(refused);
    },
  );

  const columns: PostgresColumn[] = [
    { name: 'id', engineType: 'int8', type: { kind: 'integer' } },
    { name: 'note', engineType: 'text', type: { kind: 'text' } },
  ];
  const tupleOf = (id: number, note: string): Tuple => [send.int8(BigInt(id)), Buffer.from(note)];
  const feeds = IMPLEMENTATIONS.map(({ name, accumulator }) => ({
    name,
    feed: (data: readonly Buffer[]) => fed(accumulator(plan), columns, 1, data),
  }));

  it('uses the kernel where the rows are in it, and does without where they are not', () => {
    const kinds = IMPLEMENTATIONS.map(
      ({ accumulator }) => createCopyFeed({ columns, keyColumns: 1, notes: [] }, accumulator(plan).rows).constructor,
    );
    expect(kinds).toEqual([KernelCopyFeed, PortableCopyFeed]);
  });

  it('takes many batches, rows longer than a batch, and pieces of one byte', () => {
    const many = copyOf(Array.from({ length: 3000 }, (_, id) => tupleOf(id, `note ${id}`)));
    const long = copyOf([
      tupleOf(1, 'x'),
      tupleOf(2, 'y'.repeat(700_000)),
      tupleOf(3, 'é'.repeat(400_000)),
      tupleOf(4, 'z'),
    ]);
    const bytewise = copyOf([tupleOf(1, 'x'), tupleOf(2, '')]);
    for (const pieces of [
      cut(many, [50_000, 50_001, 90_000]),
      cut(long, [10, 600_000]),
      [...bytewise].map((byte) => Buffer.of(byte)),
    ]) {
      const [inKernel, rowByRow] = feeds.map(({ feed }) => feed(pieces));
      expect(inKernel).toEqual(rowByRow);
    }
  });

  /** Data in messages of the protocol, cut where the numbers say, with notices in between. */
  function messages(data: Buffer, cuts: readonly number[]): Buffer {
    const message = (type: string, body: Buffer): Buffer =>
      Buffer.concat([Buffer.from(type), send.int4(BigInt(body.length + 4)), body]);
    const parts = cut(data, cuts).flatMap((part, index) => [
      message('d', part),
      ...(index % 2 === 0 ? [message('N', Buffer.from('SNOTICE\0dddd\0\0'))] : []),
    ]);
    return Buffer.concat([message('H', Buffer.alloc(3)), ...parts, message('c', Buffer.alloc(0))]);
  }

  it.each(IMPLEMENTATIONS)(
    'takes the data out of messages, however they and the pieces are cut, and leaves the others ($name)',
    ({ accumulator }) => {
      const data = copyOf(Array.from({ length: 40 }, (_, id) => tupleOf(id, `note ${id}`)));
      const twice = accumulator(plan);
      const notes = columns.map(({ name }) => new ColumnNotes(name));
      const reference = createCopyFeed({ columns, keyColumns: 1, notes }, twice.rows);
      for (let time = 0; time < 2; time++) {
        if (time > 0) reference.restart();
        reference.push(data);
        reference.finish();
      }
      const expected = digestOf(twice);
      const cuts = fc.array(fc.nat(), { maxLength: 30 });
      fc.assert(
        fc.property(cuts, cuts, (messageCuts, pieceCuts) => {
          const filled = accumulator(plan);
          const feed = createCopyFeed({ columns, keyColumns: 1, notes }, filled.rows);
          for (let time = 0; time < 2; time++) {
            if (time > 0) feed.restart();
            let others = '';
            let other = Buffer.alloc(0);
            for (const piece of cut(messages(data, messageCuts), pieceCuts)) {
              const reused = Buffer.from(piece);
              for (let at = 0; at < reused.length; at++) {
                if (other.length === 0) at += feed.pushMessages(reused.subarray(at));
                if (at === reused.length) break;
                other = Buffer.concat([other, reused.subarray(at, at + 1)]);
                if (other.length < 5 || other.length <= other.readUInt32BE(1)) continue;
                others += other.toString('latin1', 0, 1);
                other = Buffer.alloc(0);
              }
              reused.fill(0x64);
            }
            feed.finish();
            expect(others).toMatch(/^HN*c$/);
          }
          expect(digestOf(filled)).toBe(expected);
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each(feeds)('refuses data that end before their trailer ($name)', ({ feed }) => {
    const data = copyOf([tupleOf(1, 'x')]);
    for (const length of [0, 5, HEADER.length, HEADER.length + 1, data.length - 3, data.length - 2, data.length - 1]) {
      expect(() => feed([data.subarray(0, length)])).toThrow(expect.objectContaining({ code: 'payload-truncated' }));
    }
  });

  it.each(feeds)('refuses another format, and tuples of another number of fields ($name)', ({ feed }) => {
    const wrong = [
      Buffer.from('1\tx\n2\ty\n and so on, in text'),
      Buffer.concat([HEADER.subarray(0, 11), Buffer.of(0, 1, 0, 0, 0, 0, 0, 0)]),
      copyOf([[send.int8(1n)]]),
      copyOf([tupleOf(1, 'x'), [null, null, null]]),
    ];
    for (const data of wrong)
      expect(() => feed([data])).toThrow(expect.objectContaining({ code: 'payload-malformed' }));
  });

  it.each(feeds)('refuses a text that is not UTF-8 ($name)', ({ feed }) => {
    const wrong = [
      'ff',
      'c0af',
      'c3',
      'e0809f',
      'eda080',
      'f0808080',
      'f4908080',
      'f8',
      '61c328',
      'e282',
      '80',
      'f09f98',
    ];
    for (const hex of wrong) {
      expect(() => feed([copyOf([[send.int8(1n), Buffer.from(hex, 'hex')]])])).toThrow(
        expect.objectContaining({ code: 'field-characters' }),
      );
    }
  });

  it.each(feeds)('ignores an extension of the header ($name)', ({ feed }) => {
    const extended = Buffer.concat([
      HEADER.subarray(0, 15),
      send.int4(3n),
      Buffer.from('abc'),
      copyOf([tupleOf(1, 'x')]).subarray(HEADER.length),
    ]);
    expect(feed([extended])).toEqual(feed([copyOf([tupleOf(1, 'x')])]));
  });
});
