import type { Contract, ContractRecord } from '../../../shared/contract/schema.ts';
import type { GrantEntry, GrantorEntry, Ledger } from '../../../shared/ports.ts';
import type { WorkingRecord } from '../protocol/working-record.ts';

/** What the ledger said in this invocation; `undefined` stands for an id that it does not know. */
export interface ReferenceData {
  readonly grantors: ReadonlyMap<string, GrantorEntry | undefined>;
  readonly grants: ReadonlyMap<string, GrantEntry | undefined>;
}

/** Ids kept; beyond it the cache starts afresh, so that a file of a million grants cannot fill the memory. */
const MAX_CACHED = 200_000;

/** Reads the ledger in batches, each id at most once per chunk, and remembers what it read (and what there is not). */
export class ReferenceReader {
  readonly #ledger: Ledger;
  readonly #contract: Contract;
  readonly #grantors = new Map<string, GrantorEntry | undefined>();
  readonly #grants = new Map<string, GrantEntry | undefined>();

  constructor(ledger: Ledger, contract: Contract) {
    this.#ledger = ledger;
    this.#contract = contract;
  }

  async of(records: readonly WorkingRecord[]): Promise<ReferenceData> {
    const { tenant, submission } = this.#contract;
    await Promise.all([
      load(this.#grantors, namesIn(records, tenant), (ids) => this.#ledger.grantors(ids)),
      load(this.#grants, namesIn(records, submission.ledger?.grant), (ids) => this.#ledger.grants(ids)),
    ]);
    return { grantors: this.#grantors, grants: this.#grants };
  }
}

function namesIn(records: readonly WorkingRecord[], field: string | undefined): Set<string> {
  const names = new Set<string>();
  if (field === undefined) return names;
  for (const { fields } of records) {
    const value = textOf(fields, field);
    if (value !== undefined) names.add(value);
  }
  return names;
}

async function load<Entry>(
  known: Map<string, Entry | undefined>,
  names: ReadonlySet<string>,
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Entry>>,
): Promise<void> {
  if (known.size + names.size > MAX_CACHED) known.clear();
  const unknown = [...names].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const found = await read(unknown);
  for (const name of unknown) known.set(name, found.get(name));
}

export function textOf(fields: ContractRecord, field: string): string | undefined {
  const value = fields[field];
  return value === undefined || value === null ? undefined : String(value);
}
