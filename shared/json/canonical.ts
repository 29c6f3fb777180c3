/**
 * Canonical JSON (RFC 8785, JCS): equal values have equal bytes, so that a digest or a signature is of the value and not
 * of somebody's formatting.
 */

/**
 * The canonical text of a plain value: objects, arrays, strings, finite numbers, booleans and null.
 *
 * Throws TypeError for everything else: `undefined`, a bigint, NaN, an infinity (RFC 8785 section 3.2.2.3), a lone
 * surrogate (section 3.2.2.2), or an object with a prototype of its own, whose meaning JSON would lose. The message
 * names the kind of thing and never its value.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('Canonical JSON has no NaN and no infinity.');
      // ECMAScript prints numbers as section 3.2.2.3 asks, and -0 as 0.
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new TypeError(`Canonical JSON has no ${typeof value}.`);
  }
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('Canonical JSON has no lone surrogate.');
  return JSON.stringify(text);
}

function canonicalArray(items: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += canonicalJson(items[index]);
  }
  return `${text}]`;
}

function canonicalObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError('Canonical JSON takes plain objects only.');
  }
  let text = '{';
  const members = value as Readonly<Record<string, unknown>>;
  // The default order of sort() is that of UTF-16 code units, which section 3.2.3 asks for.
  for (const key of Object.keys(value).sort()) {
    if (text.length > 1) text += ',';
    text += `${canonicalString(key)}:${canonicalJson(members[key])}`;
  }
  return `${text}}`;
}
