/** Rows that are easily taken for each other, between some engines. Every two are in the full suite. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Grounds } from '../../../support/sweep/adversary/grounds.ts';
import { SCENES } from '../../../support/sweep/adversary/scenes.ts';
import { show, stagesOf } from '../../../support/sweep/adversary/show.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

/** Of the pairs of engines; beside 7, so that each scene has others. */
const STRIDE = 8;

describe('rows that are easily taken for each other', () => {
  it.each(SCENES.map((scene, index) => [scene.name, scene, index] as const))(
    '[S05] [S11] differ and are equal where they should: %s',
    async (_name, scene, index) => {
      const mistakes: string[] = [];
      for (const [at, [left, right]] of stagesOf(grounds, scene).entries()) {
        if (at % STRIDE === index % STRIDE) mistakes.push(...(await show(grounds, scene, left, right)));
      }
      expect(mistakes).toEqual([]);
    },
  );
});
