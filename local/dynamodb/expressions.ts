/** Which attributes an expression names: what `dynamodb:Attributes` and `dynamodb:LeadingKeys` are made from. */

/** Words of the language (DynamoDB Developer Guide, "Expression attribute names", "Functions"). */
const WORDS = new Set(
  ['and', 'or', 'not', 'between', 'in', 'set', 'remove', 'add', 'delete'].concat([
    'attribute_exists',
    'attribute_not_exists',
    'attribute_type',
    'begins_with',
    'contains',
    'size',
    'if_not_exists',
    'list_append',
  ]),
);
// A name at the head of a path: not after a dot, and no `:value`.
const HEAD = /(?<![\w.:#])#?[A-Za-z_]\w*/g;

/** Top-level attributes that the expressions name, with their `#placeholders` resolved. */
export function attributesOf(
  expressions: readonly (string | undefined)[],
  names: Readonly<Record<string, string>>,
): readonly string[] {
  const found = expressions.flatMap((expression) => [...(expression ?? '').matchAll(HEAD)].map(([name]) => name));
  return [...new Set(found.filter((name) => !WORDS.has(name.toLowerCase())).map((name) => names[name] ?? name))];
}

const EQUALITY = /(#?[A-Za-z_][\w.]*)\s*=\s*(:\w+)|(:\w+)\s*=\s*(#?[A-Za-z_][\w.]*)/g;

/** The placeholder of the value that the key condition asks the partition key to have. */
export function leadingValueOf(
  condition: string,
  partitionKey: string,
  names: Readonly<Record<string, string>>,
): string | undefined {
  for (const [, left, value, valueFirst, right] of condition.matchAll(EQUALITY)) {
    const name = left ?? right ?? '';
    if ((names[name] ?? name) === partitionKey) return value ?? valueFirst;
  }
  return undefined;
}
