import { existsSync, mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUrls } from '../../../cli/sweep/endpoints.ts';
import type { Lane } from '../../../cli/sweep/fan-out.ts';
import { folderStore } from '../../../cli/sweep/folder-store.ts';
import { localKeys, random } from '../../../cli/sweep/local-keys.ts';
import { sweep } from '../../../cli/sweep/sweep.ts';
import { ThreadLane } from '../../../cli/sweep/thread-lane.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';
import { FILES_CONTRACT, manyThings, ThingFiles } from '../../support/sweep/files.ts';
import { portsOf, requestOf } from '../../support/sweep/run.ts';

let files: ThingFiles;
beforeEach(() => {
  files = new ThingFiles();
});
afterEach(() => files.remove());

/** What a verdict says, without what no two sweeps have in common. */
function said({
  sweep: _id,
  fingerprints: _sums,
  startedAt: _start,
  endedAt: _end,
  durationMs: _ms,
  ...rest
}: Verdict) {
  return rest;
}

async function run(lanesOf: (lane: (program?: URL) => ThreadLane) => readonly Lane[]): Promise<Verdict> {
  const folder = files.at(`store-${Math.random()}`);
  mkdirSync(folder);
  const [storeKey, masterKey] = [random(32), random(32)];
  const setup = { contract: FILES_CONTRACT, urls: files.urls, folder, storeKey, masterKey };
  const ports = portsOf(openUrls(files.urls), {
    store: folderStore(folder, storeKey),
    keys: localKeys(masterKey),
    lanes: () => lanesOf((program) => new ThreadLane(setup, program)),
  });
  const { verdict } = await sweep(await requestOf(FILES_CONTRACT), ports);
  return verdict;
}

describe('[S20] worker threads', () => {
  const write = (): Promise<void> =>
    files.write(
      manyThings(2000),
      manyThings(1999, (row) => (row.id === 7 ? { ...row, amount: '0' } : row)),
    );

  it('come to one verdict, however many there are', async () => {
    await write();
    const one = await run((lane) => [lane()]);
    const three = await run((lane) => [lane(), lane(), lane()]);
    expect(one).toMatchObject({ verdict: 'DIVERGED', divergences: { missing: 1, extra: 0, changed: 1 } });
    expect(said(three)).toEqual(said(one));
  });

  it('come to the same verdict when one of them is killed and another takes its place', async () => {
    await write();
    const sound = await run((lane) => [lane(), lane()]);
    const program = new URL('./dying-thread.ts', import.meta.url);
    const killed = await run((lane) => [lane(program), lane(program)]);
    expect(said(killed)).toEqual(said(sound));
  });

  it('leave the sweep without an answer when each of them dies', async () => {
    await write();
    const verdict = await run((lane) => [lane(new URL('./dead-thread.ts', import.meta.url))]);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'worker-failed' }], listing: 'none' });
  });

  it('commit once where every task is given to two of them at the same time', async () => {
    await write();
    const sound = await run((lane) => [lane(), lane()]);
    const twice = await run((lane) => {
      const [left, right] = [lane(), lane()];
      const both: Lane = {
        run: async (task, watch) => {
          await Promise.all([left.run(task, watch), right.run(task, () => {})]);
        },
        stop: async () => void (await Promise.all([left.stop(), right.stop()])),
        end: async () => void (await Promise.all([left.end(), right.end()])),
      };
      return [both];
    });
    expect(said(twice)).toEqual(said(sound));
  });

  it('end, and let go of what they hold', async () => {
    await write();
    const lanes: ThreadLane[] = [];
    await run((lane) => {
      lanes.push(lane());
      return lanes;
    });
    await expect(lanes[0]?.end()).resolves.toBeUndefined();
    expect(existsSync(files.folder)).toBe(true);
  });
});
