import type { FieldProblem } from '../../problem.ts';
import type { FieldType } from '../schema.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

// C0, DEL and C1 controls, and the two noncharacters that XML 1.0 (section 2.2, Char) cannot carry either: a value that
// one format could hold and another could not would make the formats differ.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point.
const REFUSED = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same without the line feed.
const REFUSED_IN_LINES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]/;

/** Whether a text may stand in a record at all: no control character (a line feed only where lines are), no lone surrogate. */
export function hasAllowedCharacters(text: string, multiline: boolean): boolean {
  return !(multiline ? REFUSED_IN_LINES : REFUSED).test(text) && text.isWellFormed();
}

/** Length in Unicode code points. `text` is well-formed. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index += 1) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800) count -= 1;
  }
  return count;
}

export function textRules(type: FieldType & { kind: 'text' }, fault: Fault): TypeRules {
  const multiline = type.multiline === true;
  const characters = fault(
    'field-characters',
    multiline ? 'no control character but line feed' : 'no control character',
  );
  const tooShort = fault('field-length', `minLength ${type.minLength}`);
  const tooLong = fault('field-length', `maxLength ${type.maxLength}`);
  const form = fault('field-format', `pattern ${type.pattern ?? ''}`);
  const pattern = type.pattern === undefined ? undefined : wholePattern(type.pattern);

  return textual(fault, 'text', (text): FieldProblem | undefined => {
    if (!hasAllowedCharacters(text, multiline)) return characters;
    // A code point takes one or two units, so most texts need no count.
    if (text.length > type.maxLength && codePoints(text) > type.maxLength) return tooLong;
    if (text.length < type.minLength * 2 && codePoints(text) < type.minLength) return tooShort;
    if (pattern !== undefined && !pattern.test(text)) return form;
    return undefined;
  });
}

/** The contract's pattern, bound to both ends of the value. Throws SyntaxError. */
export function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'v');
}
