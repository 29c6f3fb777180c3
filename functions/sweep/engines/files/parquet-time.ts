/** Parquet's times: whole units since 1970, or since midnight, handed on as seconds (a double, exact) and nanoseconds beyond them. */
import { dateOf } from '../../../../shared/canonical/calendar.ts';
import type { EngineType } from '../../../../shared/canonical/engine-type.ts';
import type { Spelling } from '../../../../shared/canonical/spelling.ts';
import { writeDateTime, writeInstant, writeTime } from '../../../../shared/canonical/temporal-writer.ts';

const SECONDS_PER_DAY = 86_400;
const BYTES = 12;

/** A count of units, of which a second has `perSecond`. */
export function putTime(value: unknown, perSecond: bigint, view: DataView): number {
  const count = typeof value === 'bigint' ? value : BigInt(Number(value));
  let seconds = count / perSecond;
  let rest = count % perSecond;
  if (rest < 0n) {
    rest += perSecond;
    seconds -= 1n;
  }
  view.setFloat64(0, Number(seconds));
  view.setInt32(8, Number(rest) * Number(1_000_000_000n / perSecond));
  return BYTES;
}

type WriteTime = (target: Uint8Array, at: number, precision: number, seconds: number, nanoseconds: number) => number;

/** `instant`: in UTC. `datetime`: on the wall, and a point in time only where the contract says in which zone. */
export function parquetTime(kind: 'instant' | 'datetime' | 'time'): EngineType {
  return {
    kinds: kind === 'datetime' ? ['datetime', 'instant'] : [kind],
    accepts: (declared) => kind === 'instant' || declared.kind !== 'instant' || declared.zoneless !== undefined,
    spell: (source, start) => {
      const { seconds, nanoseconds } = read(source, start);
      const total = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
      if (kind === 'time') return { time: total };
      return kind === 'instant' ? { instant: total } : spellDateTime(seconds, nanoseconds);
    },
    fast: (declared, _notes, rare) => {
      const precision = 'precision' in declared ? declared.precision : 0;
      const step = 10 ** (9 - precision);
      const write: WriteTime = kind === 'time' ? writeTime : declared.kind === 'instant' ? writeInstant : writeDateTime;
      return (source, start, end, target, at) => {
        const { seconds, nanoseconds } = read(source, start);
        const beyond = kind === 'time' && (seconds < 0 || seconds >= SECONDS_PER_DAY);
        if (beyond || nanoseconds % step !== 0) return rare(source, start, end, target, at);
        return write(target, at, precision, seconds, nanoseconds);
      };
    },
  };
}

function spellDateTime(seconds: number, nanoseconds: number): Spelling {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const time = BigInt(seconds - days * SECONDS_PER_DAY) * 1_000_000_000n + BigInt(nanoseconds);
  return { datetime: { ...dateOf(days), time } };
}

function read(source: Uint8Array, start: number): { readonly seconds: number; readonly nanoseconds: number } {
  const view = new DataView(source.buffer, source.byteOffset + start, BYTES);
  return { seconds: view.getFloat64(0), nanoseconds: view.getInt32(8) };
}
