import { sweep } from '../../../../cli/sweep/sweep.ts';
import type { OpenEndpoint } from '../../../../functions/sweep/protocol/ports.ts';
import type { Verdict } from '../../../../shared/verdict/schema.ts';
import { contractOf } from '../contract.ts';
import { portsOf, requestOf } from '../run.ts';
import type { Grounds } from './grounds.ts';
import { canHold, ENGINES, PLAIN_NATIVE, type PlainEngine, type PlainTable, plainSide } from './plain.ts';
import type { Scene } from './scenes.ts';

/** Every two engines of which each can hold its table. */
export function stagesOf(
  grounds: Grounds,
  { source, target }: Scene,
): readonly (readonly [PlainEngine, PlainEngine])[] {
  const here = ENGINES.filter((engine) => engine !== 'mysql' || grounds.mariaDb !== undefined);
  return here
    .filter((engine) => canHold(engine, source))
    .flatMap((left) => here.filter((engine) => canHold(engine, target)).map((right) => [left, right] as const));
}

/** What is wrong with the verdict; nothing when it is as the scene says. */
export async function show(grounds: Grounds, scene: Scene, left: PlainEngine, right: PlainEngine): Promise<string[]> {
  const [source, target] = [
    await plainSide(grounds, left, scene.source),
    await plainSide(grounds, right, scene.target),
  ];
  const { own, columns, ...draft } = scene.contract;
  const typeOf = (engine: PlainEngine, table: PlainTable, name: string): string =>
    PLAIN_NATIVE[engine][table.columns[name] ?? 'text'];
  const contract = contractOf({
    dataset: 'scene',
    ...draft,
    source: { ...source.endpoint, ...(own?.source && { filters: own.source }) },
    target: { ...target.endpoint, ...(own?.target && { filters: own.target }) },
    columns: columns.map((column) => {
      const [here, there] = [column.source?.name ?? column.name, column.target?.name ?? column.name];
      return {
        ...column,
        source: { name: here, type: typeOf(left, scene.source, here) },
        target: { name: there, type: typeOf(right, scene.target, there) },
      };
    }),
    settle: { delaySeconds: 0, attempts: 1 },
  });
  const open: OpenEndpoint = (side, _endpoint, options) => (side === 'source' ? source : target).open(options);
  const { verdict } = await sweep(
    await requestOf(contract, { partitions: 2, capacity: 50 }),
    portsOf(open, { laneCount: 1 }),
  );
  return mistakesOf(scene, verdict).map((mistake) => `${left} → ${right}: ${mistake}`);
}

function mistakesOf({ counts, columns, says, said }: Scene, verdict: Verdict): string[] {
  const { list, ...found } = verdict.divergences;
  const expected = Object.values(counts).some((count) => count > 0) ? 'DIVERGED' : 'EQUAL';
  const other = says === undefined ? undefined : says(verdict);
  return [
    ...(verdict.verdict === expected ? [] : [`${verdict.verdict} ${JSON.stringify(verdict.reasons)}`]),
    ...(JSON.stringify(found) === JSON.stringify(counts) ? [] : [JSON.stringify(found)]),
    ...list
      .filter((one) => one.kind === 'changed' && columns !== undefined && one.columns?.join() !== columns.join())
      .map((one) => `changed in ${one.columns?.join()}`),
    ...(says === undefined || JSON.stringify(other) === JSON.stringify(said) ? [] : [JSON.stringify(other)]),
  ];
}
