/**
 * What the stages need of the world, each with the obligations that an implementation takes on. The stages are written
 * against these alone; `functions/aws/` implements them on AWS, `test/support/memory/` in memory, and test/conformance/
 * holds both to the same promises.
 *
 * Promises that hold for every port:
 * - When a promise that writes resolves, the effect is durable. When it rejects, the effect may or may not have taken
 *   place; every write here is therefore either conditional or safe to repeat.
 * - A rejection is either a `Problem` (repeating will not help) or a `Transient` (it may); nothing else.
 * - No error carries a value that was read or written.
 */
import type { RunOutcome } from './messages.ts';
import type { Actor } from './names.ts';

/** One stored object version as a read finds it. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number;
  readonly versionId: string;
  /** User metadata; names in lower case, without the `x-amz-meta-` prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  /** SHA-256 (hex) over the full object where the store knows one; a multipart upload usually has none. */
  readonly sha256: string | undefined;
  /** Milliseconds since the epoch, in whole seconds: when the version was put, by the store's own clock. */
  readonly storedAt: number | undefined;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly versionId: string;
}

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

export interface PutOptions {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Objects under one bucket, written under one KMS key. */
export interface ObjectStore {
  readonly bucket: string;
  /** `undefined` when there is no such object (version). */
  head(key: string, versionId?: string): Promise<ObjectHead | undefined>;
  /**
   * The object, whole; `undefined` when there is none. Throws `internal-failure` when it is larger than `maxBytes`: what a
   * stage holds in memory is bounded by what the stage says, not by what it finds.
   */
  get(
    key: string,
    options: { readonly maxBytes: number; readonly versionId?: string },
  ): Promise<StoredObject | undefined>;
  /** The bytes of one version, in order, in pieces of the store's choice. Throws `not-found`. Ends early only by throwing. */
  stream(key: string, versionId: string): AsyncIterable<Uint8Array>;
  /**
   * Writes; an object that is there already is superseded. The store verifies the bytes' SHA-256 on arrival. Resolves
   * with the version's id: when it resolves, that version is durable and readable.
   */
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<{ readonly versionId: string }>;
  /**
   * Writes unless an object is there (`If-None-Match: *`); in a bucket under Object Lock it is retained from then on.
   * - `created`: this call's bytes are the object, durably, and nobody can write that key any more.
   * - `exists`: an object is there. It may be this very call's, written by an attempt of which the answer was lost: the
   *   caller reads it and goes on with what it says.
   */
  create(
    key: string,
    bytes: Uint8Array,
    options: PutOptions,
  ): Promise<{ readonly outcome: 'created'; readonly versionId: string } | { readonly outcome: 'exists' }>;
  /** Every object under the prefix, in the byte order of keys. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /**
   * Copies one version of an object of another bucket to `key` here, inside the store: the bytes are never read by the
   * caller, and metadata does not travel. Throws `not-found` when the source is gone, `payload-too-large` over 5 GiB.
   */
  copyFrom(
    source: { readonly bucket: string; readonly key: string; readonly versionId: string },
    key: string,
  ): Promise<void>;
  /** Tags one version, or the current one. Repeating it changes nothing. */
  tag(key: string, versionId: string | undefined, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Ids of every version of this very key, delete markers among them; nothing is read. */
  versionsOf(key: string): Promise<readonly string[]>;
  /** Deletes exactly this version, for good. Deleting what is gone resolves. */
  deleteVersion(key: string, versionId: string): Promise<void>;
}

/** What the run table holds of one run. */
export interface Run {
  readonly run: string;
  /** ARN of the execution that holds, or last held, the lease. */
  readonly execution: string;
  /** Epoch seconds. */
  readonly leaseUntil: number;
  readonly state: 'running' | 'sealed';
  readonly outcome: RunOutcome | undefined;
  /** How many times each stage has been begun. */
  readonly attempts: Readonly<Partial<Record<Actor, number>>>;
  /** RFC 3339. */
  readonly startedAt: string;
  /** Chosen once per run, so that every attempt makes the same tokens and judges by the same contract. */
  readonly pinned: RunPins | undefined;
  readonly counts: { readonly received: number; readonly exported: number; readonly quarantined: number } | undefined;
  readonly seal: RunSeal | undefined;
}

export interface RunPins {
  readonly saltVersion: string;
  readonly contractVersion: number;
}

export interface RunSeal {
  readonly key: string;
  readonly generation: number;
  readonly treeSize: number;
}

export interface Lease {
  /** ARN of the execution that asks. */
  readonly execution: string;
  /** Epoch seconds, by the caller's clock. */
  readonly now: number;
  readonly until: number;
}

/**
 * One item per run: who is working on it, and how it ended. Every change is one conditional write, so that of two
 * executions exactly one holds a run.
 */
export interface RunStore {
  read(run: string): Promise<Run | undefined>;
  /**
   * Takes the lease if there is no such run, or if it is running and either mine or expired, or if it ended `failed`
   * (a second delivery resumes a failure); counts an attempt of `stage`. `undefined` when another holds it or it is over.
   */
  claim(run: string, stage: Actor, lease: Lease, startedAt: string): Promise<Run | undefined>;
  /**
   * Extends a lease that is mine, on a run that is running or ended `failed` (a redrive resumes it); counts an attempt.
   * `undefined` when it is not mine, or the run is over.
   */
  renew(run: string, stage: Actor, lease: Lease): Promise<Run | undefined>;
  /** Sets the pins unless they are set; resolves with those that hold. Throws `run-busy` when the lease is another's. */
  pin(run: string, execution: string, pins: RunPins): Promise<RunPins>;
  /**
   * Records the end of a run. Repeating it changes nothing. Throws `run-busy` when the lease is another's, or a later
   * generation is recorded already.
   */
  seal(
    run: string,
    execution: string,
    ending: {
      readonly outcome: RunOutcome;
      readonly counts: NonNullable<Run['counts']>;
      readonly seal: RunSeal;
    },
  ): Promise<void>;
}

/** First writer wins, until `expiresAt`; the condition holds the expiry, as the table's own expiry lags by days. */
export interface CredentialStore {
  /**
   * Binds a credential to one run. True when it is bound to this run, by this call or an earlier one; false when it was
   * used for another. `expiresAt` and `now` in epoch seconds.
   */
  claim(
    credential: string,
    run: string,
    window: { readonly now: number; readonly expiresAt: number },
  ): Promise<boolean>;
}

export interface IdempotencyClaim {
  /** Who holds the key: the run that claimed it first, inside the window. */
  readonly holder: string;
  /** SHA-256 (hex) of the holder's payload. */
  readonly payload: string;
}

export interface IdempotencyStore {
  /** Claims the key for `claim.holder` unless another holds it inside the window; resolves with the claim that holds. */
  claim(
    key: string,
    claim: IdempotencyClaim,
    window: { readonly now: number; readonly expiresAt: number },
  ): Promise<IdempotencyClaim>;
}

/** A data key of one subject in one chunk, wrapped under the chunk's key. */
export interface SubjectKey {
  /** Keyed pseudonym of the subject. */
  readonly subject: string;
  /** Base64url, as shared/envelope/vault.ts makes it. */
  readonly wrappedKey: string;
}

/** Apart from the ciphertexts on purpose: deleting a subject's keys erases the subject everywhere. */
export interface SubjectKeyStore {
  /**
   * Writes all keys of one chunk (`<run>/<attempt>/<index>`), in batches of the store's own size. When it resolves, all are
   * durable; repeating it changes nothing. No subject stands twice in `keys`.
   */
  put(chunk: string, keys: readonly SubjectKey[]): Promise<void>;
  /** The wrapped keys of these subjects in one chunk; a subject that has none (any more) is missing from the answer. */
  get(chunk: string, subjects: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** A text with the detached JWS that signs it; the caller verifies it before believing a word of it. */
export interface SignedText {
  readonly text: string;
  readonly signature: string;
}

export interface ContractSource {
  /** The newest version of the dataset's contract, or the version asked for. */
  find(dataset: string, version?: number): Promise<SignedText | undefined>;
}

export interface Issuer {
  readonly issuer: string;
  /** JSON Web Key Set, as JSON text. */
  readonly keys: string;
  /** Datasets that the issuer may submit; absent: all. */
  readonly datasets: readonly string[] | undefined;
  /** Subjects that the issuer may name; absent: all. */
  readonly submitters: readonly string[] | undefined;
}

export interface IssuerSource {
  find(issuer: string): Promise<Issuer | undefined>;
}

export interface GrantorEntry {
  readonly id: string;
}

export interface GrantEntry {
  readonly id: string;
  readonly grantor: string;
  readonly ein: string;
  /** Bounds, inclusive. */
  readonly firstFiscalYear: number;
  readonly lastFiscalYear: number;
}

/** The authoritative ledger, read only: the port has no way to write (requirement B08). Unknown ids are missing from the answer. */
export interface Ledger {
  grantors(ids: readonly string[]): Promise<ReadonlyMap<string, GrantorEntry>>;
  grants(ids: readonly string[]): Promise<ReadonlyMap<string, GrantEntry>>;
}

export interface RulePackSource {
  find(pack: string, version: number): Promise<SignedText | undefined>;
}

export const EXPORT_FORMATS = ['ndjson', 'json', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface Destination {
  /** A slug: the prefix in the exports bucket. */
  readonly name: string;
  readonly format: ExportFormat;
  /** Datasets that may be delivered there. */
  readonly datasets: readonly string[];
}

export interface DestinationSource {
  /** The destinations of these grantors, by grantor; one that has none registered is missing from the answer. */
  find(grantors: readonly string[]): Promise<ReadonlyMap<string, Destination>>;
}

/** Authenticated, not secret: the same context must be given to open a key. Appears in the key service's own log. */
export type KeyContext = Readonly<Record<string, string>>;

export interface DataKey {
  /** 32 bytes. The caller overwrites them with zeros when done. */
  readonly plaintext: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** One key that never leaves the key service. */
export interface KeyService {
  generate(context: KeyContext): Promise<DataKey>;
  /** Throws `ciphertext-invalid` when the context is another or the bytes are not of this key. The caller zeroes the answer. */
  open(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array>;
}

/** A signing key that never leaves the key service. */
export interface Signer {
  /** At most 4,096 bytes; a raw Ed25519 signature of 64 bytes (RFC 8032). */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** SubjectPublicKeyInfo, DER. */
  publicKey(): Promise<Uint8Array>;
}

/** A secret as text, fetched when asked for and kept for minutes at most (requirement P01). */
export interface SecretSource {
  /** @param options.fresh not from memory: for whoever finds missing there what must be in it by now */
  read(options?: { readonly fresh?: boolean }): Promise<string>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A source of random bytes. Every call gives a new array of `size` bytes. */
export type Random = (size: number) => Uint8Array;

/** What is left of the invocation. */
export interface Deadline {
  /** Milliseconds. */
  remaining(): number;
}
