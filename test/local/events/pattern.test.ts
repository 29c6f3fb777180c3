import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../local/events/pattern.ts';

const event = {
  source: 'aws.s3',
  account: '111122223333',
  resources: ['arn:aws:s3:::a', 'arn:aws:s3:::b'],
  detail: {
    bucket: { name: 'landing' },
    object: { key: 'in/2026/Grants.csv', size: 1200 },
    address: '10.0.0.7',
    none: null,
    flag: true,
    empty: '',
    parts: [
      { name: 'one', n: 1 },
      { name: 'two', n: 2 },
    ],
  },
};
const matches = (pattern: unknown): boolean => compilePattern(pattern)(event);
const key = (...list: unknown[]): unknown => ({ detail: { object: { key: list } } });
const size = (...list: unknown[]): unknown => ({ detail: { object: { size: list } } });

describe('an event pattern', () => {
  it.each<[string, unknown, boolean]>([
    ['one of several values', { source: ['aws.states', 'aws.s3'] }, true],
    ['another value', { source: ['aws.states'] }, false],
    ['every field given', { source: ['aws.s3'], account: ['other'] }, false],
    ['one element of a list', { resources: ['arn:aws:s3:::b'] }, true],
    ['null', { detail: { none: [null] } }, true],
    ['null, which is not absence', { detail: { missing: [null] } }, false],
    ['a boolean', { detail: { flag: [true] } }, true],
    ['a number, not its text', size('1200'), false],
    ['a number', size(1200), true],
    ['prefix', key({ prefix: 'in/' }), true],
    ['prefix of another', key({ prefix: 'out/' }), false],
    ['prefix without case', key({ prefix: { 'equals-ignore-case': 'IN/' } }), true],
    ['suffix', key({ suffix: '.csv' }), true],
    ['suffix of another', key({ suffix: '.xml' }), false],
    ['suffix without case', key({ suffix: { 'equals-ignore-case': 'GRANTS.CSV' } }), true],
    ['equals-ignore-case', { source: [{ 'equals-ignore-case': 'AWS.S3' }] }, true],
    ['wildcard', key({ wildcard: 'in/*/*.csv' }), true],
    ['wildcard that must meet the end', key({ wildcard: 'in/*/Grants' }), false],
    ['wildcard with an escaped asterisk', key({ wildcard: 'in/\\*' }), false],
    ['wildcard, where a dot is a dot', key({ wildcard: 'in/2026/Grants?csv' }), false],
    ['anything-but', { source: [{ 'anything-but': 'aws.states' }] }, true],
    ['anything-but of the value', { source: [{ 'anything-but': ['x', 'aws.s3'] }] }, false],
    ['anything-but a prefix', key({ 'anything-but': { prefix: 'in/' } }), false],
    ['anything-but a suffix', key({ 'anything-but': { suffix: ['.xml', '.json'] } }), true],
    ['anything-but of an absent field', { detail: { missing: [{ 'anything-but': 'x' }] } }, false],
    ['numeric', size({ numeric: ['>', 1000, '<=', 1200] }), true],
    ['numeric beyond', size({ numeric: ['>', 1000, '<', 1200] }), false],
    ['numeric of a text', key({ numeric: ['>', 0] }), false],
    ['exists', { detail: { empty: [{ exists: true }] } }, true],
    ['exists of an absent field', { detail: { missing: [{ exists: true }] } }, false],
    ['exists: false', { detail: { missing: [{ exists: false }] } }, true],
    ['exists of an object, which is no leaf', { detail: { bucket: [{ exists: true }] } }, false],
    ['cidr', { detail: { address: [{ cidr: '10.0.0.0/24' }] } }, true],
    ['cidr of another block', { detail: { address: [{ cidr: '10.0.1.0/24' }] } }, false],
    ['$or', { $or: [{ source: ['aws.states'] }, { account: ['111122223333'] }] }, true],
    ['$or where none matches', { $or: [{ source: ['aws.states'] }, { account: ['2'] }] }, false],
    ['$or beside fields', { source: ['aws.states'], $or: [{ source: ['aws.s3'] }] }, false],
    ['one object of a list, whole', { detail: { parts: { name: ['two'], n: [2] } } }, true],
    ['one object of a list, not across two', { detail: { parts: { name: ['one'], n: [2] } } }, false],
  ])('%s', (_, pattern, expected) => {
    expect(matches(pattern)).toBe(expected);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['a scalar that is not in a list', { source: 'aws.s3' }],
    ['an empty list', { source: [] }],
    ['two operators in one', key({ prefix: 'a', suffix: 'b' })],
    ['a wrong comparison', size({ numeric: ['!', 1] })],
    ['two asterisks', key({ wildcard: 'a**' })],
    ['exists that is no boolean', key({ exists: 'yes' })],
  ])('is refused with %s', (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });

  it('is refused as not implemented with an operator that is not known', () => {
    expect(() => compilePattern(key({ fuzzy: 'a' }))).toThrow(expect.objectContaining({ code: 'not-implemented' }));
  });
});
