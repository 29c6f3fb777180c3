import type { Field } from '../../../../shared/contract/schema.ts';
import type { ExportValue } from '../export-record.ts';

/** One object per line, its members in column order; an absent value is an absent member. */
export function encodeNdjson(columns: readonly Field[], rows: readonly (readonly ExportValue[])[]): string {
  return rows.map((row) => `${JSON.stringify(memberwise(columns, row))}\n`).join('');
}

/** One array of such objects. */
export function encodeJson(columns: readonly Field[], rows: readonly (readonly ExportValue[])[]): string {
  return `[\n${rows.map((row) => JSON.stringify(memberwise(columns, row))).join(',\n')}\n]\n`;
}

function memberwise(columns: readonly Field[], row: readonly ExportValue[]): Record<string, ExportValue> {
  const members: Record<string, ExportValue> = {};
  columns.forEach(({ name }, index) => {
    if (row[index] !== undefined) members[name] = row[index];
  });
  return members;
}
