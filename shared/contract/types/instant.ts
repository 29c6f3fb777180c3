import { startsWithDate } from './date.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

// RFC 3339 section 5.6 date-time, with the upper-case T and Z that it recommends and at most nanoseconds.
const TIME =
  /^.{10}T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]{1,9})?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$/;
const MINUTES_A_DAY = 1440;

export function isInstant(text: string): boolean {
  if (text.length > 35 || !startsWithDate(text) || !TIME.test(text)) return false;
  return text.slice(17, 19) !== '60' || isLeapSecond(text);
}

const clock = (hour = '0', minute = '0'): number => Number(hour) * 60 + Number(minute);

/** RFC 3339 section 5.7: second 60 exists only at the end of a month, in UTC; it has been used in June and December. */
function isLeapSecond(text: string): boolean {
  const [, hour, minute, , sign, offsetHour, offsetMinute] = TIME.exec(text) ?? [];
  const offset = clock(offsetHour, offsetMinute) * (sign === '-' ? -1 : 1);
  const utcMinute = clock(hour, minute) - offset;
  const time = new Date(0);
  time.setUTCFullYear(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8, 10)));
  time.setUTCMinutes(utcMinute);
  const minuteOfDay = ((utcMinute % MINUTES_A_DAY) + MINUTES_A_DAY) % MINUTES_A_DAY;
  const day = `${time.getUTCMonth() + 1}-${time.getUTCDate()}`;
  return minuteOfDay === MINUTES_A_DAY - 1 && time.getUTCFullYear() >= 1972 && (day === '6-30' || day === '12-31');
}

export function instantRules(fault: Fault): TypeRules {
  const form = fault('field-format', 'date and time of RFC 3339 with an offset');
  return textual(fault, 'instant', (text) => (isInstant(text) ? undefined : form));
}
