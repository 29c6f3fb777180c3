import type { Output } from '../../../shared/audit/fields.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { zeroise } from '../../../shared/envelope/cipher.ts';
import { encryptionContext, type SegmentContext } from '../../../shared/envelope/context.ts';
import { sealQuarantineSegment } from '../../../shared/envelope/quarantine.ts';
import { KEYS } from '../../../shared/names.ts';
import type { Origin } from '../../../shared/origin.ts';
import type { Random } from '../../../shared/ports.ts';
import type { FieldProblem } from '../../../shared/problem.ts';
import type { QuarantineNote } from '../../../shared/quarantine-note.ts';
import type { VaultReference } from './manifest.ts';
import type { QuarantinePorts } from './ports.ts';

/** A record that a stage turns away. */
export interface Rejection {
  readonly record: number;
  /** As it came to this stage; undefined for one that was too large to hold, which `range` finds in the upload. */
  readonly raw: Uint8Array | string | undefined;
  readonly range?: { readonly start: number; readonly end: number };
  readonly errors: readonly FieldProblem[];
  /** What the audit log names it by. */
  readonly digest: string;
}

/**
 * Puts a chunk's rejected records where only the custodian can open them (requirement B03), and beside them why: one object
 * each and one call for a key, however many records. Nothing of it counts until the chunk is committed.
 */
export async function quarantineRecords(
  ports: QuarantinePorts & { readonly random: Random },
  context: SegmentContext,
  provenance: { readonly origin: Origin; readonly vault: VaultReference | undefined },
  rejections: readonly Rejection[],
): Promise<Output[]> {
  if (rejections.length === 0) return [];
  const { stage, run, attempt, chunk } = context;
  const segmentKey = KEYS.quarantineSegment(stage, run, attempt, chunk);
  const segment = await sealedSegment(ports, context, rejections);
  const note: QuarantineNote = {
    format: 'parapet-problems',
    version: 1,
    context,
    segment: { key: segmentKey, sha256: sha256Hex(segment) },
    origin: provenance.origin,
    ...(provenance.vault === undefined ? {} : { vault: provenance.vault }),
    records: rejections.map(({ record, range, raw, errors }) => ({
      record,
      errors,
      ...(raw === undefined && range !== undefined ? { range } : {}),
    })),
  };
  const problems = Buffer.from(JSON.stringify(note), 'utf8');
  const problemsKey = KEYS.problems(stage, run, attempt, chunk);
  const json = { contentType: 'application/json' };
  await Promise.all([
    ports.quarantine.put(segmentKey, segment, json),
    ports.quarantine.put(problemsKey, problems, json),
  ]);
  const records = rejections.length;
  return [
    { kind: 'quarantine', key: segmentKey, sha256: sha256Hex(segment), records, bytes: segment.byteLength },
    { kind: 'problems', key: problemsKey, sha256: sha256Hex(problems), records, bytes: problems.byteLength },
  ];
}

async function sealedSegment(
  { quarantineKey, random }: QuarantinePorts & { readonly random: Random },
  context: SegmentContext,
  rejections: readonly Rejection[],
): Promise<Buffer> {
  const key = await quarantineKey.generate(encryptionContext('quarantine', context));
  try {
    const held = rejections.flatMap(({ record, raw }) => (raw === undefined ? [] : [{ record, raw }]));
    return Buffer.from(sealQuarantineSegment(context, key, held, random), 'utf8');
  } finally {
    zeroise(key.plaintext);
    for (const { raw } of rejections) if (raw instanceof Uint8Array) zeroise(raw);
  }
}
