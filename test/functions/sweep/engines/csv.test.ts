import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvFormat } from '../../../../functions/sweep/engines/files/csv.ts';
import { CsvRows } from '../../../../functions/sweep/engines/files/csv-rows.ts';
import { openFiles } from '../../../../functions/sweep/engines/files/engine.ts';
import type { EndpointOf } from '../../../../shared/equivalence/schema.ts';
import { masks } from '../../../support/engines/contract.ts';
import { bytesOf, memorySource, readText, relationOver } from '../../../support/engines/memory-source.ts';

const endpoint: EndpointOf<'files'> = {
  engine: 'files',
  connection: 'memory',
  consistency: 'frozen',
  location: { path: '/' },
  format: 'csv',
  csv: { null: '' },
};

async function rowsOf(content: string, blockBytes: number, csv: EndpointOf<'files'>['csv'] = { null: '' }) {
  const source = memorySource({ 'a.csv': content }, blockBytes);
  return readText(openFiles({ ...endpoint, csv }, source), relationOver(endpoint, ['a', 'b']));
}

describe('a CSV file', () => {
  it('is cut into the rows and cells that csv-parse finds, wherever its blocks end', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é', '😀', ''), maxLength: 6 });
    const row = fc.tuple(cell, cell);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (rows, block) => {
        const quoted = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        const content = ['a,b', ...quoted].join('\r\n');
        const expected: string[][] = parse(content);
        expect(await rowsOf(content, block)).toEqual(expected.slice(1));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a,b\n1,2\n', [['1', '2']]],
    ['a,b\n1,2', [['1', '2']]],
    ['a,b\r\n1,2\r\n', [['1', '2']]],
    ['a,b\n\n1,2\n\n', [['1', '2']]],
    ['\uFEFFa,b\n1,2\n', [['1', '2']]],
    ['b,x,a\n1,"",2\n', [['2', '1']]],
    ['a,b\n"x""y","""\n"\n', [['x"y', '"\n']]],
    ['a,b\n,""\n', [[null, '']]],
    ['a,b\n', []],
    ['a,b', []],
  ])('%j has the rows %j', async (content, expected) => {
    for (const block of [1, 3, 1000]) expect(await rowsOf(content, block)).toEqual(expected);
  });

  it('tells NULL from empty only as the contract says', async () => {
    expect(await rowsOf('a,b\n,NULL\n', 100, {})).toEqual([['', 'NULL']]);
    expect(await rowsOf('a,b\n,NULL\n', 100, { null: 'NULL' })).toEqual([['', null]]);
    expect(await rowsOf('a,b\n,"NULL"\n', 100, { null: 'NULL' })).toEqual([['', 'NULL']]);
  });

  it('may have another delimiter', async () => {
    expect(await rowsOf('a;b\n1,5;"2;3"\n', 100, { delimiter: ';' })).toEqual([['1,5', '2;3']]);
    expect(await rowsOf('a\tb\n1\t2\n', 100, { delimiter: '\t' })).toEqual([['1', '2']]);
  });

  it.each([
    ['a row with a cell too few', 'a,b\n1\n', 'payload-malformed'],
    ['a row with a cell too many', 'a,b\n1,2,3\n', 'payload-malformed'],
    ['an end inside quotes', 'a,b\n1,"2', 'payload-truncated'],
    ['a quote inside a cell', 'a,b\n1,2"3\n', 'payload-malformed'],
    ['text after a closing quote', 'a,b\n1,"2"3\n', 'payload-malformed'],
    ['a header with a name twice', 'a,b,a\n1,2,3\n', 'header-invalid'],
    ['a header without a column', 'a,c\n1,2\n', 'schema-changed'],
    ['bytes that are no UTF-8', Buffer.from('a,b\n1,\xff\n', 'latin1'), 'field-characters'],
  ])('is refused with %s', async (_name, content, code) => {
    for (const block of [1, 1000]) {
      const source = memorySource({ 'a.csv': content }, block);
      const read = readText(openFiles(endpoint, source), relationOver(endpoint, ['a', 'b']));
      await expect(read).rejects.toMatchObject({ code });
    }
  });

  it('is refused when a later file lacks a column', async () => {
    const source = memorySource({ 'a.csv': 'a,b\n1,2\n', 'b.csv': 'a,c\n1,2\n' }, 100);
    const read = readText(openFiles(endpoint, source), relationOver(endpoint, ['a', 'b']));
    await expect(read).rejects.toMatchObject({ code: 'schema-changed', errors: [{ pointer: '/b' }] });
  });

  it('is refused when it has another version than it had', async () => {
    const source = memorySource({ 'a.csv': 'a,b\n1,2\n' }, 100);
    const engine = openFiles(endpoint, source);
    const reader = await engine.read(relationOver(endpoint, ['a', 'b']), masks);
    const [partition] = await reader.plan(1);
    if (partition === undefined) throw new Error('No partition.');
    source.write('a.csv', 'a,b\n1,3\n');
    await expect(bytesOf(reader, partition)).rejects.toMatchObject({ code: 'snapshot-gone' });
  });

  it('holds no more of a file than a block and a row', () => {
    const rows = new CsvRows(',', 0);
    for (let index = 0; index < 1000; index++) {
      rows.feed(Buffer.from('1,2\n3,4\n5'));
      while (rows.advance());
      expect(rows.text.length).toBeLessThan(20);
      rows.feed(Buffer.from(',6\n'));
      while (rows.advance());
    }
  });

  it('counts rows from a sample', async () => {
    const source = memorySource({ 'a.csv': `a,b\n${'1,2\n'.repeat(1000)}` }, 100);
    const [file] = await source.list();
    if (file === undefined) throw new Error('No file.');
    const [part] = await csvFormat({}).parts(source, file, 1);
    expect(part?.estimatedRows).toBeGreaterThan(900);
    expect(part?.estimatedRows).toBeLessThan(1100);
  });
});
