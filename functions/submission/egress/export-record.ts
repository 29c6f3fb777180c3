import type { Contract, ContractRecord, Field } from '../../../shared/contract/schema.ts';
import type { WorkingRecord } from '../protocol/working-record.ts';

/** A value of an export, in the column of its field; absent values are `undefined`. */
export type ExportValue = string | number | boolean | undefined;

/** The columns of an export: the fields of the contract and what its rule pack may derive, in that order, and nothing else. */
export function columnsOf(contract: Contract): readonly Field[] {
  return [...contract.fields, ...(contract.submission.derived ?? [])];
}

/**
 * What of a record may leave (requirement B15): exactly the contract's own columns. Whatever else a stage, a pack or a later
 * release puts on a record is not on the list, and so stays.
 */
export function exportRow(
  columns: readonly Field[],
  fields: ContractRecord,
  derived: WorkingRecord['derived'],
): readonly ExportValue[] {
  return columns.map(({ name }) => {
    if (Object.hasOwn(fields, name)) return fields[name] ?? undefined;
    if (derived !== undefined && Object.hasOwn(derived, name)) return derived[name] ?? undefined;
    return undefined;
  });
}
