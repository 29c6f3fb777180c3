/** What a submission token says, and what of it goes on once it has been verified. */
import * as z from 'zod/mini';
import { Sha256Hex, sha256Hex } from '../digest.ts';
import { canonicalJson } from '../json/canonical.ts';

/** The scope that ingestion requires and consumes. */
export const INGEST_SCOPE = 'ingest:read';

/** Printable ASCII without spaces: an id travels into keys and entries, where nothing may need escaping. */
const identifier = z.string().check(z.regex(/^[\x21-\x7e]{1,200}$/, 'printable ASCII without spaces'));
/** RFC 6749 section 3.3. */
const scope = z.string().check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'a scope'));
const epochSeconds = z.int().check(z.nonnegative());

/** The claims that Parapet reads; others are ignored, as RFC 7519 section 4 asks. */
export const SubmissionClaims = z.object({
  iss: identifier,
  sub: identifier,
  jti: identifier,
  iat: epochSeconds,
  exp: epochSeconds,
  /** Scopes separated by spaces (RFC 8693 section 4.2), or a list of them. */
  scope: z.union([z.string(), z.array(z.string())]),
  bucket: z.string(),
  // The object's key, or two asterisks, a slash and its last part, for that name in any folder.
  key: z.string(),
  /** Bytes of the payload. */
  size: z.int().check(z.nonnegative()),
  sha256: Sha256Hex,
  /** The dataset, which names the contract. */
  contract: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'the name of a dataset')),
  idempotency_key: z.exactOptional(identifier),
});

/** What ingestion hands on: verified, and without the scope that it consumed. Holds no token. */
export const VerifiedCredential = z.strictObject({
  issuer: identifier,
  subject: identifier,
  jti: identifier,
  /** Sorted, each once, without `ingest:read`. */
  scopes: z.array(scope),
  /** The dataset. */
  contract: SubmissionClaims.shape.contract,
  /** What the payload's digest must be. */
  sha256: Sha256Hex,
  size: SubmissionClaims.shape.size,
  idempotencyKey: z.exactOptional(identifier),
  /** Epoch seconds. */
  expiresAt: epochSeconds,
  /** SHA-256 (hex) of the token as it came: names the credential in the audit log. */
  digest: Sha256Hex,
});
export type VerifiedCredential = z.infer<typeof VerifiedCredential>;

/** Names a token in the audit log. Its signature makes it unguessable, so a plain digest gives nothing away. */
export function credentialDigest(token: string): string {
  return sha256Hex(token);
}

/** The key under which a credential's use is claimed: issuers number their tokens each for itself. */
export function credentialKey({ issuer, jti }: Pick<VerifiedCredential, 'issuer' | 'jti'>): string {
  return sha256Hex(canonicalJson(['credential', issuer, jti]));
}

/** Names the submitter in the audit log. */
export function submitterDigest({ issuer, subject }: Pick<VerifiedCredential, 'issuer' | 'subject'>): string {
  return sha256Hex(canonicalJson(['submitter', issuer, subject]));
}
