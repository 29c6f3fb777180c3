import { expect } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { LossyRule } from '../../../shared/canonical/notes.ts';
import { rowCodec } from '../../../shared/canonical/row.ts';
import type { CanonicalValue, Spelling } from '../../../shared/canonical/spelling.ts';

/** The canonical bytes of one value in a column `c`, in hexadecimal. */
export function bytesOf(type: ColumnType, spelling: Spelling): string {
  return Buffer.from(rowCodec([{ name: 'c', type }]).encode([spelling])).toString('hex');
}

export function readBack(type: ColumnType, hex: string): CanonicalValue | null | undefined {
  return rowCodec([{ name: 'c', type }]).decode(new Uint8Array(Buffer.from(hex, 'hex')))[0];
}

/** The value as it reads back from its own bytes. */
export function roundTrip(type: ColumnType, spelling: Spelling): CanonicalValue | null | undefined {
  return readBack(type, bytesOf(type, spelling));
}

/** How often each rule changed something while these values were encoded; rules that did nothing are left out. */
export function changes(type: ColumnType, ...spellings: readonly Spelling[]): Partial<Record<LossyRule, number>> {
  const codec = rowCodec([{ name: 'c', type }]);
  for (const spelling of spellings) codec.encode([spelling]);
  return Object.fromEntries(Object.entries(codec.notes[0]?.counts ?? {}).filter(([, count]) => count > 0));
}

/** All spellings are one value. */
export function expectEqual(type: ColumnType, ...spellings: readonly Spelling[]): void {
  const [first] = spellings;
  for (const spelling of spellings) expect(bytesOf(type, spelling)).toBe(bytesOf(type, first));
}

/** No two spellings are one value. */
export function expectDistinct(type: ColumnType, ...spellings: readonly Spelling[]): void {
  expect(new Set(spellings.map((spelling) => bytesOf(type, spelling))).size).toBe(spellings.length);
}

/** The spelling is refused with this code, and what is said of it names the column and holds nothing of the value. */
export function expectRefused(type: ColumnType, spelling: Spelling, code = 'field-format'): void {
  const expected = { code, errors: [expect.objectContaining({ code, pointer: '/c' })] };
  expect(() => bytesOf(type, spelling)).toThrow(expect.objectContaining(expected));
}
