import { credentialKey, type VerifiedCredential } from '../../../shared/credential/claims.ts';
import { verifySubmissionToken } from '../../../shared/credential/verify.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { canonicalJson } from '../../../shared/json/canonical.ts';
import type { UploadReference } from '../../../shared/messages.ts';
import type { CredentialStore, IssuerSource, ObjectHead, Run } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

export interface IdentificationPorts {
  /** Part of the audience of submission tokens: `parapet:<deployment>`. */
  readonly deployment: string;
  /** The longest that a submission token may live. */
  readonly longestTokenSeconds: number;
  readonly issuers: IssuerSource;
  readonly credentials: CredentialStore;
}

const DAY_SECONDS = 86_400;
/**
 * How long after its token's end an upload is still looked at. An event may come late: EventBridge tries for a day, dead
 * letters wait for 14, and an execution can be redriven for 14.
 */
const LOOKED_AT_SECONDS = 30 * DAY_SECONDS;
/** A used token is remembered for longer than anything that bears it is looked at: nobody can wait until it is forgotten. */
const REMEMBERED_SECONDS = 45 * DAY_SECONDS;

/**
 * Who submits, from the object's head alone (requirement B01): the token verifies, was made for this object, and has been
 * used for no other version. Times are judged as of the put, by the store's own clock: neither a late event nor a retry makes
 * a token expire, and nobody but the store can say when that was. Throws a Problem of the credential.
 */
export async function identify(
  ports: IdentificationPorts,
  run: Pick<Run, 'run' | 'startedAt'>,
  upload: UploadReference,
  head: ObjectHead,
  token: string | undefined,
): Promise<VerifiedCredential> {
  const began = Date.parse(run.startedAt);
  const presented = head.storedAt ?? began;
  const credential = await verifySubmissionToken(token, {
    issuers: ports.issuers,
    audience: `parapet:${ports.deployment}`,
    upload: { bucket: upload.bucket, key: upload.key, size: head.size },
    now: presented,
    longestSeconds: ports.longestTokenSeconds,
  });
  if (began / 1_000 > credential.expiresAt + LOOKED_AT_SECONDS) throw new Problem('credential-expired');
  const window = { now: Math.floor(presented / 1_000), expiresAt: credential.expiresAt + REMEMBERED_SECONDS };
  const mine = await ports.credentials.claim(credentialKey(credential), run.run, window);
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
