import type { Contract, ContractRecord, Field } from '../../../shared/contract/schema.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { encryptionContext } from '../../../shared/envelope/context.ts';
import {
  chunkName,
  parseVaultSegment,
  type TokenPlace,
  VaultReader,
  type VaultSegment,
} from '../../../shared/envelope/vault.ts';
import { KEYS } from '../../../shared/names.ts';
import type { KeyService, ObjectStore, SubjectKeyStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { isToken } from '../../../shared/token/token.ts';
import type { VaultReference } from '../protocol/manifest.ts';
import type { WorkingRecord } from '../protocol/working-record.ts';

export interface ResolverPorts {
  readonly vault: ObjectStore;
  readonly vaultKey: KeyService;
  readonly subjectKeys: SubjectKeyStore;
}

interface Subject {
  readonly subject: string;
  /** Ciphertexts by token. */
  readonly values: ReadonlyMap<string, string>;
}

const MAX_SEGMENT_BYTES = 256 * 1024 * 1024;

/**
 * Resolves the tokens of one chunk: one object, one call to the key service, and the wrapped keys of the subjects that are
 * asked for. A subject whose key is gone has been erased, and nothing brings its values back (requirement B18).
 *
 * The records come from a stage that may be compromised. What it cannot do is to have another's tokens resolved here: the segment must
 * be of the submission that the state names, which processing has no say in, and each value opens for its own tenant and field alone.
 */
export class Resolver implements Disposable {
  readonly #contract: Contract;
  readonly #personal: readonly Field[];
  readonly #reader: VaultReader | undefined;
  /** By the token of the subject's own field, which every record of the subject holds. */
  readonly #subjects: ReadonlyMap<string, Subject>;

  private constructor(contract: Contract, reader: VaultReader | undefined, subjects: ReadonlyMap<string, Subject>) {
    this.#contract = contract;
    this.#personal = contract.fields.filter((field) => field.class === 'pii');
    this.#reader = reader;
    this.#subjects = subjects;
  }

  static async open(
    ports: ResolverPorts,
    { vault: reference, submission }: { readonly vault: VaultReference | undefined; readonly submission: string },
    contract: Contract,
    records: readonly WorkingRecord[],
  ): Promise<Resolver> {
    if (reference === undefined) throw new Problem('internal-failure', { detail: 'A chunk names no vault segment.' });
    requireOwn(reference, submission);
    const segment = await readSegment(ports.vault, reference);
    const subjects = segment === undefined ? new Map<string, Subject>() : subjectsOf(segment, contract, records);
    if (segment === undefined || subjects.size === 0) return new Resolver(contract, undefined, subjects);

    const { context } = reference;
    const wrapped = await ports.subjectKeys.get(chunkName(context), [
      ...new Set([...subjects.values()].map(({ subject }) => subject)),
    ]);
    const wrappedKek = Buffer.from(segment.wrappedKey, 'base64');
    const reader = new VaultReader(context, await ports.vaultKey.open(wrappedKek, encryptionContext('vault', context)));
    for (const [subject, key] of wrapped) reader.unlock(subject, key);
    return new Resolver(contract, reader, subjects);
  }

  /** The record with its personal values; `undefined` when its subject has been erased or its values are not in the vault. */
  resolve({ fields }: WorkingRecord): ContractRecord | undefined {
    const own = fields[this.#contract.subject];
    const subject = typeof own === 'string' ? this.#subjects.get(own) : undefined;
    if (subject === undefined) return undefined;
    const tenant = String(fields[this.#contract.tenant]);
    const values: Record<string, string | number | boolean> = {};
    for (const field of this.#personal) {
      const token = fields[field.name];
      if (token === undefined || token === null) continue;
      if (typeof token !== 'string' || !isToken(token)) {
        throw new Problem('internal-failure', { detail: 'A personal field holds no token.' });
      }
      const sealed = subject.values.get(token);
      const place = { tenant, field: field.name };
      const value = sealed === undefined ? undefined : this.#open(subject.subject, token, place, sealed);
      if (value === undefined) return undefined;
      values[field.name] = typed(value, field);
    }
    return { ...fields, ...values };
  }

  [Symbol.dispose](): void {
    this.#reader?.dispose();
  }

  #open(subject: string, token: string, place: TokenPlace, sealed: string): string | undefined {
    try {
      return this.#reader?.open(subject, token, place, sealed);
    } catch (cause) {
      // Not turned away as one record of many: somebody has changed what ingestion accepted.
      const detail = 'A token stands where ingestion did not put it.';
      throw new Problem('evidence-invalid', { detail, cause });
    }
  }
}

function requireOwn({ key, context }: VaultReference, submission: string): void {
  const { run, attempt, chunk } = context;
  if (run === submission && key === KEYS.vaultSegment(run, attempt, chunk)) return;
  throw new Problem('evidence-invalid', { detail: 'A chunk names the vault segment of another submission.' });
}

/** The segment's subjects that these records are of. A subject stands once per chunk, under one pseudonym, for all tenants. */
function subjectsOf(
  { subjects }: VaultSegment,
  contract: Contract,
  records: readonly WorkingRecord[],
): Map<string, Subject> {
  const asked = new Set(records.map(({ fields }) => fields[contract.subject]));
  const found = new Map<string, Subject>();
  for (const { subject, values } of subjects) {
    const own = values.filter(([token]) => asked.has(token));
    if (own.length === 0) continue;
    const kept = { subject, values: new Map(values) };
    for (const [token] of own) found.set(token, kept);
  }
  return found;
}

async function readSegment(vault: ObjectStore, reference: VaultReference): Promise<VaultSegment | undefined> {
  const found = await vault.get(reference.key, { maxBytes: MAX_SEGMENT_BYTES });
  if (found === undefined) return undefined;
  if (sha256Hex(found.bytes) !== reference.sha256) {
    throw new Problem('evidence-invalid', { detail: 'A vault segment is not the one that ingestion committed.' });
  }
  return parseVaultSegment(Buffer.from(found.bytes).toString('utf8'));
}

/** The value as what the contract says it is; the vault holds texts. */
function typed(text: string, { type }: Field): string | number | boolean {
  if (type.kind === 'integer') return Number(text);
  return type.kind === 'boolean' ? text === 'true' : text;
}
