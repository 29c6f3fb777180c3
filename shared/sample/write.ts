/** Writes records in the four formats that a submission may have, one text per record: nothing is gathered. */
import type { Contract, ContractRecord, MediaType } from '../contract/schema.ts';

export const SAMPLE_FORMATS = ['csv', 'xml', 'json', 'ndjson'] as const;
export type SampleFormat = (typeof SAMPLE_FORMATS)[number];

export const MEDIA_TYPE_OF: Readonly<Record<SampleFormat, MediaType>> = {
  csv: 'text/csv',
  xml: 'application/xml',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
};

/** Any members: a faulty record has fields that the contract does not know, or values of another type. */
export type SampleRecord = Readonly<Record<string, unknown>>;

export interface RecordWriter {
  readonly begin: string;
  /** `first` is true for the first record of the file. */
  record(record: SampleRecord | ContractRecord, first: boolean): string;
  readonly end: string;
}

export function recordWriter(format: SampleFormat, contract: Contract): RecordWriter {
  switch (format) {
    case 'csv':
      return csvWriter(contract);
    case 'xml':
      return xmlWriter(contract);
    case 'json':
      return {
        begin: '[\n',
        record: (record, first) => `${first ? '' : ',\n'}${JSON.stringify(record)}`,
        end: '\n]\n',
      };
    case 'ndjson':
      return { begin: '', record: (record) => `${JSON.stringify(record)}\n`, end: '' };
  }
}

/** RFC 4180, with a header and CR LF. A field that the contract does not know has no column and is left out. */
function csvWriter(contract: Contract): RecordWriter {
  const names = contract.fields.map((field) => field.name);
  return {
    begin: `${names.join(',')}\r\n`,
    record: (record) => `${names.map((name) => cell(textOf(record[name]))).join(',')}\r\n`,
    end: '',
  };
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function xmlWriter(contract: Contract): RecordWriter {
  const { root, record: element } = contract.submission.xml;
  return {
    begin: `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>\n`,
    record: (record) => {
      const fields = Object.entries(record).map(([name, value]) => `<${name}>${escaped(textOf(value))}</${name}>`);
      return `<${element}>${fields.join('')}</${element}>\n`;
    },
    end: `</${root}>\n`,
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
