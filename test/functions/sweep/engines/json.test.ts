import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFiles } from '../../../../functions/sweep/engines/files/engine.ts';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import type { EndpointOf } from '../../../../shared/equivalence/schema.ts';
import { memorySource, readText, relationOver, type Values } from '../../../support/engines/memory-source.ts';

type Format = 'json' | 'ndjson';

const endpointOf = (format: Format): EndpointOf<'files'> => ({
  engine: 'files',
  connection: 'memory',
  consistency: 'frozen',
  location: { path: '/' },
  format,
});

interface Reading {
  readonly types?: Readonly<Record<string, ColumnType>>;
  readonly natives?: Readonly<Record<string, string>>;
  readonly block?: number;
  readonly target?: number;
}

/** The members `a` and `b` of the documents in one file. */
function valuesOf(format: Format, content: string | Uint8Array, reading: Reading = {}): Promise<Values[]> {
  const engine = openFiles(endpointOf(format), memorySource({ file: content }, reading.block ?? 1000));
  const natives = { a: 'string', b: 'string', ...reading.natives };
  return readText(engine, relationOver(endpointOf(format), ['a', 'b'], reading.types, natives), reading.target);
}

const one = async (document: string, reading: Reading = {}): Promise<Values | undefined> =>
  (await valuesOf('ndjson', document, reading))[0];

const document = fc.record(
  {
    a: fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
    b: fc.option(
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '}', '[', ']', ',', 'é', '😀'), maxLength: 12 }),
    ),
    other: fc.json(),
  },
  { requiredKeys: ['a'] },
);

describe('documents', () => {
  it('are what JSON.parse says they are, wherever blocks end and however a file is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (documents, block, target, spaced) => {
          const texts = documents.map((item) => {
            const text = JSON.stringify({ ...item, other: item.other === undefined ? 0 : JSON.parse(item.other) });
            return spaced ? ` ${text} ` : text;
          });
          const expected = documents.map(({ a, b }) => [a, b]);
          const lines = `${texts.join('\n')}\n`;
          expect(await valuesOf('ndjson', lines, { block, target })).toEqual(expected);
          expect(await valuesOf('json', `[${texts.join(',')}]`, { block, target })).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are found in lines that end in any way', async () => {
    const expected = [
      ['1', undefined],
      ['2', undefined],
    ];
    for (const content of [
      '{"a":"1"}\n{"a":"2"}',
      '{"a":"1"}\r\n\r\n{"a":"2"}\r\n',
      '\uFEFF{"a":"1"}\n{"a":"2"}\n\n',
    ]) {
      for (const block of [1, 7, 1000]) expect(await valuesOf('ndjson', content, { block })).toEqual(expected);
    }
    expect(await valuesOf('json', '\uFEFF \n[]\n')).toEqual([]);
  });

  it('are read by name, also by one with an escape in it, and whatever the order', async () => {
    expect(await one('{"x":{"a":"no"},"b":"2","\\u0061":"1"}')).toEqual(['1', '2']);
  });

  it('have texts without their escapes', async () => {
    expect(await one('{"a":"\\u00e9\\ud83d\\ude00\\n\\"","b":"é😀"}')).toEqual(['é😀\n"', 'é😀']);
  });

  it('have numbers with all of their digits, and zeros with their sign', async () => {
    const natives = { a: 'number', b: 'number' };
    const types: Record<string, ColumnType> = { a: { kind: 'decimal' }, b: { kind: 'float64' } };
    const [decimal, float] = (await one('{"a":12345678901234567890.123456789,"b":-0.0}', { natives, types })) ?? [];
    expect(decimal).toEqual({ coefficient: 12345678901234567890123456789n, exponent: -9 });
    expect(Object.is(float, -0)).toBe(true);
    const whole: Record<string, ColumnType> = { a: { kind: 'integer' }, b: { kind: 'integer' } };
    expect(await one('{"a":1.0,"b":1e3}', { natives, types: whole })).toEqual([1n, 1000n]);
  });

  it('have null, absent and empty apart, and the JSON text apart from the text', async () => {
    expect(await one('{"a":null}')).toEqual([null, undefined]);
    expect(await one('{"a":"","b":"null"}')).toEqual(['', 'null']);
    const types: Record<string, ColumnType> = { a: { kind: 'json' }, b: { kind: 'json' } };
    const [text, value] = (await one('{"a":"[1]","b":[1]}', { types, natives: { b: 'array' } })) ?? [];
    expect(text).toEqual(value);
  });

  it('have arrays, sets and maps of what the contract says', async () => {
    const natives = { a: 'array', b: 'object' };
    const types: Record<string, ColumnType> = {
      a: { kind: 'array', element: { kind: 'array', element: { kind: 'float64' } } },
      b: { kind: 'map', element: { kind: 'integer' } },
    };
    const [lists, map] = (await one('{"a":[[-0,1.5],[],null],"b":{"y":1,"x":null}}', { natives, types })) ?? [];
    expect(lists).toEqual([[-0, 1.5], [], null]);
    expect(map).toEqual(
      new Map([
        ['x', null],
        ['y', 1n],
      ]),
    );
  });

  it.each<[string, string, Reading, string]>([
    ['another type than the contract says', '{"a":1}', {}, 'schema-changed'],
    ['another type than the contract says, later', '{"a":null}\n{"a":"x"}\n{"a":1}', {}, 'schema-changed'],
    [
      'a number for a boolean',
      '{"a":2}',
      { natives: { a: 'number' }, types: { a: { kind: 'boolean' } } },
      'field-format',
    ],
    [
      'a text for a number',
      '{"a":"1"}',
      { natives: { a: 'number' }, types: { a: { kind: 'integer' } } },
      'schema-changed',
    ],
    ['a member twice', '{"a":"1","a":"2"}', {}, 'payload-malformed'],
    ['a member twice, once escaped', '{"a":"1","\\u0061":"2"}', {}, 'payload-malformed'],
    [
      'a name twice in a map',
      '{"a":{"x":"1","x":"2"}}',
      { natives: { a: 'object' }, types: { a: { kind: 'map', element: { kind: 'text' } } } },
      'field-format',
    ],
    ['no object', '["a"]', {}, 'payload-malformed'],
    ['two objects in a line', '{"a":"1"} {"a":"2"}', {}, 'payload-malformed'],
    ['no comma', '{"a":"1" "b":"2"}', {}, 'payload-malformed'],
    ['a comma too many', '{"a":"1",}', {}, 'payload-malformed'],
    ['an unknown literal', '{"a":"1","x":nul}', {}, 'payload-malformed'],
    ['a number with a leading zero', '{"a":"1","x":01}', {}, 'payload-malformed'],
    ['a lone surrogate', '{"a":"\\ud800"}', {}, 'field-characters'],
    ['an unknown escape', '{"a":"\\x"}', {}, 'field-characters'],
    ['a control character', '{"a":"\u0001"}', {}, 'payload-malformed'],
    ['an open string', '{"a":"1', {}, 'payload-malformed'],
    ['an object that is not closed', '{"a":"1"', {}, 'payload-malformed'],
    ['too deep a value', `{"a":"1","x":${'['.repeat(300)}${']'.repeat(300)}}`, {}, 'payload-malformed'],
  ])('are refused with %s', async (_name, content, reading, code) => {
    await expect(valuesOf('ndjson', content, reading)).rejects.toMatchObject({ code });
  });

  it('are refused when they are no UTF-8, also beside an escape', async () => {
    for (const text of ['{"a":"\xff"}', '{"a":"\\n\xff"}']) {
      await expect(valuesOf('ndjson', Buffer.from(text, 'latin1'))).rejects.toThrow();
    }
  });

  it.each([
    ['an array that is not closed', '[{"a":"1"}', 'payload-truncated'],
    ['an object that is not closed', '[{"a":"1"', 'payload-truncated'],
    ['nothing', ' ', 'payload-truncated'],
    ['something after the array', '[] []', 'payload-malformed'],
    ['no comma between objects', '[{"a":"1"} {"a":"2"}]', 'payload-malformed'],
    ['a comma at the end', '[{"a":"1"},]', 'payload-malformed'],
    ['an object', '{"a":"1"}', 'payload-malformed'],
    ['other values', '[1]', 'payload-malformed'],
  ])('in an array are refused with %s', async (_name, content, code) => {
    for (const block of [1, 1000]) {
      await expect(valuesOf('json', content, { block })).rejects.toMatchObject({ code });
    }
  });
});
