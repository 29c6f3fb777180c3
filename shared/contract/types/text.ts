import type { FieldProblem } from '../../problem.ts';
import type { FieldType } from '../schema.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

const LINE_FEED = 0x0a;

/**
 * Whether a text may stand in a record at all. Refused are the control characters (C0, DEL and C1; a line feed only where
 * lines are allowed), lone surrogates, and the two noncharacters that XML 1.0 (section 2.2, Char) cannot carry either: a
 * value that one format could hold and another could not would make the formats differ.
 */
export function hasAllowedCharacters(text: string, multiline: boolean): boolean {
  let hasSurrogates = false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x20 && unit < 0x7f) continue;
    if (unit < 0xa0 && !(unit === LINE_FEED && multiline)) return false;
    if (unit >= 0xd800) {
      if (unit <= 0xdfff) hasSurrogates = true;
      else if (unit >= 0xfffe) return false;
    }
  }
  return !hasSurrogates || text.isWellFormed();
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
