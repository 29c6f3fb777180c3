import type { AuditEntry, EntryOf } from '../../../shared/audit/entry.ts';
import { type AuditEvent, lastEntryOf, SegmentWriter } from '../../../shared/audit/segment.ts';
import { type Actor, KEYS } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts } from './ports.ts';

export type ChunkCommit = EntryOf<'chunk.committed'>;
export type StageEnd = EntryOf<'stage.ended'>;

/** Ten thousand entries of some 400 bytes are 4 MB. */
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT = { contentType: 'application/x-ndjson' };
/** Earlier segments that are read at once. */
const CONCURRENCY = 8;

interface Place {
  readonly run: string;
  readonly stage: Actor;
  /** Whether there may be anything from an earlier attempt. */
  readonly repeated: boolean;
}

/**
 * One stage's part of the audit log of one run. Writing a segment is what commits: it is written once, under Object Lock, and
 * whoever comes second reads what the first wrote and goes on with that. Recovery therefore takes the same path as
 * the first run.
 */
export class StageLog {
  readonly #audit: ObjectStore;
  readonly #ports: FlowPorts;
  readonly #place: Place;
  readonly #keys: ReadonlySet<string>;

  private constructor(ports: FlowPorts, place: Place, keys: ReadonlySet<string>) {
    this.#audit = ports.audit;
    this.#ports = ports;
    this.#place = place;
    this.#keys = keys;
  }

  /** One listing tells what earlier attempts have committed; a first attempt needs none. */
  static async open(ports: FlowPorts, place: Place): Promise<StageLog> {
    const keys = new Set<string>();
    if (place.repeated) {
      for await (const { key } of ports.audit.list(KEYS.auditStagePrefix(place.stage, place.run))) keys.add(key);
    }
    return new StageLog(ports, place, keys);
  }

  hasChunk(index: number): boolean {
    return this.#keys.has(this.#chunkKey(index));
  }

  /** The commits of these chunks that there are. */
  async chunks(indexes: readonly number[]): Promise<Map<number, ChunkCommit>> {
    const wanted = indexes.filter((index) => this.hasChunk(index));
    const found = new Map<number, ChunkCommit>();
    let next = 0;
    const reader = async (): Promise<void> => {
      for (let index = wanted[next++]; index !== undefined; index = wanted[next++]) {
        found.set(index, commitOf(await this.#read(this.#chunkKey(index))));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, reader));
    return found;
  }

  /** Every chunk that earlier attempts committed. */
  allChunks(): Promise<Map<number, ChunkCommit>> {
    const indexes = [...this.#keys].flatMap((key) => /\/(\d{6})\.ndjson$/.exec(key)?.[1] ?? []).map(Number);
    return this.chunks(indexes);
  }

  /** How the stage ended, if it has. */
  async end(): Promise<StageEnd | undefined> {
    const key = KEYS.auditOutcome(this.#place.stage, this.#place.run);
    return this.#keys.has(key) ? endOf(await this.#read(key)) : undefined;
  }

  /**
   * Commits a chunk: `events` end with `chunk.committed`. Resolves with the commit that holds, which is another attempt's when
   * that was first; its outputs count then, and this attempt's are garbage that nothing names.
   */
  async commitChunk(index: number, events: readonly AuditEvent[]): Promise<ChunkCommit> {
    return commitOf(await this.#commit(this.#chunkKey(index), events, index));
  }

  /** Commits the end of the stage: `events` end with `stage.ended`. Resolves with the end that holds. */
  async commitEnd(events: readonly AuditEvent[]): Promise<StageEnd> {
    return endOf(await this.#commit(KEYS.auditOutcome(this.#place.stage, this.#place.run), events));
  }

  async #commit(key: string, events: readonly AuditEvent[], chunk?: number): Promise<AuditEntry> {
    const { run, stage } = this.#place;
    const writer = new SegmentWriter(chunk === undefined ? { run, stage } : { run, stage, chunk }, this.#ports.clock);
    for (const event of events) writer.add(event);
    const bytes = writer.bytes();
    const { outcome } = await this.#audit.create(key, bytes, SEGMENT);
    return outcome === 'created' ? lastEntryOf(bytes) : this.#read(key);
  }

  async #read(key: string): Promise<AuditEntry> {
    const found = await this.#audit.get(key, { maxBytes: MAX_SEGMENT_BYTES });
    if (found === undefined) throw new Problem('evidence-invalid', { detail: 'A segment that was there is gone.' });
    return lastEntryOf(found.bytes);
  }

  #chunkKey(index: number): string {
    return KEYS.auditSegment(this.#place.stage, this.#place.run, index);
  }
}

function commitOf(entry: AuditEntry): ChunkCommit {
  if (entry.action === 'chunk.committed') return entry;
  throw new Problem('evidence-invalid', { detail: 'The segment of a chunk does not end with its commit.' });
}

function endOf(entry: AuditEntry): StageEnd {
  if (entry.action === 'stage.ended') return entry;
  throw new Problem('evidence-invalid', { detail: 'The segment of a stage does not end with its end.' });
}
