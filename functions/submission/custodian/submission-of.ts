import { entriesOf } from '../../../shared/audit/segment.ts';
import { CUSTODY, KEYS } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

/** Two entries. */
const MAX_OUTCOME_BYTES = 64 * 1024;

/**
 * The run that the records of a run came in with. What a release has put into the flow again may be turned away again: then the run is a
 * release itself, and the custodian's own entry says of what. Read from there and not from the note beside the records, which
 * whoever turned them away has written. An id follows from what it releases, so that this comes to an end.
 */
export async function submissionOf(audit: ObjectStore, run: string): Promise<string> {
  let submission = run;
  for (let of = await releasedBy(audit, run); of !== undefined; of = await releasedBy(audit, of)) submission = of;
  return submission;
}

/** The run of the segment that this run released; `undefined` when it is the run of an upload. */
async function releasedBy(audit: ObjectStore, run: string): Promise<string | undefined> {
  const outcome = KEYS.auditOutcome(CUSTODY, run);
  for await (const { key } of audit.list(KEYS.auditStagePrefix(CUSTODY, run))) {
    if (key !== outcome) continue;
    const found = await audit.get(key, { maxBytes: MAX_OUTCOME_BYTES });
    for (const entry of found === undefined ? [] : entriesOf(found.bytes)) {
      if (entry.action === 'quarantine.released') return entry.resource.split('/')[2];
    }
    throw new Problem('evidence-invalid', { detail: 'The run of the segment released nothing.' });
  }
  return undefined;
}
