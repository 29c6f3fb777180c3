/**
 * A segment: the entries of one chunk of one stage, or of the stage as a whole, as one object of NDJSON. Each line, without its
 * line feed, is a leaf.
 */
import { canonicalJson } from '../json/canonical.ts';
import type { Actor } from '../names.ts';
import type { Clock } from '../ports.ts';
import { Problem } from '../problem.ts';
import { AuditEntry } from './entry.ts';

const LINE_FEED = 0x0a;

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** What a stage says; where and when it says so is the writer's to add. */
export type AuditEvent = DistributiveOmit<AuditEntry, 'schema' | 'run' | 'stage' | 'sequence' | 'time' | 'chunk'>;

export interface SegmentPlace {
  readonly run: string;
  readonly stage: Actor;
  /** Absent for the segment of a stage as a whole. */
  readonly chunk?: number;
}

/** Collects the entries of one segment. */
export class SegmentWriter {
  readonly #place: SegmentPlace;
  readonly #clock: Clock;
  readonly #lines: string[] = [];

  constructor(place: SegmentPlace, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  /** Number of entries so far. */
  get length(): number {
    return this.#lines.length;
  }

  /** Adds an entry. Throws Problem('internal-failure') when it is none: what is written once can never be mended. */
  add(event: AuditEvent): void {
    const entry = {
      schema: 1,
      run: this.#place.run,
      stage: this.#place.stage,
      ...(this.#place.chunk === undefined ? {} : { chunk: this.#place.chunk }),
      sequence: this.#lines.length,
      time: new Date(this.#clock.now()).toISOString(),
      ...event,
    };
    const parsed = AuditEntry.safeParse(entry);
    if (!parsed.success) {
      const paths = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
      throw new Problem('internal-failure', { detail: `The audit entry ${event.action} is not valid: ${paths}.` });
    }
    this.#lines.push(`${encodeEntry(parsed.data)}\n`);
  }

  /** The object's bytes. */
  bytes(): Uint8Array {
    return Buffer.from(this.#lines.join(''), 'utf8');
  }
}

/** The one line that says it: canonical JSON, without a line feed. */
export function encodeEntry(entry: AuditEntry): string {
  return canonicalJson(entry);
}

/** Reads one line. Problem('evidence-invalid') unless it is exactly what `encodeEntry` makes of a valid entry. */
export function parseEntry(line: string): AuditEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Problem('evidence-invalid', { detail: 'An entry is not JSON.' });
  }
  const parsed = AuditEntry.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.');
    throw new Problem('evidence-invalid', { detail: `An entry does not have the form of one: ${path || 'action'}.` });
  }
  // Otherwise two texts could say the same, and a duplicate member could say two things in one.
  if (encodeEntry(parsed.data) !== line)
    throw new Problem('evidence-invalid', { detail: 'An entry is not canonical.' });
  return parsed.data;
}

/** The leaves of a segment: its lines as bytes. Problem('evidence-invalid') unless each ends with a line feed. */
export function* leavesOf(segment: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < segment.length) {
    const end = segment.indexOf(LINE_FEED, start);
    if (end === -1) throw new Problem('evidence-invalid', { detail: 'A segment ends within a line.' });
    yield segment.subarray(start, end);
    start = end + 1;
  }
}

/** The entries of a segment, in order. */
export function* entriesOf(segment: Uint8Array): Generator<AuditEntry> {
  for (const leaf of leavesOf(segment)) yield parseEntry(decodeLeaf(leaf));
}

/** The entry that says what a segment is: a chunk's commit, a stage's end. Problem('evidence-invalid') where there is none. */
export function lastEntryOf(segment: Uint8Array): AuditEntry {
  const start = segment.lastIndexOf(LINE_FEED, segment.byteLength - 2) + 1;
  const [last] = entriesOf(segment.subarray(start));
  if (last === undefined) throw new Problem('evidence-invalid', { detail: 'A segment is empty.' });
  return last;
}

/** The text of a leaf. Entries hold ASCII alone, so that bytes which are no UTF-8 cannot pass as one. */
export function decodeLeaf(leaf: Uint8Array): string {
  return Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).toString('utf8');
}
