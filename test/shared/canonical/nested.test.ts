import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { bytesOf, expectDistinct, expectEqual, expectRefused, roundTrip } from './encode.ts';

const JSON_TYPE = { kind: 'json' } as const;
const texts: ColumnType = { kind: 'array', element: { kind: 'text' } };
const numberSet: ColumnType = { kind: 'set', element: { kind: 'decimal' } };
const numberMap: ColumnType = { kind: 'map', element: { kind: 'integer' } };

describe('json', () => {
  it('[S06] is the value, whatever the order, white space, escapes and spelling of numbers', () => {
    expectEqual(
      JSON_TYPE,
      '{"a":1,"b":[true,null]}',
      ' { "b" : [ true , null ] , "a" : 1.0 } ',
      '{"\\u0061":10e-1,"b":[true,null]}',
    );
    expectEqual(JSON_TYPE, '"\\ud83d\\ude00"', '"😀"');
    expectEqual(JSON_TYPE, '0', '-0', '0.0', '0e10');
  });

  it('keeps apart what differs, exactly', () => {
    expectDistinct(
      JSON_TYPE,
      '1',
      '"1"',
      'true',
      '"true"',
      'null',
      '"null"',
      '[]',
      '{}',
      '""',
      '[null]',
      '[[]]',
      '{"":null}',
      null,
      undefined,
    );
    expectDistinct(
      JSON_TYPE,
      '1',
      '1.0000000000000000000000001',
      '9007199254740993',
      '9007199254740992',
      '1e300',
      '1e301',
    );
    expectDistinct(JSON_TYPE, '[1,2]', '[2,1]', '{"a":"b"}', '["a","b"]', '{"a":1}', '{"a":1,"b":null}');
  });

  it('reads back any document, which is the same after another print', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const pretty = JSON.stringify(JSON.parse(text), null, 2);
        expectEqual(JSON_TYPE, text, pretty, Buffer.from(text));
        const value = roundTrip(JSON_TYPE, text);
        expect(bytesOf(JSON_TYPE, value)).toBe(bytesOf(JSON_TYPE, text));
      }),
    );
  });

  it('is another for any two documents that differ', () => {
    const normal = (value: unknown): string =>
      JSON.stringify(value, (_name, inner: unknown) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
          : inner,
      );
    const document = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(document, document, (left, right) => {
        const same = bytesOf(JSON_TYPE, JSON.stringify(left)) === bytesOf(JSON_TYPE, JSON.stringify(right));
        expect(same).toBe(normal(left) === normal(right));
      }),
    );
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '01',
    '1.',
    '.5',
    '+1',
    'NaN',
    'nul',
    '"a',
    '"\u0001"',
    '"\\x41"',
    '1 2',
    '[1 2]',
    '{"a" 1}',
    '{1:2}',
    '[1}',
  ])('refuses %j, which is no JSON', (text) => expectRefused(JSON_TYPE, text));

  it('refuses a name that stands twice, also under an escape', () => {
    for (const text of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"b":{"a":1,"a":2}}]'])
      expectRefused(JSON_TYPE, text);
  });

  it('refuses a lone surrogate, and depth without end', () => {
    expectRefused(JSON_TYPE, '"\\ud800"', 'field-characters');
    expectRefused(JSON_TYPE, '{"\\udc00":1}', 'field-characters');
    expectRefused(JSON_TYPE, `${'['.repeat(300)}${']'.repeat(300)}`);
    expect(() => bytesOf(JSON_TYPE, `${'['.repeat(200)}${']'.repeat(200)}`)).not.toThrow();
  });

  it('takes a name like __proto__ for a name', () => {
    expectDistinct(JSON_TYPE, '{"__proto__":1}', '{}', '{"__proto__":{}}');
  });
});

describe('array', () => {
  it('[S06] is its elements in order; NULL, empty and nothing differ', () => {
    expectDistinct(
      texts,
      [],
      [''],
      [null],
      ['', ''],
      ['a', 'b'],
      ['b', 'a'],
      ['ab'],
      ['a', 'b', null],
      null,
      undefined,
    );
    expect(roundTrip(texts, ['a', null, ''])).toEqual(['a', null, '']);
    expect(roundTrip({ kind: 'array', element: texts }, [['a'], []])).toEqual([['a'], []]);
  });

  it('refuses what is no array, an element of another type, and a gap', () => {
    expectRefused(texts, 'a', 'field-type');
    expectRefused(texts, [1], 'field-type');
    expectRefused(texts, ['a', undefined], 'field-type');
  });
});

describe('set', () => {
  it('[S06] is its elements, in no order', () => {
    expectEqual(numberSet, ['1', '2', '10'], ['10', '2', '1.0'], new Set(['2', '10', '1']));
    expectDistinct(numberSet, [], ['1'], ['1', '2']);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), (numbers) => {
        expectEqual(numberSet, numbers, numbers.toReversed());
        expect(new Set(JSON.stringify(roundTrip(numberSet, numbers), bigints))).toEqual(
          new Set(JSON.stringify(roundTrip(numberSet, numbers.toReversed()), bigints)),
        );
      }),
    );
  });

  it('refuses an element that stands twice, however it is spelled, and NULL', () => {
    expectRefused(numberSet, ['1', '1.0']);
    expectRefused(numberSet, ['1', null], 'field-type');
    expectRefused(numberSet, '1', 'field-type');
  });

  const bigints = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
});

describe('map', () => {
  it('[S06] is its values by name, in no order', () => {
    expectEqual(
      numberMap,
      new Map([
        ['b', 2n],
        ['a', 1n],
      ]),
      new Map([
        ['a', 1n],
        ['b', 2n],
      ]),
    );
    expectDistinct(
      numberMap,
      new Map(),
      new Map([['a', 1n]]),
      new Map([['a', null]]),
      new Map([['', 1n]]),
      new Map([['b', 1n]]),
    );
    const map = new Map([
      ['', 1n],
      ['a', 5n],
      ['é', null],
    ]);
    expect(roundTrip(numberMap, map)).toEqual(map);
  });

  it('refuses what is no map', () => {
    expectRefused(numberMap, [], 'field-type');
    expectRefused(numberMap, new Map([['a', undefined]]), 'field-type');
    expectRefused(numberMap, new Map([['\ud800', 1n]]), 'field-characters');
  });
});
