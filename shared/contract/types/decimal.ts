import type { FieldType } from '../schema.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

/** The one text of a decimal with `scale` digits after the point. */
export function decimalPattern(scale: number): RegExp {
  return new RegExp(`^-?(?:0|[1-9][0-9]*)${scale === 0 ? '' : `\\.[0-9]{${scale}}`}$`);
}

export function decimalRules(type: FieldType & { kind: 'decimal' }, fault: Fault): TypeRules {
  const pattern = decimalPattern(type.scale);
  const form = fault('field-format', `decimal with ${type.scale} digits after the point`);
  const range = fault('field-range', `from ${type.minimum} to ${type.maximum}`);
  return textual(fault, 'decimal', (text) => {
    if (!pattern.test(text) || isNegativeZero(text)) return form;
    return compareDecimals(text, type.minimum) >= 0 && compareDecimals(text, type.maximum) <= 0 ? undefined : range;
  });
}

export function isNegativeZero(text: string): boolean {
  return text.startsWith('-0') && /^-0(?:\.0*)?$/.test(text);
}

/** Compares two decimals of one scale by their texts, exactly: without leading zeros the longer one is further from zero. */
export function compareDecimals(a: string, b: string): number {
  const negativeA = a.startsWith('-');
  if (negativeA !== b.startsWith('-')) return negativeA ? -1 : 1;
  const magnitude = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return negativeA ? -magnitude : magnitude;
}
