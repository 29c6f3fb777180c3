import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EgressPorts } from '../../../functions/submission/egress/egress.ts';
import type { IngestionPorts } from '../../../functions/submission/ingestion/ingestion.ts';
import type { ProcessingPorts } from '../../../functions/submission/processing/processing.ts';
import type { ReconciliationPorts } from '../../../functions/submission/reconciliation/reconciliation.ts';
import type { SealPorts } from '../../../functions/submission/seal/seal.ts';
import { formatVerifierKey, type VerifierKey } from '../../../shared/audit/verifier-key.ts';
import { parseContract } from '../../../shared/contract/parse.ts';
import { parseDestinations, parseLedger } from '../../../shared/contract/reference.ts';
import type { Contract } from '../../../shared/contract/schema.ts';
import { keySetOf, mintSubmissionToken, type SubmissionGrant } from '../../../shared/credential/mint.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import type { UploadReference } from '../../../shared/messages.ts';
import { DOCUMENT_TYPES, signDetached } from '../../../shared/signature/detached.ts';
import { type Es256Signer, keyId, localSigner } from '../../../shared/signature/signer.ts';
import { FaultInjector } from './faults.ts';
import { MemoryKeyService, MemorySecret, MemorySigner } from './keys.ts';
import { MemoryObjectStore } from './object-store.ts';
import { MemoryRunStore } from './run-store.ts';
import {
  MemoryContractSource,
  MemoryCredentialStore,
  MemoryDestinationSource,
  MemoryIdempotencyStore,
  MemoryIssuerSource,
  MemoryLedger,
  MemoryRulePackSource,
  MemorySubjectKeyStore,
} from './tables.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const file = (path: string): string => readFileSync(join(root, path), 'utf8');

export const DATASET = 'grant-submission';
const ISSUER = 'https://portal.parapet.example';
const DEPLOYMENT = 'test';
const SEAL_NAME = 'parapet/test';
const BUCKETS = ['landing', 'working', 'vault', 'quarantine', 'exports', 'audit'] as const;
const FIFTEEN_MINUTES_MS = 900_000;

export interface UploadOptions {
  readonly key?: string;
  readonly body: string | Uint8Array;
  readonly contentType?: string;
  /** What the token claims, where it is not what is true. */
  readonly claims?: Partial<SubmissionGrant>;
  /** Instead of a token made here; null: none. */
  readonly token?: string | null;
}

/** The whole flow's state, in memory: what the embedded cloud is, without a cloud. */
export class World {
  readonly buckets: Readonly<Record<(typeof BUCKETS)[number], MemoryObjectStore>>;
  readonly runs = new MemoryRunStore();
  readonly credentials = new MemoryCredentialStore();
  readonly idempotency = new MemoryIdempotencyStore();
  readonly subjectKeys = new MemorySubjectKeyStore();
  readonly contracts = new MemoryContractSource();
  readonly issuers = new MemoryIssuerSource();
  readonly ledger = new MemoryLedger();
  readonly rulePacks = new MemoryRulePackSource();
  readonly destinations = new MemoryDestinationSource();
  readonly vaultKey = new MemoryKeyService();
  readonly quarantineKey = new MemoryKeyService();
  readonly salts = new MemorySecret(JSON.stringify({ current: '1', 1: 'x'.repeat(64), 2: 'y'.repeat(64) }));
  readonly faults = new FaultInjector();
  readonly steward: Es256Signer;
  readonly issuer: Es256Signer;
  readonly sealKey: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  contract: Contract;
  nowMs = Date.parse('2026-11-22T10:00:00.000Z');
  /** What `deadline.remaining()` answers, one by one; then fifteen minutes. */
  remaining: number[] = [];
  /** Records per chunk; absent: as in production. */
  chunkRecords: number | undefined;
  #tokens = 0;
  #randomness = 0;

  private constructor() {
    const buckets = new Map<string, MemoryObjectStore>();
    const open = (name: string): MemoryObjectStore => {
      const peers = (bucket: string) => buckets.get(bucket);
      const store = new MemoryObjectStore(`${name}-bucket`, peers, () => this.nowMs);
      buckets.set(store.bucket, store);
      return store;
    };
    this.buckets = {
      landing: open('landing'),
      working: open('working'),
      vault: open('vault'),
      quarantine: open('quarantine'),
      exports: open('exports'),
      audit: open('audit'),
    };
    this.steward = localSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    this.issuer = localSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    this.sealKey = generateKeyPairSync('ed25519');
    this.contract = parseContract(file('contracts/grant-submission.v1.json'));
  }

  /** With the reference contract, packs, ledger and destinations of the repository. */
  static async open(): Promise<World> {
    const world = new World();
    await world.registerContract(file('contracts/grant-submission.v1.json'));
    await world.registerPack('grant-rules', 1, file('rules/grant-rules.v1.js'));
    await world.registerPack('grant-rules-fallback', 1, file('rules/grant-rules-fallback.v1.js'));
    const { grantors, grants } = parseLedger(file('contracts/reference/ledger.json'));
    for (const { id } of grantors) world.ledger.grantorItems.set(id, { id });
    for (const grant of grants) world.ledger.grantItems.set(grant.id, grant);
    for (const { grantor, ...rest } of parseDestinations(file('contracts/reference/destinations.json')).destinations) {
      world.destinations.items.set(grantor, rest);
    }
    const registered = { issuer: ISSUER, keys: keySetOf([world.issuer]), datasets: [DATASET], submitters: undefined };
    world.issuers.items.set(ISSUER, registered);
    return world;
  }

  async registerContract(text: string): Promise<void> {
    this.contract = parseContract(text);
    const signature = await signDetached(text, DOCUMENT_TYPES.contract, this.steward);
    this.contracts.items.set(`${this.contract.dataset}/${this.contract.version}`, { text, signature });
  }

  async registerPack(pack: string, version: number, text: string): Promise<void> {
    const signature = await signDetached(text, DOCUMENT_TYPES.rulePack, this.steward);
    this.rulePacks.items.set(`${pack}/${version}`, { text, signature });
  }

  /** The contract as text with some of it replaced, for `registerContract`. */
  contractText(change: (contract: Contract) => unknown): string {
    return JSON.stringify(change(structuredClone(this.contract)));
  }

  /** Puts an object with its token into landing, as an uploader does, and gives what EventBridge would tell. */
  async upload({
    key = 'in/grants.ndjson',
    body,
    contentType,
    claims,
    token,
  }: UploadOptions): Promise<UploadReference> {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    const minted = token === undefined ? await this.token({ key, bytes, claims: claims ?? {} }) : token;
    const { versionId } = await this.buckets.landing.put(key, bytes, {
      contentType: contentType ?? 'application/octet-stream',
      metadata: minted === null ? {} : { 'submission-token': minted },
    });
    return {
      bucket: this.buckets.landing.bucket,
      key,
      versionId,
      size: bytes.byteLength,
      sourceAddress: '192.0.2.7',
      time: new Date(this.nowMs).toISOString(),
    };
  }

  token(upload: {
    readonly key: string;
    readonly bytes: Uint8Array;
    readonly claims: Partial<SubmissionGrant>;
  }): Promise<string> {
    this.#tokens += 1;
    const now = Math.floor(this.nowMs / 1_000);
    const grant: SubmissionGrant = {
      issuer: ISSUER,
      subject: 'submitter-1',
      audience: `parapet:${DEPLOYMENT}`,
      scopes: ['ingest:read', 'reconcile:read'],
      bucket: this.buckets.landing.bucket,
      key: upload.key,
      size: upload.bytes.byteLength,
      sha256: sha256Hex(upload.bytes),
      contract: DATASET,
      jti: `token-${this.#tokens}`,
      issuedAt: now,
      expiresAt: now + 3_600,
      ...upload.claims,
    };
    return mintSubmissionToken(grant, this.issuer);
  }

  get contractPins(): string {
    return JSON.stringify({ [DATASET]: { minimumVersion: 1, signers: [keyId(this.steward.publicKey)] } });
  }

  get verifierKey(): VerifierKey {
    return { publicKey: this.sealKey.publicKey, name: SEAL_NAME };
  }

  get verifierKeyText(): string {
    return formatVerifierKey(SEAL_NAME, this.sealKey.publicKey);
  }

  #flow() {
    return {
      runs: this.runs,
      audit: this.buckets.audit,
      // Every look at the clock finds it a millisecond later: no test depends on how fast it runs.
      clock: { now: () => this.nowMs++ },
      random: this.random,
      deadline: { remaining: () => this.remaining.shift() ?? FIFTEEN_MINUTES_MS },
      leaseSeconds: 1_200,
    };
  }

  #quarantine() {
    return { quarantine: this.buckets.quarantine, quarantineKey: this.quarantineKey };
  }

  #contracts() {
    return { contracts: this.contracts, contractPins: this.contractPins };
  }

  /** Bytes that differ from call to call and are the same in every run of the test. */
  readonly random = (size: number): Uint8Array => {
    this.#randomness += 1;
    const seed = createHash('sha512').update(`random ${this.#randomness}`).digest();
    return Uint8Array.from({ length: size }, (_, index) => seed[index % seed.byteLength] ?? 0);
  };

  get ingestion(): IngestionPorts {
    const { landing, working, vault } = this.buckets;
    return this.faults.wrap({
      ...this.#flow(),
      ...this.#quarantine(),
      ...this.#contracts(),
      deployment: DEPLOYMENT,
      longestTokenSeconds: 86_400,
      landing,
      working,
      vault,
      vaultKey: this.vaultKey,
      subjectKeys: this.subjectKeys,
      credentials: this.credentials,
      issuers: this.issuers,
      salts: this.salts,
      ...(this.chunkRecords === undefined ? {} : { chunkLimits: { records: this.chunkRecords, bytes: 4_194_304 } }),
    });
  }

  get reconciliation(): ReconciliationPorts {
    const { working } = this.buckets;
    const { idempotency, ledger } = this;
    return this.faults.wrap({
      ...this.#flow(),
      ...this.#quarantine(),
      ...this.#contracts(),
      working,
      idempotency,
      ledger,
    });
  }

  get processing(): ProcessingPorts {
    const signers = [keyId(this.steward.publicKey)];
    const rulePackPins = JSON.stringify({ 'grant-rules': { signers } });
    const { working } = this.buckets;
    const sandboxLimits = { memoryBytes: 64 * 1024 * 1024, stackBytes: 128 * 1024, batchMs: 2_000 };
    return this.faults.wrap({
      ...this.#flow(),
      ...this.#quarantine(),
      ...this.#contracts(),
      working,
      rulePacks: this.rulePacks,
      rulePackPins,
      sandboxLimits,
    });
  }

  get egress(): EgressPorts {
    const { working, vault, exports } = this.buckets;
    const { vaultKey, subjectKeys, destinations } = this;
    const own = { working, vault, exports, vaultKey, subjectKeys, destinations };
    return this.faults.wrap({ ...this.#flow(), ...this.#quarantine(), ...this.#contracts(), ...own });
  }

  get seal(): SealPorts {
    const { landing } = this.buckets;
    return this.faults.wrap({ ...this.#flow(), signer: new MemorySigner(this.sealKey), sealName: SEAL_NAME, landing });
  }

  get custodian() {
    return this.faults.wrap({ ...this.#flow(), ...this.#quarantine(), working: this.buckets.working });
  }
}
