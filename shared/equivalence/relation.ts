/** One side of a contract, as an engine needs it. */
import type { ColumnType } from '../canonical/column-type.ts';
import type { Comparison, Endpoint, Equivalence, EquivalenceColumn } from './schema.ts';

export type SideName = 'source' | 'target';
export const SIDES: readonly SideName[] = ['source', 'target'];

export interface NativeColumn {
  readonly name: string;
  readonly type: string;
}

/** A column as one side has it. */
export interface RelationColumn {
  /** Its name in the contract: what problems and counts call it. */
  readonly name: string;
  readonly type: ColumnType;
  readonly masked: boolean;
  readonly nullable: boolean;
  /** Whether a document without the attribute reads as one with NULL. */
  readonly absentIsNull: boolean;
  readonly native: NativeColumn;
}

/** A filter on a column that is read for it, whether or not it is compared. `name` stands in problems. */
export interface RelationFilter {
  readonly name: string;
  readonly type: ColumnType;
  readonly absentIsNull: boolean;
  readonly native: { readonly name: string; readonly type: string | undefined };
  readonly where: Comparison;
}

export interface Relation {
  readonly side: SideName;
  readonly endpoint: Endpoint;
  /** The compared columns, in the order of their fields in a canonical row: key columns first, in the order of the key, then the others. */
  readonly columns: readonly RelationColumn[];
  /** How many of the columns are the key. */
  readonly keyColumns: number;
  readonly filters: readonly RelationFilter[];
}

/** The compared columns of a contract in the order of a canonical row. */
export function comparedColumns({ key, columns }: Equivalence): readonly EquivalenceColumn[] {
  const compared = columns.filter((column) => column.mask !== 'omit');
  const keyed = key.flatMap((name) => compared.filter((column) => column.name === name));
  return [...keyed, ...compared.filter((column) => !key.includes(column.name))];
}

export function relationOf(contract: Equivalence, side: SideName): Relation {
  const endpoint = contract[side];
  const byName = new Map(contract.columns.map((column) => [column.name, column]));
  const common = (contract.filters ?? []).flatMap(({ column: name, where }): RelationFilter[] => {
    const column = byName.get(name);
    if (column === undefined) return [];
    const { type, absent } = column;
    return [{ name, type, absentIsNull: absent === 'null', native: column[side], where }];
  });
  const own = (endpoint.filters ?? []).map(
    ({ name, type, where }): RelationFilter => ({
      name,
      type,
      absentIsNull: false,
      native: { name, type: undefined },
      where,
    }),
  );
  return {
    side,
    endpoint,
    columns: comparedColumns(contract).map((column) => ({
      name: column.name,
      type: column.type,
      masked: column.mask === 'token',
      nullable: column.nullable,
      absentIsNull: column.absent === 'null',
      native: column[side],
    })),
    keyColumns: contract.key.length,
    filters: [...common, ...own],
  };
}
