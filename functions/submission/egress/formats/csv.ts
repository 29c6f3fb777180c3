import type { Field } from '../../../../shared/contract/schema.ts';
import type { ExportValue } from '../export-record.ts';

/**
 * RFC 4180: a header, CRLF after every line, quotes where a value holds one of `",\r\n`, or where a spreadsheet would take the
 * cell for a formula (it begins with one of `=+-@`, a tab or a carriage return). An absent value is an empty cell.
 *
 * A quote does not stop a spreadsheet from computing, so a text that begins like a formula is given an apostrophe; numbers do not
 * need it. https://owasp.org/www-community/attacks/CSV_Injection
 */
export function encodeCsv(columns: readonly Field[], rows: readonly (readonly ExportValue[])[]): string {
  const lines = [columns.map(({ name }) => name).join(',')];
  for (const row of rows) {
    lines.push(row.map((value, index) => cell(value, columns[index])).join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: ExportValue, field: Field | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  // Decimals and dates have been held to their form; a minus sign there is a sign.
  const text = field?.type.kind !== 'decimal' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
