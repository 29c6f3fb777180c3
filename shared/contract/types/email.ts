import { type Fault, type TypeRules, textual } from './rules.ts';

const MAX_LENGTH = 254;
const MAX_LOCAL = 64;
// RFC 5321 section 4.1.2: Dot-string "@" Domain; no quoted local part, no address literal, at least two labels. Each
// repetition ends at a character that the next cannot begin with, so that matching takes one pass.
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export function isEmail(text: string): boolean {
  return text.length <= MAX_LENGTH && text.indexOf('@') <= MAX_LOCAL && ADDRESS.test(text);
}

export function emailRules(fault: Fault): TypeRules {
  const form = fault('field-format', 'e-mail address');
  const tooLong = fault('field-length', `maxLength ${MAX_LENGTH}`);
  return textual(fault, 'e-mail address', (text) => {
    if (text.length > MAX_LENGTH) return tooLong;
    return isEmail(text) ? undefined : form;
  });
}
