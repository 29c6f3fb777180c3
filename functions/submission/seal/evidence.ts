import { SealComposer } from '../../../shared/audit/compose-seal.ts';
import type { AuditEntry, EntryOf } from '../../../shared/audit/entry.ts';
import { parseSealDocument, type SealDocument } from '../../../shared/audit/seal-document.ts';
import { entriesOf } from '../../../shared/audit/segment.ts';
import { KEYS } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem, type ProblemCode } from '../../../shared/problem.ts';

const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** What there is of a run: the seal of its last generation, and the segments that it does not cover. */
export interface Evidence {
  readonly run: string;
  readonly previous: SealDocument | undefined;
  /** Keys, in the order of the tree. */
  readonly fresh: readonly string[];
  /** Generation that comes next. */
  readonly generation: number;
  /** Its checkpoint, when an earlier attempt came so far: what it signed is the tree, whatever was written since. */
  readonly signed: string | undefined;
}

export async function gatherEvidence(audit: ObjectStore, run: string): Promise<Evidence> {
  const [seals, keys] = await Promise.all([
    keysUnder(audit, KEYS.sealPrefix(run)),
    keysUnder(audit, KEYS.auditPrefix(run)),
  ]);
  const last = seals.findLast((key) => key.endsWith('/seal.json'));
  const previous = last === undefined ? undefined : parseSealDocument(await textOf(audit, last));
  const sealed = new Set(previous?.segments.map(({ key }) => key));
  const generation = (previous?.generation ?? 0) + 1;
  const checkpoint = KEYS.checkpoint(run, generation);
  const signed = seals.includes(checkpoint) ? await textOf(audit, checkpoint) : undefined;
  return { run, previous, fresh: keys.filter((key) => !sealed.has(key)), generation, signed };
}

/** Reads a segment; every one that was listed is under Object Lock, so that a missing one is no accident. */
export async function readSegment(audit: ObjectStore, key: string, versionId?: string) {
  const found = await audit.get(key, {
    maxBytes: MAX_SEGMENT_BYTES,
    ...(versionId === undefined ? {} : { versionId }),
  });
  if (found === undefined) throw new Problem('evidence-invalid', { detail: 'A segment of the run is gone.' });
  return found;
}

/** What the outcome entries say beside the counts. */
export interface Said {
  readonly refusal: ProblemCode | undefined;
  readonly discarded: boolean;
}

/** Takes segments in the order of the tree: the generation before first, then what is new. */
export class Gathering {
  readonly composer: SealComposer;
  readonly #audit: ObjectStore;
  #refusal: ProblemCode | undefined;
  #discarded = false;

  constructor(audit: ObjectStore, { run, previous }: Evidence) {
    this.#audit = audit;
    this.composer = new SealComposer(run, previous);
  }

  get said(): Said {
    return { refusal: this.#refusal, discarded: this.#discarded };
  }

  async addSealed(previous: SealDocument | undefined): Promise<void> {
    for (const { key, versionId } of previous?.segments ?? []) {
      this.#add(key, await readSegment(this.#audit, key, versionId));
    }
  }

  async addFresh(key: string): Promise<void> {
    this.#add(key, await readSegment(this.#audit, key));
  }

  #add(key: string, { bytes, versionId }: { readonly bytes: Uint8Array; readonly versionId: string }): void {
    this.composer.addSegment({ key, versionId }, bytes);
    // Chunks say nothing but records and counts, and are by far the most.
    if (!isOutcome(key)) return;
    for (const entry of entriesOf(bytes)) this.#hear(entry);
  }

  #hear(entry: AuditEntry): void {
    if (entry.action === 'stage.ended' && entry.outcome === 'refused')
      this.#refusal = entry.problem ?? 'internal-failure';
    if (entry.action === 'quarantine.discarded' && entry.outcome === 'allowed') this.#discarded = true;
  }
}

/** The end that an earlier attempt at this generation has written, if any. */
export async function writtenEnd(
  audit: ObjectStore,
  { run, fresh, generation }: Evidence,
): Promise<EntryOf<'run.ended'> | undefined> {
  const key = KEYS.auditOutcome('seal', run, generation);
  if (!fresh.includes(key)) return undefined;
  for (const entry of entriesOf((await readSegment(audit, key)).bytes)) {
    if (entry.action === 'run.ended') return entry;
  }
  throw new Problem('evidence-invalid', { detail: 'The segment of an end holds none.' });
}

function isOutcome(key: string): boolean {
  return key.slice(key.lastIndexOf('/') + 1).startsWith('outcome-');
}

async function textOf(audit: ObjectStore, key: string): Promise<string> {
  const found = await audit.get(key, { maxBytes: MAX_DOCUMENT_BYTES });
  if (found === undefined) throw new Problem('evidence-invalid', { detail: 'A seal is gone.' });
  return Buffer.from(found.bytes).toString('utf8');
}

/** In byte order, whatever the store's: it is the order of the tree. */
async function keysUnder(audit: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of audit.list(prefix)) keys.push(key);
  return keys.sort();
}
