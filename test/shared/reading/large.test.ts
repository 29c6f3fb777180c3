import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { goodRecord } from '../contract/reference.ts';
import { FORMATS, read, summaryOf, written } from './payload.ts';

const MEGABYTE = 1024 * 1024;
const FIELD_BYTES = 100 * MEGABYTE;
const MARK = 'THE LARGE FIELD';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes that are alive: dead buffers are found by the first collection, and gone after the second. */
async function liveBytes(): Promise<number> {
  for (let times = 0; times < 2; times += 1) {
    if (typeof collect !== 'function') throw new Error('This test collects garbage.');
    collect();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A good record, one whose purpose is 100 MB of `filler`, and a good one; `watch` is called in the middle, now and then. */
async function* payload(text: string, filler: string, watch: () => Promise<void>): AsyncGenerator<Uint8Array> {
  const [before = '', after = ''] = text.split(MARK);
  yield Buffer.from(before);
  const piece = filler.repeat(Math.ceil((128 * 1024) / filler.length));
  for (let sent = 0; sent < FIELD_BYTES; sent += piece.length) {
    yield Buffer.from(piece);
    if (sent % (8 * MEGABYTE) < piece.length) await watch();
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
    const before = await liveBytes();
    let peak = 0;
    const watch = async (): Promise<void> => {
      peak = Math.max(peak, (await liveBytes()) - before);
    };
    const result = await read(payload(text, filler, watch), mediaType);
    expect(result.refused).toBeUndefined();
    expect(result.records.map(summaryOf)).toEqual(['ok', 'record-too-large', 'ok']);
    const { start = 0, end = 0 } = result.records[1]?.range ?? {};
    expect(end - start).toBeGreaterThan(FIELD_BYTES);
    expect(peak).toBeLessThan(8 * MEGABYTE);
  });
});
