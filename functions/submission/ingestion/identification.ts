import { credentialKey, type VerifiedCredential } from '../../../shared/credential/claims.ts';
import { verifySubmissionToken } from '../../../shared/credential/verify.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { canonicalJson } from '../../../shared/json/canonical.ts';
import type { UploadReference } from '../../../shared/messages.ts';
import type { CredentialStore, IssuerSource, ObjectHead } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

export interface IdentificationPorts {
  /** Part of the audience of submission tokens: `parapet:<deployment>`. */
  readonly deployment: string;
  readonly issuers: IssuerSource;
  readonly credentials: CredentialStore;
}

/** A used token is remembered beyond its end by as much as two clocks may be apart, and more. */
const REMEMBERED_SECONDS = 86_400;

/**
 * Who submits, from the object's head alone (requirement B01): the token verifies, was made for this object, and has been
 * used for no other version. Times are judged as of `presented`, when the run began, so that a retry hours later comes to the
 * same answer. Throws a Problem of the credential.
 */
export async function identify(
  ports: IdentificationPorts,
  run: string,
  upload: UploadReference,
  head: ObjectHead,
  token: string | undefined,
  presented: number,
): Promise<VerifiedCredential> {
  const credential = await verifySubmissionToken(token, {
    issuers: ports.issuers,
    audience: `parapet:${ports.deployment}`,
    upload: { bucket: upload.bucket, key: upload.key, size: head.size },
    now: presented,
  });
  const window = { now: Math.floor(presented / 1_000), expiresAt: credential.expiresAt + REMEMBERED_SECONDS };
  const mine = await ports.credentials.claim(credentialKey(credential), run, window);
  if (!mine) throw new Problem('credential-replayed');
  return credential;
}

/**
 * Names a submission among those of its submitter and dataset: by the key that was given, or by the payload. Nobody can burn
 * or probe the key of another, as who submits is part of it (requirement B07).
 */
export function idempotencyKeyOf({ issuer, subject, contract, idempotencyKey, sha256 }: VerifiedCredential): string {
  const named = idempotencyKey === undefined ? ['payload', sha256] : ['key', idempotencyKey];
  return sha256Hex(canonicalJson(['idempotency', issuer, subject, contract, ...named]));
}
