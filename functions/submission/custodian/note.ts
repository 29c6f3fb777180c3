import type { SegmentReference } from '../../../shared/messages.ts';
import { KEYS } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { parseQuarantineNote, type QuarantineNote } from '../../../shared/quarantine-note.ts';

const MAX_NOTE_BYTES = 64 * 1024 * 1024;

/** What lies beside the segment that is asked for. Throws `not-found` when there is none, or it speaks of another. */
export async function readNote(
  quarantine: ObjectStore,
  { stage, run, attempt, chunk }: SegmentReference,
): Promise<QuarantineNote> {
  const found = await quarantine.get(KEYS.problems(stage, run, attempt, chunk), { maxBytes: MAX_NOTE_BYTES });
  if (found === undefined) throw new Problem('not-found', { detail: 'No such segment is in quarantine.' });
  const note = parseQuarantineNote(Buffer.from(found.bytes).toString('utf8'));
  const { context } = note;
  if (context.stage !== stage || context.run !== run || context.attempt !== attempt || context.chunk !== chunk) {
    throw new Problem('not-found', { detail: 'The list of problems is of another segment.' });
  }
  return note;
}
