import type { MediaType } from '../../../shared/contract/schema.ts';
import type { UploadReference } from '../../../shared/messages.ts';
import type { Clock, Deadline, ObjectStore } from '../../../shared/ports.ts';
import { readRecords } from '../../../shared/reading/read.ts';
import { Pace } from '../protocol/pace.ts';
import type { ChunkCommit } from '../protocol/stage-log.ts';
import { type ChunkSetting, ChunkWriter, type ChunkWriterPorts } from './chunk-writer.ts';
import { Chunker, type ChunkLimits } from './chunking.ts';

export interface ReadingPorts extends ChunkWriterPorts {
  readonly landing: ObjectStore;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** Absent: CHUNK_LIMITS. Every attempt at a run must be given the same. */
  readonly chunkLimits?: ChunkLimits;
}

export interface Reading {
  readonly commits: Map<number, ChunkCommit>;
  /** Set when the deadline came near: the chunk that comes next. */
  readonly continueAt: number | undefined;
  /** Whether a record was too large to hold, so that its bytes are nowhere but in the upload. */
  readonly oversized: boolean;
}

/**
 * Reads the upload from its beginning, cut into the same chunks by every attempt, and commits those that are not committed
 * yet. Memory holds one chunk. Throws the Problem of a structural fault; what was committed before it then counts for nothing.
 */
export async function readUpload(
  ports: ReadingPorts,
  setting: ChunkSetting,
  { key, versionId }: UploadReference,
  mediaType: MediaType,
): Promise<Reading> {
  const commits = await setting.log.allChunks();
  const chunker = new Chunker(setting.compiled, ports.chunkLimits);
  const pace = new Pace(ports);
  let oversized = false;
  let index = 0;
  let writer: ChunkWriter | undefined;
  const begin = async (): Promise<void> => {
    pace.begin();
    writer = commits.has(index) ? undefined : await ChunkWriter.begin(ports, setting, index);
  };
  /** False when the deadline is too near for another chunk. */
  const close = async (): Promise<boolean> => {
    if (writer === undefined) return true;
    commits.set(index, await writer.commit());
    writer[Symbol.dispose]();
    writer = undefined;
    return pace.fitsAnother();
  };
  try {
    await begin();
    for await (const batch of readRecords(ports.landing.stream(key, versionId), mediaType, setting.compiled)) {
      for (const record of batch) {
        oversized ||= record.problems !== undefined && record.raw === undefined;
        if (chunker.begins(record)) {
          const fits = await close();
          index += 1;
          if (!fits) return { commits, continueAt: index, oversized };
          await begin();
        }
        writer?.add(record);
      }
    }
    await close();
    return { commits, continueAt: undefined, oversized };
  } finally {
    writer?.[Symbol.dispose]();
  }
}
