/** The members of a JSON object. Throws `SyntaxError` naming the element for anything else. */
export function members(value: unknown, element: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SyntaxError(`${element} is not an object.`);
  }
  return Object.entries(value);
}

/** One text or a list of at least one. Policies write numbers and booleans bare, too. */
export function textList(value: unknown, element: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new SyntaxError(`${element} is an empty list.`);
  return list.map((item) => {
    if (typeof item === 'number' || typeof item === 'boolean') return String(item);
    if (typeof item !== 'string') throw new SyntaxError(`${element} holds something that is no text.`);
    return item;
  });
}
