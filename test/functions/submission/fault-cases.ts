import { expect, it } from 'vitest';
import { runIdOf } from '../../../shared/run-id.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import type { FaultKind } from '../../support/memory/faults.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { type Ending, endingOf } from './invariants.ts';

export interface FaultCase {
  readonly records: number;
  readonly chunkRecords: number;
  /** Which kinds are tried at the call of this ordinal. */
  readonly kinds: (ordinal: number) => readonly FaultKind[];
}

/** Fails every call of a run in turn; whatever fails, the run must come to the same end. */
export function faultCases({ records, chunkRecords, kinds }: FaultCase): void {
  const body = sample({ records, faults: 0.3, contacts: 5 }).text;

  const open = async (): Promise<World> => {
    const world = await World.open();
    world.chunkRecords = chunkRecords;
    return world;
  };
  const faultless = async (): Promise<{ readonly ending: Ending; readonly calls: readonly string[] }> => {
    const world = await open();
    const upload = await world.upload({ body });
    expect((await execute(world, upload)).status).toBe('SUCCEEDED');
    return { ending: await endingOf(world, runIdOf(upload)), calls: world.faults.calls };
  };
  const everyCall = async (
    calls: readonly string[],
    attempt: (ordinal: number, kind: FaultKind) => Promise<Ending>,
    ending: Ending,
  ): Promise<void> => {
    let tried = 0;
    for (const [index, name] of calls.entries()) {
      for (const kind of kinds(index + 1)) {
        const at = `${index + 1} ${name} ${kind}`;
        expect({ at, ...(await attempt(index + 1, kind)) }).toEqual({ at, ...ending });
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(50);
    console.log(`${tried} faults tried at ${calls.length} calls`);
  };

  it('[B12] comes to the same end when one call fails and the stage is retried', async () => {
    const { ending, calls } = await faultless();
    const attempt = async (ordinal: number, kind: FaultKind): Promise<Ending> => {
      const world = await open();
      world.faults.plan = (call) => (call.ordinal === ordinal ? kind : undefined);
      const upload = await world.upload({ body });
      expect((await execute(world, upload)).status).toBe('SUCCEEDED');
      return endingOf(world, runIdOf(upload));
    };
    await everyCall(calls, attempt, ending);
  });

  it('[B12] comes to the same end when a call fails beyond all retries, and another execution resumes', async () => {
    const { ending, calls } = await faultless();
    const attempt = async (ordinal: number, kind: FaultKind): Promise<Ending> => {
      const world = await open();
      let broken = false;
      // From this call on, the same call fails until the execution has ended.
      world.faults.plan = (call) => {
        broken ||= call.ordinal === ordinal;
        return broken && call.name === calls[ordinal - 1] ? kind : undefined;
      };
      const upload = await world.upload({ body });
      await execute(world, upload, { retries: 1 });
      world.faults.plan = () => undefined;
      // The seal has given the lease up, or it runs out.
      world.nowMs += 3_600_000;
      await execute(world, upload, { execution: `${EXECUTION}-again` });
      return endingOf(world, runIdOf(upload));
    };
    await everyCall(calls, attempt, ending);
  });

  it('comes to the same end when every kind of call fails once', async () => {
    const { ending } = await faultless();
    const world = await open();
    const failed = new Set<string>();
    world.faults.plan = ({ name }) => {
      if (failed.has(name)) return undefined;
      failed.add(name);
      return failed.size % 2 === 0 ? 'after' : 'before';
    };
    const upload = await world.upload({ body });
    expect((await execute(world, upload, { retries: 30 })).status).toBe('SUCCEEDED');
    expect(await endingOf(world, runIdOf(upload))).toEqual(ending);
  });
}
