import { DEAD_ATTEMPT, KEYS, type Stage } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import type { Attempt } from './lease.ts';
import type { ChunkCommit, StageEnd } from './stage-log.ts';

/** Where this stage's attempts write what stays for good once an entry of its own names it. */
export interface Kept {
  readonly quarantine: ObjectStore;
  /** For ingestion, which alone writes there: its entries say what of it counts. */
  readonly vault?: ObjectStore;
}

/**
 * Marks what attempts of a stage have left that no commit names, so that it expires. Only once the stage has ended: every chunk of it
 * is committed then, and no attempt that lives on somewhere can commit another. So nothing that counts is ever marked; what is not
 * marked stays. An attempt that has met no other has nothing to look for, and calls nothing.
 */
export async function markDeadAttempts(
  kept: Kept,
  { run, stage, attempt, repeated }: Attempt,
  end: StageEnd,
  commits: ReadonlyMap<number, ChunkCommit>,
): Promise<void> {
  const own = (entry: { readonly attempt: string }): boolean => entry.attempt === attempt;
  if (!repeated && own(end) && [...commits.values()].every(own)) return;
  // Refused in the middle, the upload has chunks that nobody has committed: somebody still might.
  if (stage === 'ingestion' && end.outcome === 'refused') return;
  const named = new Set([...commits.values()].flatMap(({ outputs }) => outputs.map(({ key }) => key)));
  for (const [store, prefix] of places(kept, stage, run)) {
    for await (const { key } of store.list(prefix)) {
      // The current version is the one that there is: a key holds its attempt, and each attempt writes it once.
      if (!named.has(key)) await store.tag(key, undefined, DEAD_ATTEMPT);
    }
  }
}

function places({ quarantine, vault }: Kept, stage: Stage, run: string): [ObjectStore, string][] {
  return [
    [quarantine, KEYS.quarantineSegments(stage, run)],
    [quarantine, KEYS.problemsOf(stage, run)],
    ...(vault === undefined || stage !== 'ingestion'
      ? []
      : [[vault, KEYS.vaultSegments(run)] satisfies [ObjectStore, string]]),
  ];
}
