import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../shared/problem.ts';
import { CsvScan } from '../../../shared/reading/csv/scan.ts';
import { compiled, goodRecord, without } from '../contract/reference.ts';
import { read, summary, written } from './payload.ts';

const CSV = 'text/csv';
const names = compiled.fields.map((field) => field.name);
const header = names.join(',');
const cells = names.map((name) => String(goodRecord()[name]));
const row = cells.join(',');
/** The good row with the cells of some fields replaced by raw text. */
const withCells = (over: Readonly<Record<string, string>>): string =>
  names.map((name, index) => over[name] ?? cells[index]).join(',');

describe('CSV', () => {
  it.each([
    ['CR LF', `${header}\r\n${row}\r\n`],
    ['LF', `${header}\n${row}\n`],
    ['both', `${header}\r\n${row}\n`],
    ['no end after the last row', `${header}\n${row}`],
    ['a CR for the last end', `${header}\r\n${row}\r`],
    ['a byte-order mark', `\ufeff${header}\n${row}\n`],
    ['a byte-order mark before a quoted header', `\ufeff"${names.join('","')}"\n${row}\n`],
    ['every cell quoted', `${header}\n"${cells.join('","')}"\n`],
    ['blank lines', `${header}\n\n${row}\n\r\n\n`],
    ['a header in another order', `${names.toReversed().join(',')}\n${cells.toReversed().join(',')}\n`],
  ])('[B06] reads %s', async (_, payload) => {
    const result = await read(payload, CSV);
    expect(result.refused).toBeUndefined();
    expect(result.records.map((record) => record.value)).toEqual([goodRecord()]);
  });

  it.each([
    ['a quoted comma', '"a, b"', 'a, b'],
    ['two quotes for one', '"a ""b"" c"', 'a "b" c'],
    ['nothing but quotes', '""""""', '""'],
    ['a quoted line feed', '"a\nb"', 'a\nb'],
    ['a quoted CR LF, as LF', '"a\r\nb"', 'a\nb'],
    ['spaces, kept', '  a  ', '  a  '],
    [
      'a billion laughs, as text',
      '"<!DOCTYPE x [<!ENTITY a ""&b;&b;"">]>&a;"',
      '<!DOCTYPE x [<!ENTITY a "&b;&b;">]>&a;',
    ],
    ['a formula, as text', "=cmd|'/c calc'!A1", "=cmd|'/c calc'!A1"],
    ['characters beyond ASCII', 'é€\u{1f600}', 'é€\u{1f600}'],
  ])('[B06] reads %s', async (_, cell, value) => {
    const result = await read(`${header}\n${withCells({ purpose: cell })}\n${row}\n`, CSV);
    expect(result.records.map((record) => record.value)).toEqual([goodRecord({ purpose: value }), goodRecord()]);
  });

  it('[B06] an empty cell of an optional field is absent, an optional column may be left out', async () => {
    const absent = await read(`${header}\n${withCells({ purpose: '' })}\n${withCells({ purpose: '""' })}\n`, CSV);
    expect(absent.records.map((record) => record.value)).toEqual([without('purpose'), without('purpose')]);
    const columns = names.filter((name) => name !== 'purpose');
    const left = await read(
      `${columns.join(',')}\n${columns.map((name) => String(goodRecord()[name])).join(',')}\n`,
      CSV,
    );
    expect(left.records.map((record) => record.value)).toEqual([without('purpose')]);
  });

  it.each([
    ['a cell too many', `${row},`, 'record-malformed'],
    ['a cell too few', cells.slice(0, -1).join(','), 'record-malformed'],
    ['a thousand cells', ','.repeat(2000), 'record-malformed'],
    ['one cell', 'x', 'record-malformed'],
    ['an empty required cell', withCells({ ein: '' }), 'field-missing /ein'],
    ['a NUL', withCells({ purpose: 'a\0b' }), 'field-characters /purpose'],
    ['a quoted CR alone', withCells({ purpose: '"a\rb"' }), 'field-characters /purpose'],
    ['a byte-order mark in a row', `\ufeff${row}`, 'field-format /submission_ref'],
    ['a quoted boolean with a space', withCells({ multi_year: '" true"' }), 'field-format /multi_year'],
  ])('[B02] quarantines a row with %s', async (_, bad, expected) => {
    expect(await summary(`${header}\n${row}\n${bad}\n${row}\n`, CSV)).toEqual(['ok', expected, 'ok']);
  });

  it.each([
    ['a quote in mid-cell', withCells({ purpose: 'a"b' }), 'payload-malformed'],
    ['text after a closing quote', withCells({ purpose: '"a"b' }), 'payload-malformed'],
    ['a space before a quote', withCells({ purpose: ' "a"' }), 'payload-malformed'],
    ['a NUL after a closing quote', withCells({ purpose: '"a"\0' }), 'payload-malformed'],
    ['a CR alone', `${row}\r${row}`, 'payload-malformed'],
    ['a missing end quote', `${withCells({ purpose: '"a' })}\n${row}`, 'payload-truncated'],
    ['a missing end quote in the last cell', `${cells.slice(0, -1).join(',')},"true`, 'payload-truncated'],
    ['a last row cut', `${row}\n${cells.slice(0, 3).join(',')}`, 'payload-truncated'],
  ])('[B02] refuses %s', async (_, rows, code) => {
    const payload = `${header}\n${row}\n${rows}${code === 'payload-truncated' ? '' : '\n'}`;
    expect(await summary(payload, CSV)).toBe(code);
    expect(await summary(payload, CSV, { blockBytes: 16, maxRecordBytes: 300 })).toBe(code);
  });

  it.each([
    ['a field twice', `${header},ein`, [['/ein', 'once']]],
    ['an unknown field', `${header},nickname`, [['/nickname', 'a field of the contract']]],
    ['an unknown name that could be a value', `${header},ada@example.org`, [['/#1', 'a field of the contract']]],
    ['a required field missing', names.filter((name) => name !== 'ein').join(','), [['/ein', 'required']]],
    [
      'a space before a name',
      header.replace('ein', ' ein'),
      [
        ['/ein', 'required'],
        ['/#1', 'a field of the contract'],
      ],
    ],
    [
      'another case',
      header.replace('ein', 'EIN'),
      [
        ['/ein', 'required'],
        ['/EIN', 'a field of the contract'],
      ],
    ],
    ['an empty name', `${header},`, [['/#1', 'a field of the contract']]],
    ['a prototype key', `${header},__proto__`, [['/__proto__', 'a field of the contract']]],
    [
      'two byte-order marks',
      `\ufeff\ufeff${header}`,
      [
        ['/submission_ref', 'required'],
        ['/#1', 'a field of the contract'],
      ],
    ],
    ['another separator', header.replaceAll(',', ';'), [['', 'a header line']]],
    ['no header, whose data nothing repeats', row, [['', 'a header line']]],
  ])('[B02] [B03] refuses a header with %s', async (_, line, errors) => {
    const result = await read(`${line}\n${row}\n`, CSV);
    expect(result.refused).toBe('header-invalid');
    expect(result.problem?.errors?.map((error) => [error.pointer, error.rule])).toEqual(errors);
    expect(JSON.stringify(result.problem?.toDocument())).not.toMatch(/Ada|example\.org|94-1234567/);
  });

  it('[B02] refuses a header that is too long', async () => {
    expect(await summary(`${header},${'x,'.repeat(50_000)}\n${row}\n`, CSV)).toBe('header-invalid');
  });

  it.each([
    ['XML', '<?xml version="1.0"?><grants/>'],
    ['a JSON array', '[{}]'],
    ['a JSON object', '{"a":1}'],
  ])('[B02] refuses %s', async (_, payload) => {
    expect(await summary(payload, CSV)).toBe('media-type-unsupported');
  });

  it('[B02] a fault inside a row too large to hold is still a fault', async () => {
    const large = withCells({ purpose: `${'x'.repeat(5000)}"` });
    expect(await summary(`${header}\n${large}\n${row}\n`, CSV, { maxRecordBytes: 1000, blockBytes: 64 })).toBe(
      'payload-malformed',
    );
  });
});

/** All rows of a text as our scan sees them, or undefined where it refuses. */
function rowsByScan(text: string): string[][] | undefined {
  const bytes = Buffer.from(text);
  const scan = new CsvScan();
  const rows: string[][] = [];
  const take = (start: number): void => {
    const count = scan.cells;
    const row = Array.from({ length: count }, (_, cell) => {
      const raw = bytes.toString('utf8', start + (scan.starts[cell] ?? 0), start + (scan.ends[cell] ?? 0));
      return scan.quoted[cell] === 1 ? raw.replaceAll('""', '"') : raw;
    });
    if (scan.length > 0) rows.push(row);
    scan.reset();
  };
  scan.reset();
  let start = 0;
  try {
    for (;;) {
      const end = scan.scan(bytes, start, 0, 0);
      if (end < 0) break;
      take(start);
      start = end;
    }
    if (scan.insideQuotes) return undefined;
    if (start < bytes.length) {
      scan.finish(bytes.length - start);
      take(start);
    }
    return rows;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function rowsByLibrary(text: string): string[][] | undefined {
  try {
    return parse(text, { record_delimiter: ['\r\n', '\n'], relax_column_count: true, skip_empty_lines: true });
  } catch {
    return undefined;
  }
}

describe('the CSV scan beside a public parser', () => {
  it('[B06] finds the same rows and cells, and refuses what that refuses', () => {
    let accepted = 0;
    const piece = fc.constantFrom('a', 'é', '"', '""', ',', '\n', '\r\n', ' ', '"x"', '"y,\n"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join('');
        const ours = rowsByScan(text);
        const theirs = rowsByLibrary(text);
        if (ours !== undefined) accepted += 1;
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });

  it('[B06] reads what the generator writes as that reads it', () => {
    const text = written('csv', [goodRecord({ purpose: 'a "b",\n\u{1f600}' }), goodRecord()]);
    expect(rowsByScan(text)).toEqual(rowsByLibrary(text));
  });
});
