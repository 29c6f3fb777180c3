import type { Origin } from '../../../shared/origin.ts';
import type { IdempotencyStore } from '../../../shared/ports.ts';
import type { ProblemCode } from '../../../shared/problem.ts';

/** What may remain of a credential's scopes after ingestion consumed its own (requirement B09): a closed list. */
const ALLOWED_SCOPES: ReadonlySet<string> = new Set(['reconcile:read', 'audit:verify']);

const HOUR_SECONDS = 3_600;

export function escalates(scopes: readonly string[]): boolean {
  return scopes.some((scope) => !ALLOWED_SCOPES.has(scope));
}

/**
 * Judges the submission as a whole: first whether its credential asks for too much, then whether it has been made before
 * (requirement B07). In that order, so that nobody who may not submit can burn a key. `undefined` when it is admitted.
 */
export async function admit(
  { submitter, idempotency, payload }: Origin,
  store: IdempotencyStore,
  window: { readonly hours: number; readonly nowMs: number },
): Promise<ProblemCode | undefined> {
  if (escalates(submitter.scopes)) return 'scope-escalation';
  const now = Math.floor(window.nowMs / 1_000);
  const claim = { holder: idempotency.holder, payload: payload.sha256 };
  const held = await store.claim(idempotency.key, claim, { now, expiresAt: now + window.hours * HOUR_SECONDS });
  // The run that holds the key resumes; its own retry is no duplicate.
  if (held.holder === idempotency.holder) return undefined;
  return held.payload === payload.sha256 ? 'submission-duplicate' : 'submission-conflict';
}
