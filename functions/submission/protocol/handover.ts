import { appendTransition, type Transition } from '../../../shared/audit/transition.ts';
import type { Counts } from '../../../shared/messages.ts';
import { type Actor, KEYS, type WorkingStage } from '../../../shared/names.ts';
import type { Origin } from '../../../shared/origin.ts';
import type { Clock, ObjectStore } from '../../../shared/ports.ts';
import type { Finish } from './boundary.ts';
import type { Attempt } from './lease.ts';
import { type ChunkReference, writeManifest } from './manifest.ts';

/** What a stage says of itself when it hands over. */
export interface Crossing {
  readonly counts: Counts;
  /** SHA-256 (hex) of what judged, each once. */
  readonly rules: Iterable<string>;
  /** The chain up to the stage before. */
  readonly transitions: readonly Transition[];
}

/** The chain with this stage's own link (requirement B13). */
export function crossed({ stage, attempt, began }: Attempt<Actor>, crossing: Crossing, clock: Clock): Transition[] {
  return appendTransition(crossing.transitions, {
    stage,
    attempt,
    began,
    ended: new Date(clock.now()).toISOString(),
    rules: [...new Set(crossing.rules)].sort(),
    counts: crossing.counts,
  });
}

/**
 * Writes the manifest, the last object of a stage and the one that its answer refers to. It lies under the attempt's own key:
 * of two attempts, the one whose end is committed has named its own.
 */
export async function handOver(
  ports: { readonly working: ObjectStore; readonly clock: Clock },
  attempt: Attempt & { readonly stage: WorkingStage },
  origin: Origin,
  chunks: readonly ChunkReference[],
  crossing: Crossing,
): Promise<Finish> {
  const transitions = crossed(attempt, crossing, ports.clock);
  const transition = transitions.at(-1);
  const link = transition === undefined ? {} : { transition };
  if (chunks.length === 0) return link;
  const manifest = await writeManifest(ports.working, KEYS.manifest(attempt.stage, attempt.run, attempt.attempt), {
    format: 'parapet-manifest',
    version: 1,
    run: attempt.run,
    stage: attempt.stage,
    attempt: attempt.attempt,
    origin,
    counts: crossing.counts,
    chunks: [...chunks],
    transitions,
  });
  return { manifest, ...link };
}
