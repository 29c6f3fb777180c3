/**
 * What ingestion puts in the place of personal values: keyed, deterministic, and useless without the salt (HMAC rather
 * than a salted hash: an e-mail address or an EIN is short enough to be guessed).
 */
import { zeroise } from '../envelope/cipher.ts';
import type { Stage } from '../names.ts';
import { SequenceHmac } from './hmac.ts';
import { RecentValues } from './memo.ts';
import { deriveSaltKey, type SaltPurpose, type TokenSalts } from './salts.ts';
import { formatToken } from './token.ts';

export interface TokeniserOptions {
  readonly salts: TokenSalts;
  /** The run's salt version, so that every attempt at the run makes the same tokens. */
  readonly version: string;
  readonly deployment: string;
  readonly stage: Stage;
}

export class Tokeniser {
  readonly saltVersion: string;
  readonly #token: SequenceHmac;
  readonly #subject: SequenceHmac;
  readonly #fingerprint: SequenceHmac;
  readonly #tokens = new RecentValues();
  readonly #subjects = new RecentValues();

  /** Throws Problem('configuration-invalid') when the salts lack the version. */
  constructor({ salts, version, deployment, stage }: TokeniserOptions) {
    const hmacFor = (purpose: SaltPurpose): SequenceHmac => {
      const key = deriveSaltKey(salts, version, purpose, { deployment, stage });
      const hmac = new SequenceHmac(key);
      zeroise(key);
      return hmac;
    };
    this.saltVersion = version;
    this.#token = hmacFor('token');
    this.#subject = hmacFor('subject');
    this.#fingerprint = hmacFor('fingerprint');
  }

  /**
   * The token of a value. The tenant (grantor) is part of it, so that tokens do not link a person across tenants.
   * RangeError when a text holds a lone surrogate; validation has refused those before.
   */
  token(tenant: string, field: string, value: string): string {
    return this.#tokens.of(tenant, field, value, () =>
      formatToken(this.saltVersion, this.#token.ofTexts(tenant, field, value)),
    );
  }

  /**
   * The pseudonym of a data subject, under which its keys are kept: of the field and value alone, without the tenant, so
   * that one request erases a person everywhere. `sub_<salt version>_<base64url>`.
   */
  subject(field: string, value: string): string {
    return this.#subjects.of('', field, value, () => `sub_${this.saltVersion}_${this.#subject.ofTexts(field, value)}`);
  }

  /**
   * A keyed digest, in lower-case hex, of a record that could not be tokenised: names it in the audit log without giving
   * anybody something to guess from.
   */
  fingerprint(raw: Uint8Array | string): string {
    const mac = typeof raw === 'string' ? this.#fingerprint.ofTexts(raw) : this.#fingerprint.ofBytes(raw);
    return Buffer.from(mac, 'base64url').toString('hex');
  }

  /** Wipes the keys, and lets go of the values (requirement B14). */
  dispose(): void {
    this.#tokens.clear();
    this.#subjects.clear();
    for (const hmac of [this.#token, this.#subject, this.#fingerprint]) hmac.dispose();
  }
}
