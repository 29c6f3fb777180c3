/** Values as keys, over real engines: each form against every other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES } from '../../../support/sweep/adversary/families/all.ts';
import { Grounds } from '../../../support/sweep/adversary/grounds.ts';
import { canBeKey, keyedSides, keyMistakes, sweepKeys } from '../../../support/sweep/adversary/keyed.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

describe('keys that are easily taken for each other, in every form against every form', () => {
  it.each(FAMILIES.filter(canBeKey).map((family) => [family.name, family] as const))(
    '[S05] [S06] [S11] name one row each, however they are written: %s',
    async (_name, family) => {
      const sides = await keyedSides(grounds, family);
      const mistakes: string[] = [];
      for (const left of sides) {
        for (const right of sides) {
          mistakes.push(...keyMistakes(family, left, right, await sweepKeys(family, left, right)));
        }
      }
      expect(mistakes).toEqual([]);
    },
  );
});
