import { sha256Hex } from './digest.ts';
import type { QuarantineReference, UploadReference } from './messages.ts';

const RUN_ID_CHARACTERS = 32;

/**
 * The run of an uploaded object version: the first 32 hex digits of SHA-256 of bucket, key and version id, set apart by
 * NUL, which none of them can hold. EventBridge delivers at least once and cannot name executions; this names the run.
 */
export function runIdOf(upload: Pick<UploadReference, 'bucket' | 'key' | 'versionId'>): string {
  return sha256Hex([upload.bucket, upload.key, upload.versionId].join('\0')).slice(0, RUN_ID_CHARACTERS);
}

/** The run of what becomes of one thing in quarantine: one, whichever is asked first, so that it happens once. */
export function custodyRunIdOf(reference: QuarantineReference): string {
  const name =
    'upload' in reference
      ? [reference.run, 'upload']
      : [reference.run, reference.stage, reference.attempt, reference.chunk.toString()];
  return sha256Hex(['custody', ...name].join('\0')).slice(0, RUN_ID_CHARACTERS);
}
