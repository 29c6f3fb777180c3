import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../local/states/expression.ts';
import { type Json, parseJson } from '../../../local/states/json.ts';

const see = (template: Json, bindings: Record<string, Json> = {}) => evaluate(template, bindings, 'Output');

describe('expressions of a state', () => {
  it('evaluates them anywhere in a value and leaves the rest as it is', async () => {
    const template = { a: ['{% $states.input.x + 1 %}', 'x + 1', 2], b: { c: '{% $name %}', d: null, e: ' {% 1 %}' } };
    expect(await see(template, { states: { input: { x: 1 } }, name: 'n' })).toEqual({
      a: [2, 'x + 1', 2],
      b: { c: 'n', d: null, e: ' {% 1 %}' },
    });
  });

  it.each([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ["$hash('abc', 'SHA-256')", createHash('sha256').update('abc').digest('hex')],
    ['$parse(\'{"a": [1]}\')', { a: [1] }],
    ['$random(7) = $random(7)', true],
    ['$length($uuid())', 36],
    ['$random() < 1', true],
  ])('has the function that Step Functions adds: %s', async (text, expected) => {
    expect(await see(`{% ${text} %}`)).toEqual(expected);
  });

  it.each([
    "$eval('1')",
    '1 ?? 2',
    '$states.input.missing',
    'function($x){$x}',
    "$hash('a', 'CRC32')",
    '$range(0, 1, 0)',
  ])('refuses %s with States.QueryEvaluationError', async (text) => {
    await expect(see(`{% ${text} %}`, { states: { input: {} } })).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });

  it('leaves every value without an expression as it is, and gives every value back that one names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = parseJson(JSON.stringify(value));
        fc.pre(!JSON.stringify(json).includes('{%'));
        expect(await see({ literal: json })).toEqual({ literal: json });
        expect(await see('{% $states.input %}', { states: { input: { wrapped: json } } })).toEqual({ wrapped: json });
      }),
    );
  });

  it('never quotes a value in the error', async () => {
    const failure = see('{% $states.input.name + 1 %}', { states: { input: { name: 'CANARY-7f' } } });
    await expect(failure).rejects.toThrow(/T2001/);
    await expect(failure).rejects.not.toThrow(/CANARY/);
  });
});
