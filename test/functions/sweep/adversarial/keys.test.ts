/** Values as keys, over real engines: some forms against some. The whole product is in the full suite. */
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

describe('keys that are easily taken for each other', () => {
  it.each(FAMILIES.filter(canBeKey).map((family, index) => [family.name, family, index] as const))(
    '[S05] [S06] [S11] name one row each, however they are written: %s',
    async (_name, family, index) => {
      const sides = await keyedSides(grounds, family);
      const mistakes: string[] = [];
      for (const [at, left] of sides.entries()) {
        const right = sides[(at + 1 + (index % (sides.length - 1))) % sides.length];
        if (right === undefined || at % 3 !== index % 3) continue;
        mistakes.push(...keyMistakes(family, left, right, await sweepKeys(family, left, right)));
      }
      expect(mistakes).toEqual([]);
    },
  );
});
