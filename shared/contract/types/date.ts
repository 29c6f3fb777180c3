import type { FieldType } from '../schema.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month of the proleptic Gregorian calendar; `month` from 1. */
export function daysInMonth(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : (DAYS[month - 1] ?? 0);
}

/** The number that `count` ASCII digits from `from` write, or -1 where one is no digit. */
export function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    // NaN, past the end, fails the comparison as well.
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Whether the ten characters from the start are an RFC 3339 full-date that the calendar has. */
export function startsWithDate(text: string): boolean {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  return year >= 0 && month >= 1 && day >= 1 && day <= daysInMonth(year, month);
}

export function isDate(text: string): boolean {
  return text.length === 10 && startsWithDate(text);
}

export function dateRules(type: FieldType & { kind: 'date' }, fault: Fault): TypeRules {
  const form = fault('field-format', 'date YYYY-MM-DD of the calendar');
  const range = fault('field-range', `from ${type.minimum} to ${type.maximum}`);
  return textual(fault, 'date', (text) => {
    if (!isDate(text)) return form;
    return text >= type.minimum && text <= type.maximum ? undefined : range;
  });
}
