import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Case, coldCalls, everyCall, otherWays, secondAttempts, takenUp } from './faults/cases.ts';
import type { Lane } from './faults/lane.ts';
import { type Call, SEEN_BY_STAGES } from './faults/plan.ts';
import { tryAll } from './faults/trials.ts';

const LANES = Math.min(4, availableParallelism());
/** Minutes on two idle processors are many more on busy ones. */
const PATIENCE_MS = 60 * 60_000;

const GROUPS: Readonly<Record<string, (lane: Lane, warm: readonly Call[]) => Case[] | Promise<Case[]>>> = {
  'each call of a run': (_lane, warm) => everyCall(warm),
  'each call that only a function just started makes': coldCalls,
  'each call of a second attempt, behind what the first one committed': secondAttempts,
  'each call of a refusal, a duplicate, a release and a discard': otherWays,
  'each call of sealing a failed run, and of taking it up': (lane) => takenUp(lane, SEEN_BY_STAGES),
};

/** Every record in one place, the same exports, a seal that verifies: faults/ending.ts says what has to hold. */
describe('the submission flow, with each single fault', () => {
  it.each(Object.entries(GROUPS))(
    '[B12] [P09] comes to the same end with a fault at %s',
    async (name, choose) => {
      const { tried, wrong } = await tryAll(LANES, async (lane, warm) => choose(lane, warm));
      console.log(`${tried} cases: ${name}`);
      expect(wrong).toEqual([]);
      expect(tried).toBeGreaterThan(5);
    },
    PATIENCE_MS,
  );
});
