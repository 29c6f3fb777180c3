import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseContract } from '../../shared/contract/parse.ts';
import { parseLedger } from '../../shared/contract/reference.ts';
import { type SampledRecord, type SampleOptions, sampleText } from '../../shared/sample/sample.ts';

const root = join(import.meta.dirname, '..', '..');
const file = (path: string): string => readFileSync(join(root, path), 'utf8');

const contract = parseContract(file('contracts/grant-submission.v1.json'));
const ledger = parseLedger(file('contracts/reference/ledger.json'));

export interface Sample {
  readonly text: string;
  readonly records: readonly SampledRecord[];
}

/** A file of sample grants; unless said otherwise NDJSON, without faults. */
export function sample(options: Partial<SampleOptions> & { readonly records: number }): Sample {
  const records: SampledRecord[] = [];
  const defaults = { contract, ledger, format: 'ndjson', seed: 'test', faults: 0, contacts: 50 } as const;
  const text = [...sampleText({ ...defaults, ...options }, (each) => records.push(each))].join('');
  return { text, records };
}
