import { digits } from './date.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

/**
 * Prefixes that the IRS has assigned, by its campuses, its internet process and the Small Business Administration
 * ("How EINs are assigned and valid EIN prefixes", irs.gov).
 */
const PREFIXES: readonly (readonly [first: number, last: number])[] = [
  [1, 6],
  [10, 16],
  [20, 27],
  [30, 48],
  [50, 68],
  [71, 77],
  [80, 88],
  [90, 95],
  [98, 99],
];

export function isEin(text: string): boolean {
  if (text.length !== 10 || text.charCodeAt(2) !== 45 || digits(text, 3, 7) < 0) return false;
  const prefix = digits(text, 0, 2);
  return PREFIXES.some(([first, last]) => prefix >= first && prefix <= last);
}

export function einRules(fault: Fault): TypeRules {
  const form = fault('field-format', 'EIN NN-NNNNNNN with an assigned prefix');
  return textual(fault, 'EIN', (text) => (isEin(text) ? undefined : form));
}
