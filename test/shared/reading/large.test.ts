import { describe, expect, it } from 'vitest';
import { goodRecord } from '../contract/reference.ts';
import { FORMATS, read, summaryOf, written } from './payload.ts';

const MEGABYTE = 1024 * 1024;
const FIELD_BYTES = 100 * MEGABYTE;
const MARK = 'THE LARGE FIELD';

/** A good record, one whose purpose is 100 MB of `filler`, and a good one; the filler is one buffer, given again and again. */
async function* payload(text: string, filler: string, watch: () => void): AsyncGenerator<Uint8Array> {
  const [before = '', after = ''] = text.split(MARK);
  yield Buffer.from(before);
  const piece = Buffer.from(filler.repeat(Math.ceil((128 * 1024) / filler.length)));
  for (let sent = 0; sent < FIELD_BYTES; sent += piece.length) {
    yield piece;
    watch();
  }
  yield Buffer.from(after);
}

describe.each(FORMATS)('a field of 100 MB in $format', ({ format, mediaType }) => {
  const records = [goodRecord(), goodRecord({ purpose: MARK, submission_ref: 'R-000002' }), goodRecord()];

  it.each([
    ['letters', 'x'],
    // Inside quotes, a string or CDATA it would be structure elsewhere; in XML text it is escaped.
    ['structure', { csv: ',\r\n', json: '}],', ndjson: '}],', xml: '&lt;' }[format]],
  ])('[B06] [B02] of %s is skipped, not held, and its neighbours go on', async (_, filler) => {
    // A quote in the field makes CSV quote it.
    const text = written(format, records).replace(MARK, format === 'csv' ? `"${MARK}"` : MARK);
    const before = process.memoryUsage();
    let peak = 0;
    const watch = (): void => {
      const now = process.memoryUsage();
      peak = Math.max(peak, now.heapUsed + now.external - before.heapUsed - before.external);
    };
    const result = await read(payload(text, filler, watch), mediaType);
    expect(result.refused).toBeUndefined();
    expect(result.records.map(summaryOf)).toEqual(['ok', 'record-too-large', 'ok']);
    const { start = 0, end = 0 } = result.records[1]?.range ?? {};
    expect(end - start).toBeGreaterThan(FIELD_BYTES);
    expect(peak).toBeLessThan(FIELD_BYTES / 2);
  });
});
