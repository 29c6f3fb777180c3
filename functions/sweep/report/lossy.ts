import { LOSSY_RULES } from '../../../shared/canonical/notes.ts';
import { SIDES, type SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { LossyCount } from '../../../shared/verdict/schema.ts';
import type { ColumnCounts } from '../engines/engine.ts';

/** How often each rule of the contract changed a value. Of a masked column even that would tell something, and is left out. */
export function lossyCounts(
  contract: Equivalence,
  changed: Readonly<Record<SideName, readonly ColumnCounts[]>>,
): LossyCount[] {
  const open = new Set(contract.columns.filter(({ mask }) => mask === 'none').map(({ name }) => name));
  return SIDES.flatMap((side) =>
    changed[side]
      .filter(({ column }) => open.has(column))
      .flatMap(({ column, changed: counts }) =>
        [...LOSSY_RULES, 'absent' as const]
          .filter((rule) => counts[rule] > 0)
          .map((rule) => ({ side, column, rule, values: counts[rule] })),
      ),
  );
}
