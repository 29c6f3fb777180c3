import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { columnsOf, exportRow } from '../../../functions/submission/egress/export-record.ts';
import { encodeCsv } from '../../../functions/submission/egress/formats/csv.ts';
import { encodeJson, encodeNdjson } from '../../../functions/submission/egress/formats/json.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import { exportsOf } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { endingOf } from './invariants.ts';

const field = (name: string, kind: 'text' | 'decimal' = 'text') => ({
  name,
  title: name,
  class: 'internal' as const,
  required: false,
  type:
    kind === 'text'
      ? ({ kind, minLength: 0, maxLength: 100 } as const)
      : ({ kind, scale: 2, minimum: '-9.00', maximum: '9.00' } as const),
});

describe('egress', () => {
  it('[B22] resolves tokens for the destination of each grantor, in its format, and for nobody else', async () => {
    const world = await World.open();
    const { text, records } = sample({ records: 60 });
    const upload = await world.upload({ body: text });
    await execute(world, upload);
    const exports = exportsOf(world, runIdOf(upload));
    for (const [grantor, { name, format }] of world.destinations.items) {
      const own = records.filter(({ record }) => record.grantor_id === grantor);
      const part = exports.get(`${name}/part-000000.${format}`) ?? '';
      for (const { record } of own) expect(part).toContain(record.contact_email);
      const strangers = records.filter(({ record }) => record.grantor_id !== grantor);
      for (const { record } of strangers) expect(part).not.toContain(record.submission_ref);
      expect(JSON.parse(exports.get(`${name}/manifest.json`) ?? '')).toMatchObject({ records: own.length });
    }
  });

  it('[P17] gives back what was submitted, and what the pack derived, to the character', async () => {
    const world = await World.open();
    for (const [grantor, destination] of world.destinations.items) {
      world.destinations.items.set(grantor, { ...destination, format: 'ndjson' });
    }
    const { text, records } = sample({ records: 40 });
    const upload = await world.upload({ body: text });
    await execute(world, upload);
    const rows = [...exportsOf(world, runIdOf(upload))]
      .filter(([key]) => key.endsWith('.ndjson'))
      .flatMap(([, part]) => part.trimEnd().split('\n'))
      .map((line) => JSON.parse(line));
    const byReference = new Map(rows.map((row) => [row.submission_ref, row]));
    for (const { record } of records) expect(byReference.get(record.submission_ref)).toMatchObject(record);
    expect(rows[0]).toMatchObject({ form990_expense_line: 'IX-1' });
  });

  const read: Readonly<Record<'json' | 'csv', (text: string) => Record<string, unknown>[]>> = {
    json: (text) => JSON.parse(text),
    csv: (text) => parseCsv(text, { columns: true, record_delimiter: '\r\n' }),
  };
  it.each(['json', 'csv'] as const)('[P17] gives back in %s what was submitted, whoever reads it', async (format) => {
    const world = await World.open();
    for (const [grantor, destination] of world.destinations.items) {
      world.destinations.items.set(grantor, { ...destination, format });
    }
    const { text, records } = sample({ records: 40 });
    const upload = await world.upload({ body: text });
    await execute(world, upload);
    const rows = [...exportsOf(world, runIdOf(upload))]
      .filter(([key]) => key.includes('/part-'))
      .flatMap(([, part]) => read[format](part));
    expect(rows).toHaveLength(records.length);
    const byReference = new Map(rows.map((row) => [row.submission_ref, row]));
    for (const { record } of records) {
      // CSV has texts alone: a number is what it looks like, an absent value an empty cell.
      const submitted = Object.entries(record).map(([name, value]) => [name, format === 'csv' ? String(value) : value]);
      expect(byReference.get(record.submission_ref)).toMatchObject(Object.fromEntries(submitted));
    }
  });

  it('[B15] lets out what the contract lists and nothing else, whatever a record has gathered on its way', () => {
    const columns = [field('one'), field('two')];
    const fields: Record<string, string> = Object.create({ two: 'inherited' });
    Object.assign(fields, { one: 'a', marker: '_boundary' });
    expect(exportRow(columns, fields, { two: 'derived', trace: 'x' })).toEqual(['a', 'derived']);
    expect(exportRow(columns, fields, undefined)).toEqual(['a', undefined]);
  });

  it('[B15] lets no token and no marker of ours out', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: sample({ records: 60 }).text });
    await execute(world, upload);
    const run = runIdOf(upload);
    for (const text of exportsOf(world, run).values()) expect(text).not.toMatch(/tok_|sub_|chunk|attempt|_meta/);
    expect(columnsOf(world.contract).map(({ name }) => name)).toContain('form990_tax_year');
  });

  it('[B18] cannot export a subject whose keys are gone: token-unresolvable, and the others go out', async () => {
    const world = await World.open();
    const { text } = sample({ records: 30, contacts: 3 });
    const upload = await world.upload({ body: text });
    world.faults.plan = ({ name }) => (name === 'destinations.find' ? 'before' : undefined);
    await execute(world, upload, { retries: 0 });
    world.faults.plan = () => undefined;
    const [erased = ''] = world.subjectKeys.items.keys();
    world.subjectKeys.items.delete(erased);
    const { sealed } = await execute(world, upload, { execution: `${EXECUTION}-2` });
    expect(sealed?.outcome).toBe('partly-exported');
    const { quarantined, exported } = await endingOf(world, runIdOf(upload));
    expect(quarantined.length).toBeGreaterThan(0);
    expect(exported.length).toBeGreaterThan(0);
    expect(new Set(quarantined.map(({ code }) => code))).toEqual(new Set(['token-unresolvable']));
  });

  it('[B17] delivers to registered destinations only', async () => {
    const world = await World.open();
    world.destinations.items.delete('GTR-0001');
    const registered = world.destinations.items.get('GTR-0002');
    // Registered, but not for this dataset.
    if (registered) world.destinations.items.set('GTR-0002', { ...registered, datasets: ['other'] });
    const { text, records } = sample({ records: 60 });
    const upload = await world.upload({ body: text });
    await execute(world, upload);
    const { quarantined } = await endingOf(world, runIdOf(upload));
    const refused = records.flatMap(({ record }, index) =>
      record.grantor_id === 'GTR-0001' || record.grantor_id === 'GTR-0002' ? [index + 1] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(quarantined).toEqual(refused.map((record) => ({ record, code: 'destination-unregistered' })));
  });

  it('calls nothing but the key service to open a chunk, once', async () => {
    const world = await World.open();
    world.chunkRecords = 20;
    const upload = await world.upload({ body: sample({ records: 60 }).text });
    await execute(world, upload);
    expect(world.faults.calls.filter((name) => name === 'vaultKey.open')).toHaveLength(3);
    expect(world.faults.calls.filter((name) => name === 'vaultKey.generate')).toHaveLength(3);
  });
});

describe('the formats of an export', () => {
  const columns = [field('a'), field('b', 'decimal'), field('c')];

  it('writes CSV as RFC 4180 has it', () => {
    const rows = [
      ['x', '1.00', undefined],
      ['with, comma', '-2.00', 'line\nbreak'],
      ['"quoted"', undefined, ''],
    ];
    expect(encodeCsv(columns, rows)).toBe(
      'a,b,c\r\nx,1.00,\r\n"with, comma",-2.00,"line\nbreak"\r\n"""quoted""",,\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('gives no spreadsheet %j as a formula', (text) => {
    const [, row = ''] = encodeCsv([field('a')], [[text]]).split('\r\n');
    expect(row).toBe(`'${text}`);
  });

  it('writes JSON and NDJSON with the members that there are, in column order', () => {
    const rows = [
      ['x', undefined, 'z'],
      [undefined, '1.00', undefined],
    ];
    expect(encodeNdjson(columns, rows)).toBe('{"a":"x","c":"z"}\n{"b":"1.00"}\n');
    expect(encodeJson(columns, rows)).toBe('[\n{"a":"x","c":"z"},\n{"b":"1.00"}\n]\n');
  });
});
