/** One small dataset that most tests of the pipeline change one thing of. */
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { type ColumnDraft, type ContractDraft, contractOf, memoryEndpoint } from './contract.ts';
import { type MemoryRow, MemoryTable } from './memory-table.ts';

const COLUMNS = { id: 'any', name: 'any', amount: 'any' };

export const THING_COLUMNS: readonly ColumnDraft[] = [
  { name: 'id', type: { kind: 'integer' } },
  { name: 'name', type: { kind: 'text' } },
  { name: 'amount', type: { kind: 'decimal' } },
];

export const frozenThings = (more: Partial<ContractDraft> = {}): Equivalence =>
  contractOf({ key: ['id'], columns: THING_COLUMNS, ...more });

export const settledThings = (more: Partial<ContractDraft> = {}): Equivalence =>
  frozenThings({ source: memoryEndpoint('left', 'settled'), target: memoryEndpoint('right', 'settled'), ...more });

/** `change` gives another row in the place of each, or none. */
export function things(
  count: number,
  change: (row: MemoryRow, index: number) => MemoryRow | undefined = (row) => row,
): MemoryRow[] {
  return Array.from({ length: count }, (_, id) => ({ id: BigInt(id), name: `n${id}`, amount: `${id}.50` }))
    .map(change)
    .filter((row) => row !== undefined);
}

export interface Tables {
  readonly source: MemoryTable;
  readonly target: MemoryTable;
}

export function tables(source: readonly MemoryRow[], target: readonly MemoryRow[], settled = false): Tables {
  const both = {
    source: new MemoryTable('left', COLUMNS, source),
    target: new MemoryTable('right', COLUMNS, target),
  };
  if (settled) for (const table of [both.source, both.target]) table.consistency = 'settled';
  return both;
}
