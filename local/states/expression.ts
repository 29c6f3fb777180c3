/**
 * JSONata as Step Functions runs it: version 2.0.6, the six functions that it adds, and no `$eval`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import { statesFailure } from './failure.ts';
import { isArray, type Json, type JsonObject, parseJson } from './json.ts';

/** The whole string is one expression, or it is literal text: nothing is interpolated. */
const EXPRESSION = /^\{%([\s\S]*)%\}$/;

export function isExpression(value: Json | undefined): value is string {
  return typeof value === 'string' && EXPRESSION.test(value);
}

/** What an expression sees: `$states` and the variables, by name without the dollar sign. */
export type Bindings = JsonObject;

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
const MAXIMUM_RANGE = 1_000;

type Implementation = Parameters<jsonata.Expression['registerFunction']>[1];

const ADDED: Readonly<Record<string, { readonly signature: string; readonly call: Implementation }>> = {
  partition: {
    signature: '<a-n:a>',
    call: (items: readonly unknown[], size: number) => {
      if (!Number.isInteger(size) || size < 1) throw new RangeError('$partition needs a positive size');
      return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
        items.slice(index * size, (index + 1) * size),
      );
    },
  },
  range: {
    signature: '<nnn:a>',
    call: (first: number, last: number, step: number) => {
      if (step === 0) throw new RangeError('$range needs a step other than zero');
      const length = Math.max(0, Math.floor((last - first) / step) + 1);
      if (length > MAXIMUM_RANGE) throw new RangeError(`$range gives at most ${MAXIMUM_RANGE} items`);
      return Array.from({ length }, (_, index) => first + index * step);
    },
  },
  hash: {
    signature: '<s-s:s>',
    call: (text: string, algorithm: string) => {
      const name = HASHES[algorithm];
      if (!name) throw new RangeError('$hash knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512');
      return createHash(name).update(text, 'utf8').digest('hex');
    },
  },
  random: { signature: '<n?:n>', call: (seed?: number) => (seed === undefined ? Math.random() : seeded(seed)) },
  uuid: { signature: '<:s>', call: () => randomUUID() },
  parse: { signature: '<s-:x>', call: (text: string) => parseJson(text) },
  eval: {
    signature: '<sx?:x>',
    call: () => {
      throw new TypeError('$eval is not supported; use $parse');
    },
  },
};

/** The same seed gives the same number; which one AWS would give is not documented. */
function seeded(seed: number): number {
  return createHash('sha256').update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
}

/** Definitions are few and run often. */
const compiled = new Map<string, jsonata.Expression>();

function compile(text: string): jsonata.Expression {
  const known = compiled.get(text);
  if (known) return known;
  const expression = jsonata(text);
  for (const [name, { signature, call }] of Object.entries(ADDED)) {
    expression.registerFunction(name, call, signature);
  }
  compiled.set(text, expression);
  return expression;
}

/** What `$error('…')` throws: its message is the definition's own. */
const RAISED = 'D3137';

/** JSONata's own code (`T2001`); its message is left out where it could quote a value. */
function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code === RAISED && 'message' in error ? `${RAISED}: ${error.message}` : error.code;
  }
  return error instanceof RangeError || error instanceof TypeError ? error.message : 'evaluation failed';
}

async function evaluateExpression(source: string, bindings: Bindings, field: string): Promise<Json> {
  const text = EXPRESSION.exec(source)?.[1]?.trim() ?? '';
  const failed = (why: string) =>
    statesFailure(
      'States.QueryEvaluationError',
      `The JSONata expression '${text}' specified for the field '${field}' ${why}`,
    );
  let value: unknown;
  try {
    value = await compile(text).evaluate(undefined, { ...bindings });
  } catch (error) {
    throw failed(`threw an error during evaluation. ${codeOf(error)}`);
  }
  if (value === undefined) throw failed('returned nothing (undefined).');
  if (isFunction(value)) throw failed('returned a function.');
  // JSONata's sequences carry hidden members and may hold undefined: what a state carries is JSON and nothing else.
  return parseJson(JSON.stringify(value));
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && '_jsonata_lambda' in value);
}

/** Evaluates every expression anywhere inside `template`. `field` names it for the error (`Arguments/Payload`). */
export async function evaluate(template: Json, bindings: Bindings, field: string): Promise<Json> {
  if (isExpression(template)) return evaluateExpression(template, bindings, field);
  if (typeof template !== 'object' || template === null) return template;
  if (isArray(template)) {
    return Promise.all(template.map((item, index) => evaluate(item, bindings, `${field}[${index}]`)));
  }
  const members = await Promise.all(
    Object.entries(template).map(
      async ([name, value]) => [name, await evaluate(value, bindings, `${field}/${name}`)] as const,
    ),
  );
  return Object.fromEntries(members);
}

/** Throws when the expression cannot be parsed at all: found when a definition is provisioned, not when it runs. */
export function checkExpression(source: string): void {
  compile(EXPRESSION.exec(source)?.[1]?.trim() ?? '');
}
