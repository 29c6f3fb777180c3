/** Values that are none under the contract, the same on both sides: no sweep calls them equal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casesOf, type Family, held } from '../../../support/sweep/adversary/family.ts';
import { Grounds } from '../../../support/sweep/adversary/grounds.ts';
import { REFUSED } from '../../../support/sweep/adversary/refused.ts';
import { every, pairsOf, sweepCases } from '../../../support/sweep/adversary/stage.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

describe('values that a contract does not let in', () => {
  it.each(REFUSED.map((refused) => [refused.name, refused] as const))(
    '[S05] [S06] [S16] are never equal, nor is their text repeated: %s',
    async (_name, { name, column, text, forms }) => {
      for (const [at, form] of Object.entries(forms)) {
        if (!grounds.has(form) || held(at, form, text) === undefined) continue;
        // The same form as a source and, under another name, as a target.
        const family: Family = { name, column, forms: { [at]: form }, meanings: { it: [text] } };
        const [pair] = await pairsOf(grounds, family, every);
        if (pair === undefined) throw new Error('No pair.');
        const verdict = await sweepCases(pair, casesOf(family));
        expect([at, verdict.verdict]).toEqual([at, 'INCONCLUSIVE']);
        expect(verdict.reasons.length).toBeGreaterThan(0);
        for (const { code, errors } of verdict.reasons) {
          // Of documents, another type may be met as soon as they are looked at.
          expect(['value-refused', 'schema-changed']).toContain(code);
          expect(errors?.map(({ pointer }) => pointer)).toEqual(['/v']);
        }
        expect(JSON.stringify(verdict.reasons)).not.toMatch(/canary|16777217|9007199254740993|01:30/);
      }
    },
  );
});
