import { TAG } from '../tag.ts';
import type { FieldWriter } from '../writer.ts';

const [ZERO, ONE] = [0x30, 0x31];
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** A boolean as `1` and `0`, or as `true` and `false`. Its other spellings are rare. */
export const booleanWriter =
  (rare: FieldWriter): FieldWriter =>
  (source, start, end, target, at) => {
    const value = booleanOf(source, start, end);
    if (value === undefined) return rare(source, start, end, target, at);
    target[at] = TAG.boolean;
    target[at + 1] = 1;
    target[at + 2] = value ? 1 : 0;
    return at + 3;
  };

function booleanOf(source: Uint8Array, start: number, end: number): boolean | undefined {
  if (end - start === 1) return source[start] === ONE ? true : source[start] === ZERO ? false : undefined;
  if (reads(TRUE, source, start, end)) return true;
  return reads(FALSE, source, start, end) ? false : undefined;
}

function reads(word: Uint8Array, source: Uint8Array, start: number, end: number): boolean {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index++) if (source[start + index] !== word[index]) return false;
  return true;
}
