/**
 * When a schedule comes due: `rate(…)`, `cron(…)` and `at(…)` in UTC.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { Problem } from '../../shared/problem.ts';

export interface Expression {
  /** The first time after `after`, in milliseconds since the epoch; undefined when there is none any more. */
  next(after: number): number | undefined;
  /** Whether it comes due at once when it is made, as rates without a start do. */
  readonly immediate: boolean;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const MINUTE_MS = UNIT_MS.minute;

/** `timeScale` stretches rates; moments of the calendar stay what they are. @throws Problem `not-implemented` for what is not served. */
export function parseExpression(text: string, timeScale: number, where: string): Expression {
  const refused = (detail: string): Problem => new Problem('not-implemented', { detail: `${where}: ${detail}.` });
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text);
  if (rate) {
    const every = Number(rate[1]) * UNIT_MS[rate[2] as keyof typeof UNIT_MS] * timeScale;
    if (every <= 0) throw refused('a rate of nothing');
    return { immediate: true, next: (after) => after + every };
  }
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text);
  if (at) {
    const time = Date.parse(`${at[1]}Z`);
    if (Number.isNaN(time)) throw refused('a time that is none');
    return { immediate: false, next: (after) => (time > after ? time : undefined) };
  }
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(text);
  if (!cron) throw refused('an expression that is none of rate, cron and at');
  return { immediate: false, next: cronOf(cron.slice(1), refused) };
}

interface Field {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] },
  { low: 1, high: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
  { low: 1970, high: 2199 },
];
/** Farther ahead nobody waits. */
const HORIZON_DAYS = 366 * 5;

function cronOf(texts: readonly string[], refused: (detail: string) => Problem): Expression['next'] {
  const [days, , weekdays] = texts.slice(2);
  if ((days === '?') === (weekdays === '?')) throw refused('exactly one of the two fields of days is ?');
  const sets = texts.map((text, index) => valuesOf(text, FIELDS[index] ?? { low: 0, high: 0 }, refused));
  const has = (index: number, value: number): boolean => sets[index]?.has(value) ?? false;
  return (after) => {
    const from = new Date(Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
    const midnight = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
    for (let day = 0; day < HORIZON_DAYS; day++) {
      const date = new Date(midnight + day * UNIT_MS.day);
      const isDay = has(2, date.getUTCDate()) && has(4, date.getUTCDay() + 1);
      if (!isDay || !has(3, date.getUTCMonth() + 1) || !has(5, date.getUTCFullYear())) continue;
      for (let minute = 0; minute < 24 * 60; minute++) {
        const time = date.getTime() + minute * MINUTE_MS;
        if (time >= from.getTime() && has(1, Math.floor(minute / 60)) && has(0, minute % 60)) return time;
      }
    }
    return undefined;
  };
}

/** Lists of values, ranges and steps; L, W and # are not served. */
function valuesOf(text: string, { low, high, names = [] }: Field, refused: (detail: string) => Problem): Set<number> {
  const values = new Set<number>();
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named === -1 ? (/^\d+$/.test(word) ? Number(word) : Number.NaN) : named + low;
    if (!(value >= low && value <= high)) throw refused(`the field ${text}`);
    return value;
  };
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [first = '', last] = range.split('-');
    const open = range === '*' || range === '?';
    const begin = open ? low : numberOf(first);
    const end = open || (last === undefined && part.includes('/')) ? high : numberOf(last ?? first);
    const by = Number(step);
    if (!(Number.isInteger(by) && by > 0) || end < begin) throw refused(`the field ${text}`);
    for (let value = begin; value <= end; value += by) values.add(value);
  }
  return values;
}
