import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goodRecord } from '../contract/reference.ts';
import { anyRecord, chunked, FORMATS, read, summaryOf, written } from './payload.ts';

const values = (records: readonly { readonly value?: unknown }[]): unknown[] => records.map((record) => record.value);

describe('the four formats', () => {
  it('[B06] the same records read to the same values from CSV, XML, JSON and NDJSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), async (records) => {
        for (const { format, mediaType } of FORMATS) {
          const result = await read(written(format, records), mediaType);
          expect(result.refused, format).toBeUndefined();
          expect(values(result.records), format).toEqual(records);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each(FORMATS)(
    '[B06] $format reads the same whatever the sizes of chunks and blocks',
    async ({ format, mediaType }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.oneof(anyRecord, anyRecord, fc.constant(goodRecord({ ein: 'wrong', purpose: 'é'.repeat(300) }))),
            {
              minLength: 1,
              maxLength: 4,
            },
          ),
          fc.integer({ min: 1, max: 200 }),
          fc.integer({ min: 16, max: 3000 }),
          fc.integer({ min: 300, max: 1500 }),
          async (records, chunkBytes, blockBytes, maxRecordBytes) => {
            const payload = written(format, records);
            const whole = await read(payload, mediaType, { maxRecordBytes });
            const split = await read(chunked(payload, chunkBytes), mediaType, { blockBytes, maxRecordBytes });
            expect(split).toEqual(whole);
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  it.each(FORMATS)('[B06] $format reads hostile text the same whatever the blocks', async ({ format, mediaType }) => {
    const good = written(format, [goodRecord({ purpose: 'a "b" <c> &amp;\n\u{1f600}' }), goodRecord()]);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: good.length }),
        fc.integer({ min: 0, max: 3 }),
        fc.oneof(
          fc.constantFrom(...'"\'<>&{}[]:,\\-!?/\r\n ', '""', '<!--', '-->', ']]>', '\\"', '\r\n', 'é', '\ufeff'),
          fc.string(),
        ),
        fc.integer({ min: 16, max: 200 }),
        async (at, removed, inserted, blockBytes) => {
          const payload = good.slice(0, at) + inserted + good.slice(at + removed);
          const whole = await read(payload, mediaType);
          const split = await read(chunked(payload, 7), mediaType, { blockBytes });
          expect({ ...split, records: [], problem: 0 }).toEqual({ ...whole, records: [], problem: 0 });
          if (whole.refused === undefined) expect(split.records).toEqual(whole.records);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each(FORMATS)('[B06] $format gives every record its place: ordinal and bytes', async ({ format, mediaType }) => {
    const records = [goodRecord(), goodRecord({ purpose: 'é\nü', ein: 'bad' }), goodRecord({ contact_name: 'x' })];
    for (const mark of ['', '\ufeff']) {
      const payload = Buffer.from(mark + written(format, records));
      const result = await read(payload, mediaType);
      expect(result.records.map((record) => record.record)).toEqual([1, 2, 3]);
      expect(result.records.map(summaryOf)).toEqual(['ok', 'field-format /ein', 'field-length /contact_name']);
      for (const item of result.records) {
        const slice = payload.subarray(item.range.start, item.range.end);
        if (item.problems !== undefined) expect(Buffer.from(item.raw ?? [])).toEqual(slice);
        const alone = slice.toString('utf8');
        expect(alone.startsWith('\r') || alone.endsWith('\n') || alone.endsWith(',')).toBe(false);
        expect(alone).toContain('R-000001');
      }
    }
  });

  it.each(FORMATS)(
    '[B02] $format: a record too large is skipped and placed, its neighbours go on',
    async ({ format, mediaType }) => {
      const payload = Buffer.from(
        written(format, [goodRecord(), goodRecord({ purpose: 'é"<,{'.repeat(900) }), goodRecord()]),
      );
      for (const blockBytes of [16, 100, 1000, 100_000]) {
        const result = await read(chunked(payload, 64), mediaType, { maxRecordBytes: 2000, blockBytes });
        expect(result.records.map(summaryOf)).toEqual(['ok', 'record-too-large', 'ok']);
        const large = result.records[1];
        expect(large?.problems === undefined ? undefined : large.raw).toBeUndefined();
        const slice = payload.subarray(large?.range.start, large?.range.end).toString('utf8').trim();
        expect(slice).toContain('R-000001');
        expect(slice.length).toBeGreaterThan(2000);
        expect(payload.toString('utf8').split('R-000001')[2]).toContain(slice.slice(-500).trim());
      }
    },
  );

  /**
   * A file cut at any byte: refused, or a proper prefix of the records with nothing changed in them. CSV cannot tell a
   * last row cut inside its last cell from a whole one, so that there the last row may differ in that cell alone.
   */
  it.each(FORMATS)('[B02] $format: no cut gives a silent part of a record', async ({ format, mediaType }) => {
    const records = [goodRecord({ purpose: 'one\ntwo "three" é' }), goodRecord({ submission_ref: 'R-000002' })];
    const payload = Buffer.from(written(format, records));
    let refused = 0;
    for (let length = 0; length < payload.length; length += 1) {
      const result = await read(payload.subarray(0, length), mediaType, { blockBytes: 64 });
      if (result.refused !== undefined) {
        refused += 1;
        expect(['payload-truncated', 'payload-empty', 'header-invalid', 'payload-malformed']).toContain(result.refused);
        continue;
      }
      // What is left after the end of the root or of the array is white space only.
      if (format === 'json' || format === 'xml') expect(payload.subarray(length).toString('utf8').trim()).toBe('');
      const last = result.records.at(-1);
      const proper = records.slice(0, result.records.length);
      if (format === 'csv') {
        expect(values(result.records.slice(0, -1))).toEqual(proper.slice(0, -1));
        if (last?.value !== undefined) expect(last.value).toEqual(proper.at(-1));
        else expect(last?.problems).toEqual([expect.objectContaining({ pointer: '/multi_year' })]);
      } else expect(values(result.records)).toEqual(proper);
    }
    expect(refused).toBeGreaterThan(payload.length * 0.7);
  });

  it.each(FORMATS)('[B06] $format without a record is empty', async ({ format, mediaType }) => {
    for (const payload of ['', '\ufeff', written(format, [])]) {
      expect((await read(payload, mediaType)).refused).toBe('payload-empty');
    }
  });
});
