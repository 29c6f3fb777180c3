/**
 * Reads and validates a sample of any number of records, and prints its peak memory as JSON. Run by bench/ingestion.ts and
 * by the slow tests, in a process of its own with `--expose-gc` (live memory is what is left after a collection) and a
 * small heap (`--max-old-space-size`), out of which it would run if it held the file.
 *
 * node --expose-gc --max-old-space-size=48 bench/ingestion-memory.ts <format> <records>
 */
import { setImmediate } from 'node:timers/promises';
import { readRecords } from '../shared/reading/read.ts';
import { MEDIA_TYPE_OF, SAMPLE_FORMATS } from '../shared/sample/write.ts';
import { compiled, sampleChunks } from './samples.ts';

const [name, count] = process.argv.slice(2);
const format = SAMPLE_FORMATS.find((each) => each === name);
const expected = Number(count);
if (format === undefined || !(expected > 0)) throw new Error('ingestion-memory.ts <format> <records>');

/** Collections are slow: so many are spread over the run. */
const MEASUREMENTS = 100;

let records = 0;
let accepted = 0;
let due = 0;
let liveBytes = 0;
for await (const batch of readRecords(sampleChunks(format, expected), MEDIA_TYPE_OF[format], compiled)) {
  records += batch.length;
  for (const { problems } of batch) if (problems === undefined) accepted += 1;
  if (records < due) continue;
  due += expected / MEASUREMENTS;
  // The first collection finds dead buffers, which are freed beside it; after the second they are gone.
  globalThis.gc?.();
  await setImmediate();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  liveBytes = Math.max(liveBytes, heapUsed + arrayBuffers);
}
const residentBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ format, records, accepted, liveBytes, residentBytes }));
