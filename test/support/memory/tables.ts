import type {
  ContractSource,
  CredentialStore,
  Destination,
  DestinationSource,
  GrantEntry,
  GrantorEntry,
  IdempotencyClaim,
  IdempotencyStore,
  Issuer,
  IssuerSource,
  Ledger,
  RulePackSource,
  SignedText,
  SubjectKey,
  SubjectKeyStore,
} from '../../../shared/ports.ts';

export class MemoryCredentialStore implements CredentialStore {
  readonly items = new Map<string, { readonly run: string; readonly expiresAt: number }>();

  async claim(
    credential: string,
    run: string,
    window: { readonly now: number; readonly expiresAt: number },
  ): Promise<boolean> {
    const found = this.items.get(credential);
    if (found !== undefined && found.run !== run && found.expiresAt > window.now) return false;
    this.items.set(credential, { run, expiresAt: window.expiresAt });
    return true;
  }
}

export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly items = new Map<string, IdempotencyClaim & { readonly expiresAt: number }>();

  async claim(
    key: string,
    claim: IdempotencyClaim,
    window: { readonly now: number; readonly expiresAt: number },
  ): Promise<IdempotencyClaim> {
    const found = this.items.get(key);
    if (found !== undefined && found.expiresAt > window.now) return { holder: found.holder, payload: found.payload };
    this.items.set(key, { ...claim, expiresAt: window.expiresAt });
    return claim;
  }
}

export class MemorySubjectKeyStore implements SubjectKeyStore {
  /** By subject, then chunk. */
  readonly items = new Map<string, Map<string, string>>();

  async put(chunk: string, keys: readonly SubjectKey[]): Promise<void> {
    for (const { subject, wrappedKey } of keys) {
      const chunks = this.items.get(subject) ?? new Map<string, string>();
      this.items.set(subject, chunks.set(chunk, wrappedKey));
    }
  }

  async get(chunk: string, subjects: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const subject of subjects) {
      const wrapped = this.items.get(subject)?.get(chunk);
      if (wrapped !== undefined) found.set(subject, wrapped);
    }
    return found;
  }
}

export class MemoryContractSource implements ContractSource {
  /** `<dataset>/<version>` */
  readonly items = new Map<string, SignedText>();

  async find(dataset: string, version?: number): Promise<SignedText | undefined> {
    if (version !== undefined) return this.items.get(`${dataset}/${version}`);
    const versions = [...this.items.keys()]
      .filter((key) => key.startsWith(`${dataset}/`))
      .map((key) => Number(key.slice(dataset.length + 1)));
    return versions.length === 0 ? undefined : this.items.get(`${dataset}/${Math.max(...versions)}`);
  }
}

export class MemoryRulePackSource implements RulePackSource {
  /** `<pack>/<version>` */
  readonly items = new Map<string, SignedText>();

  async find(pack: string, version: number): Promise<SignedText | undefined> {
    return this.items.get(`${pack}/${version}`);
  }
}

export class MemoryIssuerSource implements IssuerSource {
  readonly items = new Map<string, Issuer>();

  async find(issuer: string): Promise<Issuer | undefined> {
    return this.items.get(issuer);
  }
}

export class MemoryLedger implements Ledger {
  readonly grantorItems = new Map<string, GrantorEntry>();
  readonly grantItems = new Map<string, GrantEntry>();

  async grantors(ids: readonly string[]): Promise<ReadonlyMap<string, GrantorEntry>> {
    return subset(this.grantorItems, ids);
  }

  async grants(ids: readonly string[]): Promise<ReadonlyMap<string, GrantEntry>> {
    return subset(this.grantItems, ids);
  }
}

export class MemoryDestinationSource implements DestinationSource {
  readonly items = new Map<string, Destination>();

  async find(destinations: readonly string[]): Promise<ReadonlyMap<string, Destination>> {
    return subset(this.items, destinations);
  }
}

function subset<Value>(items: ReadonlyMap<string, Value>, keys: readonly string[]): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  for (const key of keys) {
    const value = items.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}
