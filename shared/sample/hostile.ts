/** Payloads as somebody would send them who means harm, or whose software is broken; each with what must become of it. */
import type { Contract } from '../contract/schema.ts';
import type { ProblemCode } from '../problem.ts';
import { recordWriter, type SampleFormat, type SampleRecord } from './write.ts';

export interface HostileSample {
  readonly name: string;
  /** The file's extension, which need not be what is in it. */
  readonly extension: string;
  /** The code that refuses the payload; absent where single records are quarantined: `records` has their codes. */
  readonly refused?: ProblemCode;
  readonly records?: readonly (ProblemCode | 'ok')[];
  /** Made as it is read: some are large. */
  readonly bytes: () => Iterable<string | Uint8Array>;
}

const LARGE_FIELD_BYTES = 100 * 1024 * 1024;
const PIECE = 'x'.repeat(64 * 1024);

/** `good` is a record that passes; hostile things stand between two of it, with a reference of their own each. */
export function hostileSamples(contract: Contract, good: SampleRecord): readonly HostileSample[] {
  const nth = (number: number): SampleRecord => ({ ...good, submission_ref: `H-${String(number).padStart(8, '0')}` });
  const text = (number: number): string => JSON.stringify(nth(number));
  const lines = (middle: string): string => `${text(1)}\n${middle}\n${text(3)}\n`;
  const file = (format: SampleFormat, ...records: readonly SampleRecord[]): string => {
    const writer = recordWriter(format, contract);
    return writer.begin + records.map((record, index) => writer.record(record, index === 0)).join('') + writer.end;
  };
  const member = (name: string, value: string): string => `${text(2).slice(0, -1)},"${name}":${value}}`;
  const withPurpose = (raw: string): string =>
    text(2)
      .replace(/,"purpose":"(?:[^"\\]|\\.)*"/, '')
      .replace(/}$/, `,"purpose":${raw}}`);
  const entities = [
    '<!ENTITY a0 "ha">',
    ...Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`),
  ];
  const inXml = (purpose: string): string => file('xml', { ...nth(1), purpose: 'PURPOSE' }).replace('PURPOSE', purpose);
  const one = (content: string | Uint8Array) => (): Iterable<string | Uint8Array> => [content];

  return [
    {
      name: 'billion-laughs',
      extension: 'xml',
      refused: 'payload-forbidden',
      bytes: one(inXml('&a9;').replace('?>', `?><!DOCTYPE grants [${entities.join('')}]>`)),
    },
    {
      name: 'external-entity',
      extension: 'xml',
      refused: 'payload-forbidden',
      bytes: one(inXml('&e;').replace('?>', '?><!DOCTYPE grants [<!ENTITY e SYSTEM "file:///etc/passwd">]>')),
    },
    { name: 'undeclared-entity', extension: 'xml', refused: 'payload-forbidden', bytes: one(inXml('&nbsp;')) },
    {
      name: 'laughs-in-a-cell',
      extension: 'csv',
      records: ['ok', 'ok'],
      bytes: one(file('csv', { ...nth(1), purpose: `<!DOCTYPE x [${entities.join('')}]>&a9;` }, nth(2))),
    },
    {
      name: 'deep-json',
      extension: 'json',
      records: ['ok', 'record-too-deep', 'ok'],
      // Well-formed, and no longer than a record may be: its depth alone is what is wrong.
      bytes: one(`[${text(1)},${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)},${text(3)}]\n`),
    },
    {
      name: 'deep-record',
      extension: 'ndjson',
      records: ['ok', 'record-too-deep', 'ok'],
      bytes: one(lines(withPurpose('['.repeat(10_000) + ']'.repeat(10_000)))),
    },
    {
      name: 'duplicate-key',
      extension: 'ndjson',
      records: ['ok', 'field-duplicate', 'ok'],
      bytes: one(lines(member('\\u0061mount', '"1.00"'))),
    },
    {
      name: 'prototype-key',
      extension: 'ndjson',
      records: ['ok', 'field-unknown', 'ok'],
      bytes: one(lines(member('__proto__', '{"admin":true}'))),
    },
    {
      name: 'lone-surrogate',
      extension: 'ndjson',
      records: ['ok', 'field-characters', 'ok'],
      bytes: one(lines(withPurpose('"\\ud800"'))),
    },
    {
      name: 'nul',
      extension: 'csv',
      records: ['ok', 'field-characters', 'ok'],
      bytes: one(file('csv', nth(1), { ...nth(2), purpose: 'a\0b' }, nth(3))),
    },
    {
      name: 'large-field',
      extension: 'ndjson',
      records: ['ok', 'record-too-large', 'ok'],
      bytes: () => largeField(text(1), withPurpose('"MARK"'), text(3)),
    },
    { name: 'wrong-media-type', extension: 'json', refused: 'media-type-unsupported', bytes: one(file('xml', nth(1))) },
    {
      name: 'zip',
      extension: 'csv',
      refused: 'media-type-unsupported',
      bytes: one(Buffer.from('504b0304140000000800', 'hex')),
    },
    {
      name: 'truncated',
      extension: 'json',
      refused: 'payload-truncated',
      bytes: one(file('json', nth(1), nth(2)).slice(0, -100)),
    },
    { name: 'unclosed-quote', extension: 'csv', refused: 'payload-truncated', bytes: one(`${file('csv', nth(1))}"`) },
    {
      name: 'latin-1',
      extension: 'csv',
      refused: 'payload-encoding',
      bytes: one(Buffer.from(file('csv', { ...nth(1), contact_name: 'José' }), 'latin1')),
    },
    {
      name: 'utf-16',
      extension: 'csv',
      refused: 'payload-encoding',
      bytes: one(Buffer.from(`\ufeff${file('csv', nth(1))}`, 'utf16le')),
    },
    {
      name: 'no-header',
      extension: 'csv',
      refused: 'header-invalid',
      bytes: one(file('csv', nth(1)).split('\r\n').slice(1).join('\r\n')),
    },
    { name: 'empty', extension: 'json', refused: 'payload-empty', bytes: one('[]\n') },
  ];
}

function* largeField(before: string, middle: string, after: string): Generator<string> {
  const [head = '', tail = ''] = middle.split('MARK');
  yield `${before}\n${head}`;
  for (let sent = 0; sent < LARGE_FIELD_BYTES; sent += PIECE.length) yield PIECE;
  yield `${tail}\n${after}\n`;
}
