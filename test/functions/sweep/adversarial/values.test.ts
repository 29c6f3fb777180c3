/** Every family of values over real engines: some forms against some. The whole product is in the full suite. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariaDbMissing } from '../../../support/engines/mariadb.ts';
import { FAMILIES } from '../../../support/sweep/adversary/families/all.ts';
import { Grounds } from '../../../support/sweep/adversary/grounds.ts';
import { mistakesOf, pairsOf, some, sweepCases, writtenOtherwise } from '../../../support/sweep/adversary/stage.ts';
import { Tally } from '../../../support/sweep/adversary/tally.ts';

let grounds: Grounds;
const tally = new Tally();
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

describe('values that are easily taken for each other', () => {
  it.each(FAMILIES.map((family, index) => [family.name, family, index] as const))(
    '[S05] [S06] [S11] differ and are equal where they should: %s',
    async (_name, family, index) => {
      const mistakes: string[] = [];
      for (const [at, pair] of (await pairsOf(grounds, family, some(index))).entries()) {
        const { cases } = pair;
        const equal = cases.filter((one) => one.equal);
        mistakes.push(...mistakesOf(pair, cases, await sweepCases(pair, cases)));
        if (at % 2 === 0 && equal.length > 0) mistakes.push(...mistakesOf(pair, equal, await sweepCases(pair, equal)));
        tally.add(pair, equal.filter((one) => writtenOtherwise(pair, one)).length, cases.length - equal.length);
      }
      expect(mistakes).toEqual([]);
    },
  );

  it('are many, between every two engines', () => {
    console.info(String(tally));
    if (mariaDbMissing !== undefined) console.info(mariaDbMissing);
    expect(tally.total.different).toBeGreaterThan(150);
    expect(tally.total.equal).toBeGreaterThan(150);
  });
});
