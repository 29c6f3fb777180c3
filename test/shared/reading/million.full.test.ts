import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../contract/reference.ts';
import { FORMATS } from './payload.ts';

const run = promisify(execFile);
const HEAP_MEGABYTES = 48;

/** In a process of its own whose heap a million records, or a tenth of them, would overflow. */
async function read(
  format: string,
  records: number,
): Promise<{ records: number; accepted: number; liveBytes: number }> {
  const flags = ['--expose-gc', `--max-old-space-size=${HEAP_MEGABYTES}`, '--max-semi-space-size=2'];
  const script = join(ROOT, 'bench', 'ingestion-memory.ts');
  const { stdout } = await run(process.execPath, [...flags, script, format, String(records)]);
  return JSON.parse(stdout);
}

describe('a million records', () => {
  it.each(FORMATS)('[B06] in $format are read in the memory that ten thousand take', async ({ format }) => {
    const small = await read(format, 10_000);
    const large = await read(format, 1_000_000);
    expect(large.records).toBe(1_000_000);
    expect(large.accepted).toBeGreaterThan(990_000);
    expect(large.liveBytes).toBeLessThan(small.liveBytes * 1.1);
  });
});
