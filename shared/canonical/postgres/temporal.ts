import { dateOf } from '../calendar.ts';
import type { ColumnType } from '../column-type.ts';
import type { EngineType } from '../engine-type.ts';
import type { Infinite, Instant, LocalDate, LocalDateTime } from '../spelling.ts';
import { writeDate, writeDateTime, writeInstant, writeTime } from '../temporal-writer.ts';
import type { FieldWriter } from '../writer.ts';
import { int32, int64 } from './read.ts';

// PostgreSQL counts from 2000-01-01, days in a date and microseconds in a timestamp; the outermost numbers are the infinities
// (its src/include/datatype/timestamp.h).
const EPOCH_DAYS = 10_957;
const EPOCH_SECONDS = EPOCH_DAYS * 86_400;
const DAY = 86_400_000_000n;
const OUTERMOST = 2 ** 31 - 1;

export const postgresDate: EngineType = {
  kinds: ['date'],
  width: 4,
  spell: (source, start): LocalDate => {
    const days = int32(source, start);
    return { date: infinite(days === OUTERMOST, days === -OUTERMOST - 1) ?? dateOf(days + EPOCH_DAYS) };
  },
  fast: (_declared, _notes, rare) => (source, start, end, target, at) => {
    const days = int32(source, start);
    if (Math.abs(days) >= OUTERMOST || end - start !== 4) return rare(source, start, end, target, at);
    return writeDate(target, at, days + EPOCH_DAYS);
  },
};

/** From 00:00:00 to 24:00:00, both included, which are different. */
export const postgresTime: EngineType = {
  kinds: ['time'],
  width: 8,
  spell: (source, start) => ({ time: int64(source, start) * 1000n }),
  fast: (declared, _notes, rare) => {
    const write = microsecondsWriter(declared, writeTime, 0, rare);
    return (source, start, end, target, at) => {
      // 24:00:00 is 86 400 000 000 microseconds: 14141dd76000.
      const last = int32(source, start) === 0x14 && int32(source, start + 4) === 0x1dd7_6000;
      return (last ? rare : write)(source, start, end, target, at);
    };
  },
};

/** Without a zone: what a clock on the wall said. It is a point in time only where the contract says in which zone. */
export const postgresTimestamp: EngineType = {
  kinds: ['datetime', 'instant'],
  accepts: (declared) => declared.kind !== 'instant' || declared.zoneless !== undefined,
  width: 8,
  spell: (source, start): LocalDateTime => {
    const value = int64(source, start);
    const outermost = infiniteOf(value);
    if (outermost !== undefined) return { datetime: outermost };
    const days = (value - (((value % DAY) + DAY) % DAY)) / DAY;
    return { datetime: { ...dateOf(Number(days) + EPOCH_DAYS), time: (value - days * DAY) * 1000n } };
  },
  fast: (declared, _notes, rare) =>
    microsecondsWriter(declared, declared.kind === 'instant' ? writeInstant : writeDateTime, EPOCH_SECONDS, rare),
};

/** With a zone: PostgreSQL keeps the point in time, in UTC, and forgets the zone. */
export const postgresTimestamptz: EngineType = {
  kinds: ['instant'],
  width: 8,
  spell: (source, start): Instant => {
    const value = int64(source, start);
    return { instant: infiniteOf(value) ?? (value + BigInt(EPOCH_SECONDS) * 1_000_000n) * 1000n };
  },
  fast: (declared, _notes, rare) => microsecondsWriter(declared, writeInstant, EPOCH_SECONDS, rare),
};

type WriteSeconds = (target: Uint8Array, at: number, precision: number, seconds: number, nanoseconds: number) => number;

/** A count of microseconds, in eight bytes, by way of whole seconds and what is beyond them: both exact in a double. */
function microsecondsWriter(declared: ColumnType, write: WriteSeconds, epoch: number, rare: FieldWriter): FieldWriter {
  const precision = 'precision' in declared ? declared.precision : 0;
  const step = 10 ** Math.max(0, 6 - precision);
  return (source, start, end, target, at) => {
    const high = int32(source, start);
    if (Math.abs(high) >= OUTERMOST || end - start !== 8) return rare(source, start, end, target, at);
    // 2³² microseconds are 4294 seconds and 967 296 microseconds.
    const rest = high * 967_296 + (int32(source, start + 4) >>> 0);
    const restSeconds = Math.floor(rest / 1_000_000);
    const microseconds = rest - restSeconds * 1_000_000;
    if (microseconds % step !== 0) return rare(source, start, end, target, at);
    return write(target, at, precision, high * 4294 + restSeconds + epoch, microseconds * 1000);
  };
}

function infiniteOf(value: bigint): Infinite | undefined {
  return infinite(value === 2n ** 63n - 1n, value === -(2n ** 63n));
}

function infinite(above: boolean, below: boolean): Infinite | undefined {
  return above ? 'infinity' : below ? '-infinity' : undefined;
}
