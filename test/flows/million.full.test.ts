import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAGES } from '../../shared/names.ts';
import { sampleText } from '../../shared/sample/sample.ts';
import { CONTRACT, type Flow, LEDGER, startFlow } from './support.ts';

/** A machine that is too small for a million says how many. */
const MANY = Number(process.env.PARAPET_MANY_RECORDS ?? 1_000_000);
const FEW = 10_000;
const FAULTS = 0.01;
/** What the collector has not seen to yet lies in it, too: bench/ingestion.ts measures what lives. The file has 247 MB. */
const MEMORY_MB = 400;
const PATIENCE_MS = 60 * 60_000;

interface Measured {
  readonly chunks: number;
  /** By operation. */
  readonly calls: Readonly<Record<string, number>>;
}

describe('the submission flow, with a million records', () => {
  let flow: Flow;
  beforeAll(async () => {
    flow = await startFlow();
  });
  afterAll(() => flow.remove());

  const submit = async (records: number): Promise<Measured> => {
    const file = join(flow.folder, `${records}.csv`);
    await writeSample(file, records);
    const before = flow.cloud.report().operations;
    const { run } = await flow.submitFile(file, { contentType: 'text/csv' });
    await flow.cloud.idle();
    const after = flow.cloud.report().operations;
    const calls = Object.entries(after).map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)]);
    const { report, seal } = await flow.settle(run);
    const quarantined = records * FAULTS;
    expect(report.outcome).toBe('partly-exported');
    expect(report.records).toEqual({ received: records, exported: records - quarantined, quarantined });
    expect(seal.counts).toEqual(report.records);
    expect(seal.actions['record.exported']).toBe(records - quarantined);
    expect(seal.actions['record.quarantined']).toBe(quarantined);
    expect(report.exports.reduce((sum, part) => sum + part.records, 0)).toBe(records - quarantined);
    const commits = new Set(report.exports.map(({ key }) => /part-(\d+)/.exec(key)?.[1]));
    return { chunks: commits.size, calls: Object.fromEntries(calls.filter(([, count]) => count > 0)) };
  };

  it(
    'makes no more calls for each chunk than for ten thousand, and holds no more than a chunk',
    async () => {
      const few = await submit(FEW);
      const many = await submit(MANY);
      print(few, FEW);
      print(many, MANY);
      expect(Math.max(...printMemory(flow))).toBeLessThan(MEMORY_MB);

      // A key for the chunk's vault segment, and one for what each of three stages quarantines of it.
      expect(many.calls['KMS.GenerateDataKey']).toBeLessThanOrEqual(4 * many.chunks);
      // Egress opens the key of the chunk's vault segment.
      expect(many.calls['KMS.Decrypt']).toBe(many.chunks);
      for (const [operation, count] of Object.entries(many.calls)) {
        const before = few.calls[operation] ?? 0;
        // What a run does once is in the smaller share; nothing may grow faster than the chunks.
        expect({ operation, perChunk: count / many.chunks <= before / few.chunks }).toEqual({
          operation,
          perChunk: true,
        });
      }
      expect(flow.cloud.report()).toMatchObject({ denied: 0, defects: [] });
    },
    PATIENCE_MS,
  );
});

async function writeSample(file: string, records: number): Promise<void> {
  const options = { contract: CONTRACT, ledger: LEDGER, format: 'csv', seed: 'million', contacts: 1_000 } as const;
  const pieces = function* (): Generator<string> {
    let piece = '';
    for (const text of sampleText({ ...options, records, faults: FAULTS })) {
      piece += text;
      if (piece.length < 64 * 1024) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  };
  await pipeline(Readable.from(pieces()), createWriteStream(file));
}

function print({ chunks, calls }: Measured, records: number): void {
  const rates = Object.entries(calls).map(([name, count]) => `${name} ${((count / records) * 1_000).toFixed(2)}`);
  console.log(`${records} records in ${chunks} chunks; calls per thousand records: ${rates.join(', ')}`);
}

/** Of the longest invocation of each stage: how long it took, and what its isolate held at most. Returns the latter. */
function printMemory({ cloud, connection }: Flow): number[] {
  const held: number[] = [];
  for (const stage of STAGES) {
    const log = readFileSync(join(cloud.folder, 'logs', `parapet-${connection.deployment}-${stage}.log`), 'utf8');
    const reports = log
      .split('\n')
      .filter((line) => line.includes('"platform.report"'))
      .map((line) => JSON.parse(line).record.metrics as { durationMs: number; maxMemoryUsedMB?: number });
    const longest = reports.toSorted((one, other) => other.durationMs - one.durationMs)[0];
    const { durationMs = 0, maxMemoryUsedMB = 0 } = longest ?? {};
    console.log(`${stage}: ${(durationMs / 1_000).toFixed(1)} s, ${maxMemoryUsedMB} MB at most`);
    held.push(maxMemoryUsedMB);
  }
  console.log(`the whole process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most`);
  return held;
}
