import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { milestonesOfRun } from '../../cli/session/report.ts';
import { storesOf } from '../../cli/session/stores.ts';
import type { FaultHook } from '../../local/gateway/fault.ts';
import { storedVersions } from './inspect.ts';
import { type Flow, grants, startFlow } from './support.ts';

/** Chunk, vault segment, quarantine segment and problems are written, and then the entry that would make them count. */
const COMMIT = 5;
/** Marked objects expire after a week, superseded versions a day later, and then their markers. */
const LATER = [9, 12, 14];

describe('what an attempt has left that died before it committed', () => {
  let flow: Flow;
  beforeAll(async () => {
    let puts = 0;
    const hook: FaultHook = ({ operation, caller }) => {
      if (operation !== 'S3.PutObject' || !caller.name.endsWith('ingestion')) return undefined;
      puts += 1;
      return puts === COMMIT ? { kind: 'kill' } : undefined;
    };
    flow = await startFlow({ hook });
  });
  afterAll(() => flow.remove());

  it('expires from vault and quarantine, and nothing that an entry names ever does', async () => {
    const { content, contentType } = grants('ndjson', { records: 20, faults: 0.3, seed: 'left' });
    const { run } = await flow.submit('left.ndjson', content, { contentType });
    expect((await flow.settle(run)).report.outcome).toBe('partly-exported');
    const entries = await milestonesOfRun(storesOf(flow.operator, flow.connection).audit, run);
    const named = entries.flatMap((entry) =>
      entry.action === 'chunk.committed' ? entry.outputs.map(({ key }) => key) : [],
    );
    await flow.cloud.idle();
    expect(flow.cloud.report()).toMatchObject({ denied: 0, defects: [] });
    await flow.stop();

    const { folder, deployment } = flow.cloud;
    const left = async (inDays: readonly number[]): Promise<string[]> => {
      const kept = /^(segments|records|problems)\//;
      const versions = await storedVersions(folder, deployment, inDays);
      return [...new Set(versions.map(({ key }) => key))].filter((key) => kept.test(key)).toSorted();
    };
    const counted = named.filter((key) => /^(segments|records|problems)\//.test(key)).toSorted();
    const before = await left([]);
    expect(before).toEqual(expect.arrayContaining(counted));
    expect(before.filter((key) => !counted.includes(key)).map((key) => key.split('/')[0])).toEqual([
      'problems',
      'records',
      'segments',
    ]);
    expect(await left(LATER)).toEqual(counted);
    // However long it takes.
    expect(await left([10_000, 10_010])).toEqual(counted);
  });
});
