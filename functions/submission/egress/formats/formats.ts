import type { Field } from '../../../../shared/contract/schema.ts';
import type { ExportFormat } from '../../../../shared/ports.ts';
import type { ExportValue } from '../export-record.ts';
import { encodeCsv } from './csv.ts';
import { encodeJson, encodeNdjson } from './json.ts';

interface Format {
  readonly extension: string;
  readonly contentType: string;
  /** The same rows give the same bytes: no time, no run, no order but the records'. */
  readonly encode: (columns: readonly Field[], rows: readonly (readonly ExportValue[])[]) => string;
}

export const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  ndjson: { extension: 'ndjson', contentType: 'application/x-ndjson', encode: encodeNdjson },
  json: { extension: 'json', contentType: 'application/json', encode: encodeJson },
  csv: { extension: 'csv', contentType: 'text/csv; charset=utf-8', encode: encodeCsv },
};
