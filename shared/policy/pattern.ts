import type { RequestContext } from './context.ts';

/** A piece of a policy's string: literal text, `*`, `?`, or a variable such as `${aws:PrincipalAccount}`. */
export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'variable'; readonly key: string; readonly fallback: string | undefined };

export interface TokenOptions {
  /** Variables exist since version 2012-10-17 of the language; before it `${…}` is text. */
  readonly variables: boolean;
  /** Whether `*` and `?` are wildcards here; `StringEquals`, say, takes them as text. */
  readonly wildcards: boolean;
}

const VARIABLE = /^\$\{(?:([*?$])|([^{}$*?,\s][^{}$*?,]*?)\s*(?:,\s*'([^']*)'\s*)?)\}/;

/** Takes a policy's string apart. Throws `SyntaxError` for a `${` that opens nothing IAM knows. */
export function tokenise(pattern: string, { variables, wildcards }: TokenOptions): readonly Token[] {
  const tokens: Token[] = [];
  let text = '';
  const push = (token: Token): void => {
    if (text !== '') tokens.push({ kind: 'text', text });
    text = '';
    tokens.push(token);
  };
  for (let index = 0; index < pattern.length; ) {
    const character = pattern.charAt(index);
    if (variables && character === '$' && pattern.charAt(index + 1) === '{') {
      const match = VARIABLE.exec(pattern.slice(index));
      if (!match) throw new SyntaxError(`The variable at position ${index} is not well-formed.`);
      const [whole, special, key, fallback] = match;
      if (key === undefined) text += special ?? '';
      else push({ kind: 'variable', key: key.toLowerCase(), fallback });
      index += whole.length;
      continue;
    }
    if (wildcards && character === '*') push({ kind: 'any' });
    else if (wildcards && character === '?') push({ kind: 'one' });
    else text += character;
    index += 1;
  }
  if (text !== '') tokens.push({ kind: 'text', text });
  return tokens;
}

export const hasVariables = (tokens: readonly Token[]): boolean => tokens.some((token) => token.kind === 'variable');

/**
 * Puts the request's values in place of variables, as text: a `*` that comes out of a variable is no wildcard. `undefined`
 * where a key is missing without a default, or multivalued (which cannot be a variable: IAM User Guide, "Variables and tags").
 */
export function resolve(tokens: readonly Token[], context: RequestContext): readonly Token[] | undefined {
  const resolved: Token[] = [];
  for (const token of tokens) {
    if (token.kind !== 'variable') {
      resolved.push(token);
      continue;
    }
    const value = context.get(token.key) ?? token.fallback;
    if (typeof value !== 'string') return undefined;
    resolved.push({ kind: 'text', text: value });
  }
  return resolved;
}
