/** Rows that are easily taken for each other, between every two engines. */
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

describe('rows that are easily taken for each other, between every two engines', () => {
  it.each(SCENES.map((scene) => [scene.name, scene] as const))(
    '[S05] [S11] differ and are equal where they should: %s',
    async (_name, scene) => {
      const mistakes: string[] = [];
      for (const [left, right] of stagesOf(grounds, scene)) {
        mistakes.push(...(await show(grounds, scene, left, right)));
      }
      expect(mistakes).toEqual([]);
    },
  );
});
