import type { AuditEvent } from '../../../shared/audit/segment.ts';
import { credentialDigest, type VerifiedCredential } from '../../../shared/credential/claims.ts';
import type { UploadReference } from '../../../shared/messages.ts';
import { KEYS } from '../../../shared/names.ts';
import type { ObjectHead, ObjectStore } from '../../../shared/ports.ts';
import { Problem, type ProblemCode } from '../../../shared/problem.ts';
import { sourceOf, whoOf } from '../protocol/entries.ts';
import { COPYABLE_BYTES } from '../protocol/upload.ts';

/** What of a submission was established before it was refused. */
export interface Known {
  readonly token: string | undefined;
  /** SHA-256 (hex) of the payload, where the store knew it or it has been computed; never what a credential claims. */
  readonly payload: string | undefined;
  readonly credential?: VerifiedCredential;
  readonly contract?: { readonly dataset: string; readonly version: number; readonly sha256: string };
}

/** Codes that are the submitter's to mend; every other is ours, and fails the stage instead of refusing the upload. */
const REFUSALS = /^(credential|payload|media-type|header)-/;

export function refusalOf(error: unknown): Problem | undefined {
  if (!(error instanceof Problem)) return undefined;
  return REFUSALS.test(error.code) || error.code === 'contract-unknown' ? error : undefined;
}

/**
 * Keeps a refused upload whole and unread where nothing may open it, without the token that lay in its metadata, and its
 * problem document beside it (requirement B03). One that is too large to copy in one call stays in landing, tagged.
 */
export async function keepRefused(
  { landing, quarantine }: { readonly landing: ObjectStore; readonly quarantine: ObjectStore },
  run: string,
  upload: UploadReference,
  head: ObjectHead,
  problem: Problem,
): Promise<void> {
  if (head.size > COPYABLE_BYTES) {
    await landing.tag(upload.key, upload.versionId, { 'parapet-refused': problem.code });
  } else {
    await copyUpload({ landing, quarantine }, run, upload);
  }
  const { detail } = problem;
  const document = new Problem(problem.code, {
    instance: run,
    ...(detail === undefined ? {} : { detail }),
  }).toDocument();
  const bytes = Buffer.from(`${JSON.stringify(document, null, 2)}\n`, 'utf8');
  await quarantine.put(KEYS.uploadProblem(run), bytes, { contentType: 'application/problem+json' });
}

/** Copying again gives the same object. */
export async function copyUpload(
  { landing, quarantine }: { readonly landing: ObjectStore; readonly quarantine: ObjectStore },
  run: string,
  { key, versionId }: UploadReference,
): Promise<void> {
  await quarantine.copyFrom({ bucket: landing.bucket, key, versionId }, KEYS.quarantinedUpload(run));
}

export function refusedUnread(
  upload: UploadReference,
  { token, payload, credential, contract }: Known,
  problem: ProblemCode,
): AuditEvent {
  return {
    action: 'submission.refused',
    outcome: 'denied',
    resource: 'submission',
    problem,
    who: credential ? whoOf(credential) : token ? { credential: credentialDigest(token) } : {},
    source: sourceOf(upload.sourceAddress),
    ...(payload === undefined ? {} : { payload }),
    ...(contract === undefined ? {} : { contract }),
  };
}
