import fc from 'fast-check';
import type { ContractRecord, Field, MediaType } from '../../../shared/contract/schema.ts';
import { hasAllowedCharacters } from '../../../shared/contract/types/text.ts';
import { Problem, type ProblemCode } from '../../../shared/problem.ts';
import { readRecords } from '../../../shared/reading/read.ts';
import { limitsOf, type ReadLimits, type ReadRecord } from '../../../shared/reading/records.ts';
import { MEDIA_TYPE_OF, recordWriter, SAMPLE_FORMATS, type SampleFormat } from '../../../shared/sample/write.ts';
import { compiled, contract } from '../contract/reference.ts';

export type Bytes = string | Uint8Array;

export interface ReadResult {
  /** Code and detail of the problem that refused the payload. */
  readonly refused?: ProblemCode;
  readonly detail?: string;
  readonly problem?: Problem;
  readonly records: readonly ReadRecord[];
}

export async function* chunked(bytes: Bytes, size = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.from(bytes);
  for (let from = 0; from < buffer.length; from += size) yield buffer.subarray(from, from + size);
}

/** Reads a payload whole; a Problem is a result, anything else that is thrown is a fault of the reader. */
export async function read(
  source: Bytes | AsyncIterable<Uint8Array>,
  mediaType: MediaType,
  limits: Partial<ReadLimits> = {},
): Promise<ReadResult> {
  const bytes = typeof source === 'string' || source instanceof Uint8Array ? chunked(source) : source;
  const records: ReadRecord[] = [];
  try {
    for await (const batch of readRecords(bytes, mediaType, compiled, { ...limitsOf(contract), ...limits })) {
      records.push(...batch);
    }
    return { records };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return {
      refused: error.code,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      problem: error,
      records,
    };
  }
}

/** `ok`, or `<code> <pointer>` of each problem, per record; or the code that refused the payload. */
export async function summary(bytes: Bytes, mediaType: MediaType, limits?: Partial<ReadLimits>): Promise<unknown> {
  const result = await read(bytes, mediaType, limits);
  return result.refused ?? result.records.map(summaryOf);
}

export function summaryOf(record: ReadRecord): string {
  return record.problems === undefined
    ? 'ok'
    : record.problems.map(({ code, pointer }) => (pointer === '' ? code : `${code} ${pointer}`)).join(', ');
}

export function written(format: SampleFormat, records: readonly Readonly<Record<string, unknown>>[]): string {
  const writer = recordWriter(format, contract);
  return `${writer.begin}${records.map((record, index) => writer.record(record, index === 0)).join('')}${writer.end}`;
}

export const FORMATS = SAMPLE_FORMATS.map((format) => ({ format, mediaType: MEDIA_TYPE_OF[format] }));

/** Any record that the contract accepts, special characters of every format included. */
export const anyRecord: fc.Arbitrary<ContractRecord> = fc
  .record(Object.fromEntries(contract.fields.map((field) => [field.name, anyValue(field)])), {
    requiredKeys: contract.fields.filter((field) => field.required).map((field) => field.name),
  })
  .map((record) => {
    const { value, errors } = compiled.validate(record);
    if (value === undefined) throw new Error(`The generator made a bad record: ${JSON.stringify(errors)}`);
    return value;
  });

function anyValue({ name, type }: Field): fc.Arbitrary<string | number | boolean> {
  switch (type.kind) {
    case 'text':
      if (type.pattern !== undefined) {
        return fc
          .stringMatching(new RegExp(`^(?:${type.pattern})$`))
          .filter((text) => text.length >= type.minLength && text.length <= type.maxLength);
      }
      return fc
        .oneof(
          fc.string({ minLength: type.minLength, maxLength: Math.min(type.maxLength, 60) }),
          fc.string({ unit: 'grapheme', minLength: type.minLength, maxLength: 20 }),
          fc.constantFrom(
            'a "quoted", cell',
            "<b>&amp;]]&gt;</b> '",
            'line one\nline two',
            '{"a":1}',
            '  spaces  ',
            '\\u0041é',
          ),
        )
        .map((text) => (type.multiline === true ? text : text.replaceAll('\n', ' ')))
        .filter((text) => {
          const length = [...text].length;
          return (
            length >= type.minLength && length <= type.maxLength && hasAllowedCharacters(text, type.multiline === true)
          );
        });
    case 'choice':
      return fc.constantFrom(...type.values);
    case 'integer':
      return fc.integer({ min: type.minimum, max: type.maximum });
    case 'decimal':
      return fc.bigInt({ min: 1n, max: 999_999_999_999n }).map((cents) => {
        const digits = cents.toString().padStart(3, '0');
        return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
      });
    case 'date':
      return fc
        .date({
          min: new Date(`${type.minimum}T00:00:00Z`),
          max: new Date(`${type.maximum}T00:00:00Z`),
          noInvalidDate: true,
        })
        .map((date) => date.toISOString().slice(0, 10));
    case 'instant':
      return fc
        .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
        .map((date) => date.toISOString());
    case 'boolean':
      return fc.boolean();
    case 'email':
      return fc
        .emailAddress()
        .filter((text) => compiled.fields.find((field) => field.name === name)?.check(text) === undefined);
    case 'ein':
      return fc.integer({ min: 1_000_000, max: 9_999_999 }).map((rest) => `94-${rest}`);
  }
}
