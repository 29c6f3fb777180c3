import type { Ruled } from './ruled.ts';

/** Unicode Normalization Form C (Unicode Standard Annex 15), by the Unicode version of the runtime. */
export function normalizeNfc(text: string): Ruled<string> {
  const value = text.normalize('NFC');
  return { value, changed: value !== text };
}
