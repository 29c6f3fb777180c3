import { sha256Hex } from '../../../shared/digest.ts';
import { zeroise } from '../../../shared/envelope/cipher.ts';
import { encryptionContext } from '../../../shared/envelope/context.ts';
import { openQuarantinedRecord, parseQuarantineSegment } from '../../../shared/envelope/quarantine.ts';
import type { Counts, SegmentReference } from '../../../shared/messages.ts';
import { CUSTODY, KEYS, type WorkingStage } from '../../../shared/names.ts';
import type { KeyService, ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { QuarantineNote } from '../../../shared/quarantine-note.ts';
import type { BoundaryPorts as CustodianPorts, Finish } from '../protocol/boundary.ts';
import { writeChunk } from '../protocol/chunks.ts';
import { crossed } from '../protocol/handover.ts';
import type { Attempt } from '../protocol/lease.ts';
import { writeManifest } from '../protocol/manifest.ts';
import { decodeRecord, type WorkingRecord } from '../protocol/working-record.ts';

const MAX_SEGMENT_BYTES = 256 * 1024 * 1024;

export interface Release {
  readonly segment: SegmentReference;
  readonly attempt: Attempt<typeof CUSTODY>;
  readonly note: QuarantineNote;
  /** The run that the records came in with. */
  readonly submission: string;
  /** The stage that the release stands in for. */
  readonly before: WorkingStage;
  readonly counts: Counts;
}

/**
 * Writes the records again as the stage before the boundary had: one chunk and its manifest, under the run of the release. They
 * keep their origin, and with it the run that holds their idempotency key: what came in as a duplicate still is one.
 */
export async function release(
  ports: CustodianPorts,
  { segment, attempt, note, submission, before, counts }: Release,
): Promise<Finish> {
  if (note.origin.idempotency.holder !== submission || (note.vault?.context.run ?? submission) !== submission) {
    throw new Problem('evidence-invalid', { detail: 'The note beside the segment speaks of another submission.' });
  }
  const records = await openRecords(ports, note);
  const index = segment.chunk;
  const [output] = await writeChunk(ports.working, KEYS.chunk(before, attempt.run, attempt.attempt, index), records);
  if (output === undefined) throw new Problem('not-found', { detail: 'The segment holds no records.' });
  const { key, sha256, bytes } = output;
  const transitions = crossed(attempt, { counts, rules: [note.origin.contract.sha256], transitions: [] }, ports.clock);
  const manifest = await writeManifest(ports.working, KEYS.manifest(before, attempt.run, attempt.attempt), {
    format: 'parapet-manifest',
    version: 1,
    run: attempt.run,
    stage: CUSTODY,
    attempt: attempt.attempt,
    origin: note.origin,
    counts,
    chunks: [
      {
        index,
        key,
        sha256,
        records: records.length,
        bytes,
        ...(note.vault === undefined ? {} : { vault: note.vault }),
      },
    ],
    transitions,
  });
  const transition = transitions.at(-1);
  return transition === undefined ? { manifest } : { manifest, transition };
}

async function openRecords(
  { quarantine, quarantineKey }: { readonly quarantine: ObjectStore; readonly quarantineKey: KeyService },
  { context, segment: reference, records }: QuarantineNote,
): Promise<WorkingRecord[]> {
  const found = await quarantine.get(reference.key, { maxBytes: MAX_SEGMENT_BYTES });
  if (found === undefined) throw new Problem('not-found', { detail: 'The records have been discarded.' });
  if (sha256Hex(found.bytes) !== reference.sha256) {
    throw new Problem('evidence-invalid', {
      detail: 'The segment is not the one beside which the problems were written.',
    });
  }
  const segment = parseQuarantineSegment(Buffer.from(found.bytes).toString('utf8'));
  const key = await quarantineKey.open(
    Buffer.from(segment.wrappedKey, 'base64'),
    encryptionContext('quarantine', context),
  );
  try {
    return records.map(({ record }) => {
      const line = openQuarantinedRecord(segment, context, key, record);
      const opened = decodeRecord(line.toString('utf8'));
      zeroise(line);
      return opened;
    });
  } finally {
    zeroise(key);
  }
}
