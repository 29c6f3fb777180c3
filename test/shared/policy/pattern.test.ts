// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of IAM look like those of templates
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestContext } from '../../../shared/policy/context.ts';
import { globMatcher, resourceMatcher } from '../../../shared/policy/match.ts';
import { tokenise } from '../../../shared/policy/pattern.ts';

const resource = (pattern: string, text: string, context = {}): boolean | undefined =>
  resourceMatcher(tokenise(pattern, { variables: true, wildcards: true }))(text, requestContext(context));
const glob = (pattern: string, text: string): boolean | undefined =>
  globMatcher(tokenise(pattern, { variables: false, wildcards: true }))(text, requestContext());

describe('resources', () => {
  it.each([
    ['*', 'arn:aws:s3:::bucket/key', true],
    ['arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket/a/b:c', true],
    ['arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket', false],
    ['arn:aws:s3:::bucket*', 'arn:aws:s3:::bucket-of-others/key', true],
    ['arn:aws:s3:::bucket/a?c', 'arn:aws:s3:::bucket/abc', true],
    ['arn:aws:s3:::bucket/a?c', 'arn:aws:s3:::bucket/ac', false],
    ['arn:aws:s3:::Bucket/*', 'arn:aws:s3:::bucket/a', false],
    ['arn:aws:sqs:*:123456789012:queue', 'arn:aws:sqs:us-east-1:123456789012:queue', true],
    // A star that ends its part may reach over colons; one inside a part may not.
    ['arn:aws:sqs:*:queue', 'arn:aws:sqs:us-east-1:123456789012:queue', true],
    ['arn:aws:sqs:us-*-1:123456789012:queue', 'arn:aws:sqs:us-east-1:123456789012:queue', true],
    ['arn:aws:sqs:u*1:queue', 'arn:aws:sqs:us-east-1:123456789011:queue', false],
    ['arn:aws:sqs:us?east-1:123456789012:queue', 'arn:aws:sqs:us:east-1:123456789012:queue', false],
    ['arn:aws:s3:::a.b/*', 'arn:aws:s3:::axb/key', false],
  ])('%s against %s is %s', (pattern, text, result) => {
    expect(resource(pattern, text)).toBe(result);
  });

  it('takes the value of a variable as text, never as a wildcard', () => {
    const pattern = 'arn:aws:s3:::home/${aws:userid}/*';
    expect(resource(pattern, 'arn:aws:s3:::home/ann/x', { 'aws:userid': 'ann' })).toBe(true);
    expect(resource(pattern, 'arn:aws:s3:::home/ann/x', { 'aws:userid': '*' })).toBe(false);
    expect(resource(pattern, 'arn:aws:s3:::home/*/x', { 'AWS:UserId': '*' })).toBe(true);
  });

  it('cannot decide over a variable without a value, or with several', () => {
    const pattern = 'arn:aws:s3:::home/${aws:userid}/*';
    expect(resource(pattern, 'arn:aws:s3:::home//x')).toBeUndefined();
    expect(resource(pattern, 'arn:aws:s3:::home/a/x', { 'aws:userid': ['a'] })).toBeUndefined();
  });

  it('uses the default of a variable only where the key is missing', () => {
    const pattern = "arn:aws:s3:::home/${aws:PrincipalTag/team, 'none'}/*";
    expect(resource(pattern, 'arn:aws:s3:::home/none/x')).toBe(true);
    expect(resource(pattern, 'arn:aws:s3:::home/red/x', { 'aws:PrincipalTag/team': 'red' })).toBe(true);
    expect(resource(pattern, 'arn:aws:s3:::home/none/x', { 'aws:PrincipalTag/team': 'red' })).toBe(false);
  });

  it('writes the special characters as ${*}, ${?} and ${$}', () => {
    expect(resource('arn:aws:s3:::b/${*}${?}${$}', 'arn:aws:s3:::b/*?$')).toBe(true);
    expect(resource('arn:aws:s3:::b/${*}${?}${$}', 'arn:aws:s3:::b/ab$')).toBe(false);
  });

  it('knows no variables before version 2012-10-17', () => {
    const text = globMatcher(tokenise('${aws:userid}', { variables: false, wildcards: false }));
    expect(text('${aws:userid}', requestContext({ 'aws:userid': 'ann' }))).toBe(true);
  });
});

describe('globs', () => {
  const literal = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[*?<>]/g, '.'));

  it('without a wildcard match themselves and nothing else', () => {
    fc.assert(
      fc.property(literal, literal, (pattern, text) => {
        expect(glob(pattern, pattern)).toBe(true);
        expect(glob(pattern, text)).toBe(pattern === text);
      }),
    );
  });

  it('match whatever stands in for their stars', () => {
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 4 }), fc.string(), (parts, filling) => {
        expect(glob(parts.join('*'), parts.join(filling))).toBe(true);
      }),
    );
  });

  it('keep their ends', () => {
    fc.assert(
      fc.property(literal, literal, literal, (head, middle, tail) => {
        expect(glob(`<${head}*${tail}>`, `<${head}${middle}${tail}`)).toBe(false);
        expect(glob(`<${head}*${tail}>`, `${head}${middle}${tail}>`)).toBe(false);
      }),
    );
  });
});
