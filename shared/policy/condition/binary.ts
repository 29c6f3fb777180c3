import type { Operator } from './operator.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Byte for byte over base64 text. Padded base64 is one text per byte string but for its last spare bits, so bytes are compared. */
export const binaryEquals: Operator = {
  negated: false,
  compile: (text) => {
    if (!BASE64.test(text)) throw new SyntaxError('A BinaryEquals condition has a value that is not base64.');
    const expected = Buffer.from(text, 'base64');
    return (actual) => (BASE64.test(actual) ? Buffer.from(actual, 'base64').equals(expected) : undefined);
  },
};
