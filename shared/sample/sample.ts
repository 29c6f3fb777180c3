import type { ReferenceLedger } from '../contract/reference.ts';
import type { Contract } from '../contract/schema.ts';
import { Problem } from '../problem.ts';
import { SAMPLE_FAULTS, type SampleFault } from './faults.ts';
import { grantRecord, grantSource } from './grant.ts';
import { seededRandom } from './random.ts';
import { recordWriter, type SampleFormat, type SampleRecord } from './write.ts';

export interface SampleOptions {
  readonly contract: Contract;
  readonly ledger: ReferenceLedger;
  readonly format: SampleFormat;
  readonly records: number;
  readonly seed: string;
  /** Share of faulty records, 0 to 1; they are spread evenly, and their kinds take turns. */
  readonly faults: number;
  /** Kinds of SAMPLE_FAULTS; absent: all that the format can carry. */
  readonly kinds?: readonly string[];
  /** How many people stand behind the records. */
  readonly contacts: number;
}

export interface SampledRecord {
  readonly record: SampleRecord;
  /** What is wrong with it; absent: it passes every boundary. */
  readonly fault?: SampleFault;
}

/** The same options give the same records; a larger number of records begins with those of a smaller one. */
export function* sampleRecords(options: SampleOptions): Generator<SampledRecord> {
  const source = grantSource(options.contract, options.ledger, options.contacts);
  const kinds = faultsOf(options);
  const random = seededRandom(options.seed);
  let faulty = 0;
  for (let index = 0; index < options.records; index += 1) {
    const record = inOrder(grantRecord(index, source, random), options.contract);
    const due = Math.floor((index + 1) * options.faults);
    const fault = due > faulty ? kinds[faulty % kinds.length] : undefined;
    faulty = due;
    yield fault === undefined ? { record } : { record: fault.apply(record, source, random), fault };
  }
}

/** The file, record by record; `seen` is told of each. */
export function* sampleText(options: SampleOptions, seen?: (sampled: SampledRecord) => void): Generator<string> {
  const writer = recordWriter(options.format, options.contract);
  yield writer.begin;
  let first = true;
  for (const sampled of sampleRecords(options)) {
    seen?.(sampled);
    yield writer.record(sampled.record, first);
    first = false;
  }
  yield writer.end;
}

function faultsOf({ format, kinds, faults }: SampleOptions): readonly SampleFault[] {
  if (!(faults >= 0 && faults <= 1))
    throw new Problem('usage-invalid', { detail: 'The share of faults lies from 0 to 1.' });
  const chosen = SAMPLE_FAULTS.filter(({ kind }) => kinds === undefined || kinds.includes(kind));
  if (kinds !== undefined && chosen.length !== new Set(kinds).size) {
    throw new Problem('usage-invalid', {
      detail: `The kinds are ${SAMPLE_FAULTS.map(({ kind }) => kind).join(', ')}.`,
    });
  }
  const carried = chosen.filter(({ formats }) => formats.includes(format));
  if (carried.length === 0) throw new Problem('usage-invalid', { detail: 'The format can carry none of these kinds.' });
  return carried;
}

function inOrder(record: Readonly<Record<string, unknown>>, contract: Contract): SampleRecord {
  return Object.fromEntries(
    contract.fields.flatMap(({ name }) => (Object.hasOwn(record, name) ? [[name, record[name]]] : [])),
  );
}
