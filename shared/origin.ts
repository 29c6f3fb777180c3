/**
 * Where the records of a run come from, as ingestion established it. It travels from boundary to boundary, and lies
 * beside quarantined records, so that a release can judge them as what they are.
 */
import * as z from 'zod/mini';
import { VerifiedCredential } from './credential/claims.ts';
import { RunId, Sha256Hex } from './digest.ts';

export const Origin = z.strictObject({
  contract: z.strictObject({
    dataset: VerifiedCredential.shape.contract,
    version: z.int().check(z.positive()),
    /** Of the signed document. */
    sha256: Sha256Hex,
  }),
  submitter: z.strictObject({
    issuer: VerifiedCredential.shape.issuer,
    subject: VerifiedCredential.shape.subject,
    /** Digest of the token. */
    credential: Sha256Hex,
    /** Without the scope that ingestion consumed. */
    scopes: VerifiedCredential.shape.scopes,
  }),
  /** Of the put, from the event. */
  source: z.strictObject({ address: z.string(), time: z.string() }),
  payload: z.strictObject({ sha256: Sha256Hex, size: z.int().check(z.nonnegative()) }),
  idempotency: z.strictObject({
    key: Sha256Hex,
    /** The run that claims the key: of records released from quarantine, the one that they came in with. */
    holder: RunId,
  }),
  saltVersion: z.string(),
});
export type Origin = z.infer<typeof Origin>;
