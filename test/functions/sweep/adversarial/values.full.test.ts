/** Every family of values over real engines: each form against every other, and many a case as a sweep of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES } from '../../../support/sweep/adversary/families/all.ts';
import { casesOf } from '../../../support/sweep/adversary/family.ts';
import { Grounds } from '../../../support/sweep/adversary/grounds.ts';
import { every, mistakesOf, pairsOf, sweepCases, writtenOtherwise } from '../../../support/sweep/adversary/stage.ts';
import { Tally } from '../../../support/sweep/adversary/tally.ts';

let grounds: Grounds;
const [tally, alone] = [new Tally(), new Tally()];
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

/** One case in so many is swept by itself. */
const ALONE = 4;

describe('values that are easily taken for each other, in every form against every form', () => {
  it.each(FAMILIES.map((family) => [family.name, family] as const))(
    '[S05] [S06] [S11] differ and are equal where they should: %s',
    async (_name, family) => {
      const mistakes: string[] = [];
      const rules = new Set<string>();
      const pairs = await pairsOf(grounds, family, every);
      for (const [at, pair] of pairs.entries()) {
        const equal = pair.cases.filter((one) => one.equal);
        const verdicts = [{ cases: pair.cases, verdict: await sweepCases(pair, pair.cases) }];
        if (at % 5 === 0 && equal.length > 0) verdicts.push({ cases: equal, verdict: await sweepCases(pair, equal) });
        for (const { cases, verdict } of verdicts) {
          mistakes.push(...mistakesOf(pair, cases, verdict));
          for (const { rule } of verdict.lossy) rules.add(rule);
        }
        const otherwise = equal.filter((one) => writtenOtherwise(pair, one));
        tally.add(pair, otherwise.length, pair.cases.length - equal.length);
      }
      for (const one of casesOf(family)) {
        const able = pairs.filter((pair) => pair.cases.some(({ id }) => id === one.id));
        const pair = able[one.id % Math.max(able.length, 1)];
        if (pair === undefined || one.id % ALONE !== 0) continue;
        mistakes.push(...mistakesOf(pair, [one], await sweepCases(pair, [one])));
        alone.add(pair, writtenOtherwise(pair, one) ? 1 : 0, one.equal ? 0 : 1);
      }
      expect(mistakes).toEqual([]);
      // What a rule changed is counted, unless the column is masked.
      expect([...rules].sort()).toEqual([...(family.counts ?? [])].sort());
    },
  );

  it('are many, in every engine', () => {
    console.info(`In one sweep with others: ${tally}\nIn a sweep of their own: ${alone}`);
    expect(alone.total.different).toBeGreaterThan(150);
    expect(alone.total.equal).toBeGreaterThan(150);
  });
});
