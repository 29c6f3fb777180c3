/** What a run has come to, read from everything that is stored, and what must hold whatever failed on the way. */
import { type AuditEntry, ordinalOf } from '../../../shared/audit/entry.ts';
import { entriesOf } from '../../../shared/audit/segment.ts';
import type { VerifierKey } from '../../../shared/audit/verifier-key.ts';
import { verifySeal } from '../../../shared/audit/verify-seal.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { parseQuarantineSegment } from '../../../shared/envelope/quarantine.ts';
import { KEYS } from '../../../shared/names.ts';
import { parseQuarantineNote } from '../../../shared/quarantine-note.ts';
import type { StoredVersion } from '../inspect.ts';

/** Nothing in it depends on the run's name, its attempts or the time: two runs over the same records end alike. */
export interface Ending {
  readonly outcome: string;
  readonly counts: { readonly received: number; readonly exported: number; readonly quarantined: number };
  /** Ordinals. */
  readonly exported: readonly number[];
  readonly quarantined: readonly { readonly record: number; readonly code: string; readonly stage: string }[];
  /** By key, without the run. */
  readonly exports: Readonly<Record<string, string>>;
  /** What does not hold. */
  readonly broken: readonly string[];
}

/** Every stored version by the run in its key. */
export class Evidence {
  readonly #buckets: Readonly<Record<'audit' | 'exports', string>>;
  readonly #byRun = new Map<string, StoredVersion[]>();
  /** Keys that are in landing still. */
  readonly landed: ReadonlySet<string>;

  constructor(versions: readonly StoredVersion[], buckets: Readonly<Record<'audit' | 'exports' | 'landing', string>>) {
    this.#buckets = buckets;
    this.landed = new Set(versions.filter(({ bucket }) => bucket === buckets.landing).map(({ key }) => key));
    for (const version of versions) {
      const run = /(?:^|\/)([0-9a-f]{32})\//.exec(version.key)?.[1];
      if (run === undefined) continue;
      const those = this.#byRun.get(run) ?? [];
      those.push(version);
      this.#byRun.set(run, those);
    }
  }

  async ending(run: string, key: VerifierKey): Promise<Ending> {
    const broken: string[] = [];
    const demand = (holds: boolean, what: string): void => {
      if (!holds) broken.push(what);
    };
    const stored = this.#byRun.get(run) ?? [];
    const audit = stored.filter(({ bucket }) => bucket === this.#buckets.audit);
    demand(new Set(audit.map((each) => each.key)).size === audit.length, 'a part of the evidence was written twice');
    const segments = audit.filter((each) => each.key.startsWith(KEYS.auditPrefix(run))).toSorted(byKey);
    const entries = segments.flatMap(({ bytes }) => [...entriesOf(bytes)]);

    const sealed = await this.#verify(run, audit, key, broken);
    const exported = entries.flatMap((entry) => (entry.action === 'record.exported' ? [ordinalOf(entry)] : []));
    const quarantined = entries.flatMap((entry) =>
      entry.action === 'record.quarantined'
        ? [{ record: ordinalOf(entry), code: entry.problem, stage: entry.stage }]
        : [],
    );
    const placed = [...exported, ...quarantined.map(({ record }) => record)];
    const { received = -1 } = sealed?.counts ?? {};
    demand(new Set(placed).size === placed.length, 'a record has two places');
    demand(placed.length === received, `${placed.length} records have a place, ${received} were received`);
    checkOutputs(entries, stored, demand);
    checkQuarantine(entries, stored, demand);

    const parts = stored.filter(({ bucket }) => bucket === this.#buckets.exports);
    const exports = new Map(parts.map((part) => [part.key.replace(run, '<run>'), part.bytes.toString('utf8')]));
    demand(
      parts.every((part) => part.bytes.toString('utf8') === exports.get(part.key.replace(run, '<run>'))),
      'an export was written with other bytes',
    );
    return {
      outcome: sealed?.outcome ?? 'unsealed',
      counts: sealed?.counts ?? { received: 0, exported: 0, quarantined: 0 },
      exported: exported.toSorted((one, other) => one - other),
      quarantined: quarantined.toSorted((one, other) => one.record - other.record),
      exports: Object.fromEntries([...exports].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      broken,
    };
  }

  /** Every generation's seal; resolves with the last one. */
  async #verify(run: string, audit: readonly StoredVersion[], key: VerifierKey, broken: string[]) {
    const find = (wanted: string): Buffer | undefined => audit.find((each) => each.key === wanted)?.bytes;
    let last: Awaited<ReturnType<typeof verifySeal>> | undefined;
    for (let generation = 1; ; generation += 1) {
      const document = find(KEYS.sealDocument(run, generation));
      if (document === undefined) break;
      try {
        last = await verifySeal({
          checkpoint: find(KEYS.checkpoint(run, generation))?.toString('utf8') ?? '',
          document: document.toString('utf8'),
          segment: async ({ key: at, versionId }) =>
            audit.find((each) => each.key === at && each.versionId === versionId)?.bytes,
          key,
        });
      } catch (error) {
        broken.push(`seal ${generation} does not verify: ${String(error)}`);
      }
    }
    const sealed = new Set<string>();
    if (last !== undefined) {
      const document = find(KEYS.sealDocument(run, last.generation))?.toString('utf8') ?? '';
      for (const [at] of document.matchAll(/entries\/[^"]+/g)) sealed.add(at);
    }
    const unsealed = audit.filter((each) => each.key.startsWith('entries/') && !sealed.has(each.key));
    if (unsealed.length > 0) broken.push(`${unsealed.length} segments are under no seal`);
    return last;
  }
}

type Demand = (holds: boolean, what: string) => void;

/** Each output that a commit counts in is stored, to the bit; what an attempt left that no commit names is none. */
function checkOutputs(entries: readonly AuditEntry[], stored: readonly StoredVersion[], demand: Demand): void {
  for (const entry of entries) {
    if (entry.action !== 'chunk.committed') continue;
    for (const { kind, key, sha256 } of entry.outputs) {
      const found = stored.filter((each) => each.key === key);
      demand(
        found.length > 0 && found.every(({ bytes }) => sha256Hex(bytes) === sha256),
        `${kind} is not as committed`,
      );
    }
  }
}

/** A committed segment holds the records that the log says, each with its first problem beside it. */
function checkQuarantine(entries: readonly AuditEntry[], stored: readonly StoredVersion[], demand: Demand): void {
  const textOf = (wanted: string | undefined): string | undefined =>
    stored.find(({ key }) => key === wanted)?.bytes.toString('utf8');
  for (const commit of entries) {
    if (commit.action !== 'chunk.committed') continue;
    const said = entries.flatMap((entry) =>
      entry.action === 'record.quarantined' && entry.stage === commit.stage && entry.chunk === commit.chunk
        ? [[ordinalOf(entry), entry.problem]]
        : [],
    );
    const segment = textOf(commit.outputs.find(({ kind }) => kind === 'quarantine')?.key);
    const note = textOf(commit.outputs.find(({ kind }) => kind === 'problems')?.key);
    const held = segment === undefined ? [] : parseQuarantineSegment(segment).records.map(({ record }) => record);
    const explained = note === undefined ? [] : parseQuarantineNote(note).records;
    const alike = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
    demand(
      alike(
        held,
        said.map(([record]) => record),
      ),
      `quarantine of ${commit.stage} does not hold what the log says`,
    );
    demand(
      alike(
        explained.map(({ record, errors: [first] }) => [record, first?.code]),
        said,
      ),
      `the problems of ${commit.stage} are not those of the log`,
    );
  }
}

const byKey = (one: { readonly key: string }, other: { readonly key: string }): number =>
  one.key < other.key ? -1 : 1;
