/** Runs many cases, side by side in as many clouds as the machine has processors for, and compares what they come to. */

import type { Case } from './cases.ts';
import { recordWarm } from './cases.ts';
import type { Ending } from './ending.ts';
import { Lane } from './lane.ts';
import type { Call } from './plan.ts';

export interface Outcome {
  readonly tried: number;
  /** Cases that did not come to the end of an undisturbed run, each with what is wrong. */
  readonly wrong: readonly string[];
}

export async function tryAll(
  lanes: number,
  choose: (lane: Lane, warm: readonly Call[]) => Promise<readonly Case[]>,
): Promise<Outcome> {
  await using open = new AsyncDisposableStack();
  const openLane = async (): Promise<Lane> => {
    const lane = await Lane.open();
    open.defer(() => lane.remove());
    return lane;
  };
  const first = await openLane();
  const cases = await choose(first, await recordWarm(first));
  const all = [first];
  while (all.length < lanes) all.push(await openLane());

  let next = 0;
  await Promise.all(
    all.map(async (lane) => {
      for (let each = cases[next++]; each !== undefined; each = cases[next++]) {
        await lane.attempt(each.scenario, each.title, each.plan);
      }
    }),
  );

  const expected = new Map<string, Ending>();
  const wrong: string[] = [];
  for (const lane of all) {
    for (const { trial, ending } of await lane.endings()) {
      const usual = expected.get(trial.scenario.name) ?? ending;
      // The first of each scenario was recorded with nothing in its way, or with what every case of it has.
      expected.set(trial.scenario.name, usual);
      const { broken, ...end } = ending;
      const differs =
        JSON.stringify(end) === JSON.stringify({ ...usual, broken: undefined }) ? [] : [difference(end, usual)];
      if (broken.length + differs.length > 0) wrong.push(`${trial.title}: ${[...broken, ...differs].join('; ')}`);
    }
  }
  return { tried: cases.length, wrong };
}

function difference(end: Omit<Ending, 'broken'>, usual: Ending): string {
  const names = (['outcome', 'counts', 'exported', 'quarantined', 'exports'] as const).filter(
    (name) => JSON.stringify(end[name]) !== JSON.stringify(usual[name]),
  );
  return `${names.join(', ')} not as usual (${end.outcome}, ${JSON.stringify(end.counts)})`;
}
