import type { RequestContext } from './context.ts';
import { hasVariables, resolve, type Token } from './pattern.ts';

/** `undefined`: cannot be decided (a variable has no value), which callers must take as the refusing answer. */
export type Outcome = boolean | undefined;
export type Matcher = (text: string, context: RequestContext) => Outcome;

const SYNTAX = /[\\^$.*+?()[\]{}|/]/g;
const literal = (text: string): string => text.replace(SYNTAX, '\\$&');

/** Compiles once what holds no variable, and at every evaluation what does. */
function matcher(tokens: readonly Token[], compile: (tokens: readonly Token[]) => (text: string) => boolean): Matcher {
  if (!hasVariables(tokens)) return compile(tokens);
  return (text, context) => {
    const resolved = resolve(tokens, context);
    return resolved && compile(resolved)(text);
  };
}

/** `*` and `?` match any characters, colons and slashes included: `StringLike`, actions. */
export function globMatcher(tokens: readonly Token[]): Matcher {
  return matcher(tokens, compileGlob);
}

function compileGlob(tokens: readonly Token[]): (text: string) => boolean {
  const [first, second, ...more] = tokens;
  if (first === undefined) return (text) => text === '';
  if (second === undefined && first.kind === 'text') return (text) => text === first.text;
  if (second === undefined && first.kind === 'any') return () => true;
  if (first.kind === 'text' && second?.kind === 'any' && more.length === 0) {
    return (text) => text.startsWith(first.text);
  }
  const expression = new RegExp(`^${tokens.map(globSource).join('')}$`, 'su');
  return (text) => expression.test(text);
}

function globSource(token: Token): string {
  if (token.kind === 'text') return literal(token.text);
  return token.kind === 'any' ? '.*' : '.';
}

/** The sixth part of an ARN is the resource's own and may hold colons. */
const ARN_PARTS = 6;

/**
 * The Resource element. In the first five parts of an ARN a wildcard stays inside its part, unless a `*` ends it, which "can
 * expand to match beyond the colon boundaries" (IAM User Guide, "Resource"); in the resource itself it matches anything.
 */
export function resourceMatcher(tokens: readonly Token[]): Matcher {
  return matcher(tokens, compileResource);
}

function compileResource(tokens: readonly Token[]): (text: string) => boolean {
  let part = 1;
  const sources: string[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'text') {
      part += token.text.split(':').length - 1;
      sources.push(literal(token.text));
      continue;
    }
    const next = tokens[index + 1];
    const endsPart = next === undefined || (next.kind === 'text' && next.text.startsWith(':'));
    const free = part >= ARN_PARTS || (token.kind === 'any' && endsPart);
    sources.push(`${free ? '.' : '[^:]'}${token.kind === 'any' ? '*' : ''}`);
  }
  const only = tokens.length === 1 ? tokens[0] : undefined;
  if (only?.kind === 'any') return () => true;
  if (only?.kind === 'text') return (text) => text === only.text;
  const expression = new RegExp(`^${sources.join('')}$`, 'su');
  return (text) => expression.test(text);
}

/**
 * `ArnEquals` and `ArnLike`: "each of the six colon-delimited components of the ARN is checked separately" (IAM User Guide,
 * "ARN condition operators"). What is not an ARN matches nothing.
 */
export function arnMatcher(tokens: readonly Token[]): Matcher {
  return matcher(tokens, compileArn);
}

function compileArn(tokens: readonly Token[]): (text: string) => boolean {
  const parts = splitAtColons(tokens).map(compileGlob);
  return (text) => {
    const actual = arnParts(text);
    return (
      actual !== undefined && parts.length === ARN_PARTS && parts.every((test, index) => test(actual[index] ?? ''))
    );
  };
}

function arnParts(text: string): readonly string[] | undefined {
  const parts = text.split(':');
  if (parts.length < ARN_PARTS || parts[0] !== 'arn') return undefined;
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}

function splitAtColons(tokens: readonly Token[]): readonly Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind !== 'text') {
      parts.at(-1)?.push(token);
      continue;
    }
    for (const [index, piece] of token.text.split(':').entries()) {
      const last = parts.length === ARN_PARTS;
      if (index > 0 && !last) parts.push([]);
      const text = index > 0 && last ? `:${piece}` : piece;
      if (text !== '') parts.at(-1)?.push({ kind: 'text', text });
    }
  }
  return parts;
}
