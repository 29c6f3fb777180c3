import { SIDES, type SideName } from '../../../shared/equivalence/relation.ts';
import type { SweepManifest } from './manifest.ts';

/** One partition of one side; ordinals as in the manifest. */
export interface HashTask {
  readonly side: SideName;
  readonly partition: number;
}

/** The sides in turn, the largest partitions of each first, so that both engines are read all the time and no large one comes last. */
export function tasksOf(manifest: SweepManifest): HashTask[] {
  const bySide = SIDES.map((side) =>
    manifest[side].partitions
      .map(({ estimatedRows }, partition) => ({ side, partition, estimatedRows }))
      .sort((left, right) => right.estimatedRows - left.estimatedRows),
  );
  const longest = Math.max(...bySide.map((tasks) => tasks.length));
  return Array.from({ length: longest }, (_, index) => bySide.flatMap((tasks) => tasks[index] ?? []))
    .flat()
    .map(({ side, partition }) => ({ side, partition }));
}
