// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of IAM look like those of templates
import { describe, expect, it } from 'vitest';
import { compileConditions } from '../../../shared/policy/condition/block.ts';
import { type ContextLayer, requestContext } from '../../../shared/policy/context.ts';

/** `undefined` stands for "cannot be decided". */
function outcome(element: unknown, context: ContextLayer): boolean | undefined {
  const outcomes = compileConditions(element, true).map((condition) => condition(requestContext(context)));
  if (outcomes.includes(false)) return false;
  return outcomes.includes(undefined) ? undefined : true;
}

/** operator, policy value(s), request value that holds, the same with one mutation that does not hold */
const POSITIVE: readonly [string, unknown, string, string][] = [
  ['StringEquals', 'a*', 'a*', 'ab'],
  ['StringEquals', ['x', 'a'], 'a', 'A'],
  ['StringEqualsIgnoreCase', 'Abc', 'aBC', 'aBCd'],
  ['StringLike', 'a*c?e', 'a/:\ncde', 'a/:\nce'],
  ['StringLike', 'plain', 'plain', 'plains'],
  ['NumericEquals', '10', '10.0', '10.1'],
  ['NumericEquals', 10, '1e1', '1e2'],
  ['NumericLessThan', '10', '9.99', '10'],
  ['NumericLessThanEquals', '10', '10', '10.01'],
  ['NumericGreaterThan', '10', '11', '10'],
  ['NumericGreaterThanEquals', '10', '10', '9'],
  ['DateEquals', '2026-11-22T00:00:00Z', '2026-11-22T01:00:00+01:00', '2026-11-22T00:00:01Z'],
  ['DateLessThan', '2026-11-22T00:00:00Z', '2026-11-21T23:59:59Z', '2026-11-22T00:00:00Z'],
  ['DateLessThanEquals', '2026-11-22', '2026-11-22T00:00:00Z', '2026-11-22T00:00:01Z'],
  ['DateGreaterThan', '1700000000', '1700000001', '1700000000'],
  ['DateGreaterThanEquals', '2026', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z'],
  ['Bool', true, 'TRUE', 'false'],
  ['BinaryEquals', 'AQID', 'AQID', 'AQIE'],
  ['IpAddress', '10.1.0.0/16', '10.1.255.255', '10.2.0.0'],
  ['IpAddress', '10.1.2.3', '10.1.2.3', '10.1.2.4'],
  ['IpAddress', '2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
  ['IpAddress', '::ffff:192.0.2.0/120', '::ffff:192.0.2.7', '::ffff:192.0.3.7'],
  ['IpAddress', '0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
  ['ArnEquals', 'arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket/a:b/c', 'arn:aws:s3:::other/a:b/c'],
  ['IpAddress', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:7'],
  ['IpAddress', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:1'],
  ['ArnLike', 'arn:aws:s3:::a*c:?', 'arn:aws:s3:::abbc:d', 'arn:aws:s3:::abbc'],
  ['ArnLike', '*:aws:s3:::a', 'arn:aws:s3:::a', 'urn:aws:s3:::a'],
  ['StringLike', '*.csv', '.csv', '.csv.exe'],
  ['ArnLike', 'arn:aws:iam::*:role/x', 'arn:aws:iam::123456789012:role/x', 'arn:aws:iam::123456789012:role/y'],
];

const NEGATION: Readonly<Record<string, string>> = {
  StringEquals: 'StringNotEquals',
  StringEqualsIgnoreCase: 'StringNotEqualsIgnoreCase',
  StringLike: 'StringNotLike',
  NumericEquals: 'NumericNotEquals',
  DateEquals: 'DateNotEquals',
  IpAddress: 'NotIpAddress',
  ArnEquals: 'ArnNotEquals',
  ArnLike: 'ArnNotLike',
};

describe('condition operators', () => {
  it.each(POSITIVE)('[B19] %s %j holds for %s and not for %s', (operator, expected, holds, fails) => {
    expect(outcome({ [operator]: { 'x:key': expected } }, { 'x:key': holds })).toBe(true);
    expect(outcome({ [operator]: { 'x:key': expected } }, { 'x:key': fails })).toBe(false);
  });

  it('never lets the wildcard of an ARN reach over a colon', () => {
    const like = { ArnLike: { 'x:key': 'arn:aws:*:*:*:role/x' } };
    expect(outcome(like, { 'x:key': 'arn:aws:iam::123456789012:role/x' })).toBe(true);
    expect(outcome(like, { 'x:key': 'arn:aws:iam:role/x' })).toBe(false);
    expect(outcome({ StringLike: { 'x:key': 'arn:aws:*:role/x' } }, { 'x:key': 'arn:aws:iam::1:role/x' })).toBe(true);
  });

  it.each(POSITIVE)(
    '[B19] the opposite of %s %j holds exactly where it does not',
    (operator, expected, holds, fails) => {
      const negation = NEGATION[operator];
      if (negation === undefined) return;
      expect(outcome({ [negation]: { 'x:key': expected } }, { 'x:key': holds })).toBe(false);
      expect(outcome({ [negation]: { 'x:key': expected } }, { 'x:key': fails })).toBe(true);
    },
  );

  it.each(POSITIVE)(
    '[B19] %s %j: a missing key fails it, holds its opposite and every IfExists',
    (operator, expected) => {
      expect(outcome({ [operator]: { 'x:key': expected } }, {})).toBe(false);
      expect(outcome({ [`${operator}IfExists`]: { 'x:key': expected } }, {})).toBe(true);
      const negation = NEGATION[operator];
      if (negation !== undefined) expect(outcome({ [negation]: { 'x:key': expected } }, {})).toBe(true);
    },
  );

  it.each(POSITIVE)('[B19] %sIfExists %j still compares a key that is there', (operator, expected, holds, fails) => {
    expect(outcome({ [`${operator}IfExists`]: { 'x:key': expected } }, { 'x:key': holds })).toBe(true);
    expect(outcome({ [`${operator}IfExists`]: { 'x:key': expected } }, { 'x:key': fails })).toBe(false);
  });

  it('asks of a negated operator that none of the values match', () => {
    const neither = { StringNotEquals: { 'x:key': ['a', 'b'] } };
    expect(outcome(neither, { 'x:key': 'c' })).toBe(true);
    expect(outcome(neither, { 'x:key': 'b' })).toBe(false);
  });

  it('joins operators and keys by AND', () => {
    const both = { StringEquals: { 'x:a': '1', 'x:b': '2' }, Bool: { 'x:c': 'true' } };
    expect(outcome(both, { 'x:a': '1', 'x:b': '2', 'x:c': 'true' })).toBe(true);
    expect(outcome(both, { 'x:a': '1', 'x:b': '3', 'x:c': 'true' })).toBe(false);
    expect(outcome(both, { 'x:a': '1', 'x:b': '2', 'x:c': 'false' })).toBe(false);
  });

  it('compares the names of keys without case, and their values with it', () => {
    expect(outcome({ StringEquals: { 'AWS:principalACCOUNT': 'a' } }, { 'aws:PrincipalAccount': 'a' })).toBe(true);
    expect(outcome({ StringEquals: { 'aws:PrincipalAccount': 'A' } }, { 'aws:PrincipalAccount': 'a' })).toBe(false);
  });
});

describe('Null', () => {
  it.each([
    ['true', {}, true],
    ['true', { 'x:key': 'v' }, false],
    ['false', { 'x:key': 'v' }, true],
    ['false', {}, false],
    ['true', { 'x:key': [] }, true],
  ])('asked for %s over %j is %s', (expected, context, result) => {
    expect(outcome({ Null: { 'x:key': expected } }, context)).toBe(result);
  });
});

describe('set operators', () => {
  const all = { 'ForAllValues:StringLike': { 'x:keys': ['a*', 'b'] } };
  const any = { 'ForAnyValue:StringLike': { 'x:keys': ['a*', 'b'] } };

  it.each([
    [all, ['a1', 'b'], true],
    [all, ['a1', 'c'], false],
    [all, [], true],
    [all, undefined, true],
    [any, ['c', 'b'], true],
    [any, ['c', 'd'], false],
    [any, [], false],
    [any, undefined, false],
    [{ 'ForAnyValue:StringLikeIfExists': { 'x:keys': 'a' } }, undefined, true],
    [{ 'ForAllValues:StringNotEquals': { 'x:keys': ['a', 'b'] } }, ['c', 'd'], true],
    [{ 'ForAllValues:StringNotEquals': { 'x:keys': ['a', 'b'] } }, ['c', 'a'], false],
    [{ 'ForAnyValue:StringNotEquals': { 'x:keys': ['a', 'b'] } }, ['c', 'a'], true],
    [{ 'ForAnyValue:StringNotEquals': { 'x:keys': ['a', 'b'] } }, ['b', 'a'], false],
    [{ 'ForAnyValue:StringEquals': { 'x:keys': 'b' } }, 'b', true],
  ])('%j over %j is %s', (element, values, result) => {
    expect(outcome(element, { 'x:keys': values })).toBe(result);
  });

  it('cannot decide a multivalued key without a set operator', () => {
    expect(outcome({ StringEquals: { 'x:keys': 'a' } }, { 'x:keys': ['a'] })).toBeUndefined();
    expect(outcome({ StringNotEquals: { 'x:keys': 'z' } }, { 'x:keys': ['a'] })).toBeUndefined();
  });
});

describe('what cannot be decided', () => {
  it.each([
    [{ NumericLessThan: { 'x:key': '10' } }, 'ten'],
    [{ NumericNotEquals: { 'x:key': '10' } }, 'ten'],
    [{ DateLessThan: { 'x:key': '2026-01-01' } }, 'yesterday'],
    [{ Bool: { 'x:key': 'true' } }, 'yes'],
    [{ IpAddress: { 'x:key': '10.0.0.0/8' } }, '10.0.0'],
    [{ BinaryEquals: { 'x:key': 'AQID' } }, '***'],
    [{ StringEquals: { 'x:key': '${x:absent}' } }, 'anything'],
  ])('%j of %s', (element, actual) => {
    expect(outcome(element, { 'x:key': actual })).toBeUndefined();
  });
});

describe('what IAM would refuse', () => {
  it.each([
    [{ StringMatches: { 'x:key': 'a' } }, 'operator StringMatches'],
    [{ toString: { 'x:key': 'a' } }, 'operator toString'],
    [{ 'ForSomeValues:StringEquals': { 'x:key': 'a' } }, 'operator ForSomeValues'],
    [{ NullIfExists: { 'x:key': 'true' } }, 'Null'],
    [{ 'ForAllValues:Null': { 'x:key': 'true' } }, 'Null'],
    [{ Null: { 'x:key': 'maybe' } }, 'Null'],
    [{ NumericEquals: { 'x:key': 'ten' } }, 'number'],
    [{ DateEquals: { 'x:key': 'today' } }, 'date'],
    [{ Bool: { 'x:key': 'yes' } }, 'Bool'],
    [{ BinaryEquals: { 'x:key': '?' } }, 'base64'],
    [{ IpAddress: { 'x:key': '10.0.0.0/33' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': '1:2:3:4:5:6:7:8:9' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': 'somewhere/8' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': '10.0.0.0/wide' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': '10.0.0.0/8/8' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': '::1::' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': '1:2:3:4::5:6:7:8' } }, 'CIDR'],
    [{ IpAddress: { 'x:key': '1::2::3' } }, 'CIDR'],
    [{ ArnLike: { 'x:key': 'role/x' } }, 'ARN'],
    [{ ArnLike: { 'x:key': 'arn:aws:*:role/x' } }, 'ARN'],
    [{ StringEquals: { 'x:key': '${open' } }, 'variable'],
    [{ StringEquals: { 'x:key': [] } }, 'empty'],
    [{ StringEquals: { 'x:key': { a: 1 } } }, 'no text'],
    [{ StringEquals: 'a' }, 'StringEquals'],
    [{ StringEquals: null }, 'StringEquals'],
    [{ StringEquals: ['a'] }, 'StringEquals'],
  ])('%j', (element, named) => {
    expect(() => compileConditions(element, true)).toThrow(named);
    expect(() => compileConditions(element, true)).toThrow(SyntaxError);
  });
});
