import { describe, expect, it } from 'vitest';
import { everyCall } from './faults/cases.ts';
import { tryAll } from './faults/trials.ts';

/** Shares no divisor with the number of kinds, so that every kind has its turn. Every case is in faults.full.test.ts. */
const EVERY_SO_MANY = 23;

describe('the submission flow, with one fault', () => {
  it('[B12] [P09] comes to the same end whichever call fails, and however', async () => {
    const { tried, wrong } = await tryAll(1, async (_lane, warm) =>
      everyCall(warm).filter((_case, index) => index % EVERY_SO_MANY === 0),
    );
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(25);
  }, 180_000);
});
