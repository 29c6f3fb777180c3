/**
 * A vault segment: the values behind the tokens of one chunk.
 *
 * Three layers. KMS wraps one key-encryption key (KEK) per chunk, which lies in the segment. The KEK wraps one data key
 * per (subject, chunk), which lies in the subject-keys table, never beside its ciphertext. The subject's data key
 * encrypts each of the subject's values, bound to the tenant and the field that the token was made for: whoever writes a token into the
 * record of another tenant has it resolved for nobody. Deleting a subject's items therefore erases the subject in every segment
 * (requirement B18), and one KMS call per chunk is enough in either direction.
 *
 * The object is JSON: `{"format":"parapet-vault","version":2,"context":{…},"wrappedKey":"<base64>",
 * "subjects":[{"subject":"…","values":[["tok_…","<base64url>"]]}]}`.
 */
import * as z from 'zod/mini';
import type { DataKey, Random, SubjectKey } from '../ports.ts';
import { decrypt, encrypt, KEY_BYTES, zeroise } from './cipher.ts';
import { boundTo, SegmentContext } from './context.ts';
import { parseSegment } from './segment.ts';

const FORMAT = 'parapet-vault';

const VaultSegment = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(2),
  context: SegmentContext,
  wrappedKey: z.string().check(z.minLength(1)),
  subjects: z.array(z.strictObject({ subject: z.string(), values: z.array(z.tuple([z.string(), z.string()])) })),
});
export type VaultSegment = z.infer<typeof VaultSegment>;

/** The sort key of the chunk in the subject-keys table: `<run>/<attempt>/<index>`. */
export function chunkName({ run, attempt, chunk }: SegmentContext): string {
  return `${run}/${attempt}/${chunk}`;
}

/** What a token was made for (shared/token/tokeniser.ts). */
export interface TokenPlace {
  /** Value of the contract's tenant field. */
  readonly tenant: string;
  readonly field: string;
}

interface Subject {
  readonly key: Uint8Array;
  readonly values: Map<string, string>;
}

/** Collects one chunk's values and encrypts each as it comes; the same token of the same subject is kept once. */
export class VaultSegmentBuilder {
  readonly #context: SegmentContext;
  readonly #kek: DataKey;
  readonly #random: Random;
  readonly #bound: (part: string, ...of: string[]) => string;
  readonly #subjects = new Map<string, Subject>();

  /** `kek` comes from KMS GenerateDataKey under `encryptionContext('vault', context)`; `dispose` wipes it. */
  constructor(context: SegmentContext, kek: DataKey, random: Random) {
    this.#context = context;
    this.#kek = kek;
    this.#random = random;
    this.#bound = boundTo('vault', context);
  }

  /** Keeps the value behind a token. `subject` is the pseudonym of the data subject of the record. */
  put(subject: string, token: string, { tenant, field }: TokenPlace, value: string): void {
    let kept = this.#subjects.get(subject);
    if (kept === undefined) {
      kept = { key: this.#random(KEY_BYTES), values: new Map() };
      this.#subjects.set(subject, kept);
    }
    if (kept.values.has(token)) return;
    kept.values.set(token, encrypt(kept.key, this.#bound('value', subject, token, tenant, field), value, this.#random));
  }

  /** One wrapped key per subject, for the subject-keys table (under `chunkName`): to be written before the segment. */
  subjectKeys(): SubjectKey[] {
    return Array.from(this.#subjects, ([subject, { key }]) => ({
      subject,
      wrappedKey: encrypt(this.#kek.plaintext, this.#bound('subject-key', subject), key, this.#random),
    }));
  }

  /** The object's text. */
  segment(): string {
    const segment: VaultSegment = {
      format: FORMAT,
      version: 2,
      context: this.#context,
      wrappedKey: Buffer.from(this.#kek.wrapped).toString('base64'),
      subjects: Array.from(this.#subjects, ([subject, { values }]) => ({ subject, values: [...values] })),
    };
    return JSON.stringify(segment);
  }

  /** Wipes the KEK and every subject's key. */
  dispose(): void {
    zeroise(this.#kek.plaintext);
    for (const { key } of this.#subjects.values()) zeroise(key);
    this.#subjects.clear();
  }
}

/** Reads the object's text; opens nothing. Problem('ciphertext-invalid') when it is no vault segment of version 2. */
export function parseVaultSegment(text: string): VaultSegment {
  return parseSegment(VaultSegment, text);
}

/**
 * Opens the values of one chunk. `expected` is the chunk that the caller asks for, not what a segment says of itself.
 * Unwrapped subject keys are kept until `dispose`, which wipes them.
 */
export class VaultReader {
  readonly #kek: Uint8Array;
  readonly #bound: (part: string, ...of: string[]) => string;
  readonly #keys = new Map<string, Buffer>();

  /** `kek` is the segment's `wrappedKey`, opened by KMS under `encryptionContext('vault', expected)`. */
  constructor(expected: SegmentContext, kek: Uint8Array) {
    this.#kek = kek;
    this.#bound = boundTo('vault', expected);
  }

  /** Takes a subject's key as the subject-keys table holds it. */
  unlock(subject: string, wrappedKey: string): void {
    this.#keys.set(subject, decrypt(this.#kek, this.#bound('subject-key', subject), wrappedKey));
  }

  /**
   * The value behind a token; `undefined` when the subject has not been unlocked (it may have been erased). `place` is where the caller
   * found the token. Problem('ciphertext-invalid') when it was made for another.
   */
  open(subject: string, token: string, { tenant, field }: TokenPlace, sealed: string): string | undefined {
    const key = this.#keys.get(subject);
    if (key === undefined) return undefined;
    const plaintext = decrypt(key, this.#bound('value', subject, token, tenant, field), sealed);
    const value = plaintext.toString('utf8');
    zeroise(plaintext);
    return value;
  }

  /** Wipes the KEK and every unwrapped key. */
  dispose(): void {
    zeroise(this.#kek, ...this.#keys.values());
    this.#keys.clear();
  }
}
