/** What the steps of a sweep need of the world, besides the engines. */
import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';
import type { Closing, Conclusion } from '../../../shared/verdict/gate.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';
import type { Engine, Json, OpenOptions } from '../engines/engine.ts';

/** Where a sweep keeps what its steps hand to each other. All of it is payload, and encrypted by whoever implements this. */
export interface SweepStore {
  /**
   * Writes unless something is there: true when these bytes are now the object, durably; false when another attempt was first, whose bytes
   * count and stay.
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Undefined when there is nothing. */
  read(key: string): Promise<Uint8Array | undefined>;
}

/** Opens a side's endpoint, as whom and over which address being the deployment's (or the command line's) to know. */
export type OpenEndpoint = (side: SideName, endpoint: Endpoint, options?: OpenOptions) => Promise<Engine>;

/** What stands between a dataset's sweeps and those who consume it: breaker and gate. */
export interface SweepGate {
  /** A ticket for this sweep; undefined while the breaker is open. Asked before anything is read, and after the contract was verified. */
  begin(dataset: string): Promise<Json | undefined>;
  /** Who closed the breaker before this sweep, and why: for its log. */
  closings(ticket: Json): readonly Closing[];
  /** At the end of every sweep that began, and again once it is published. Repeating either changes nothing. */
  conclude(ticket: Json, verdict: Verdict, conclusion: Conclusion): Promise<void>;
}

/**
 * Where a sweep's objects lie in its store. The first part of a key says what it is: a deployment grants by it, and keeps manifests longer
 * than what was made under them.
 */
export const SWEEP_KEYS = {
  manifest: 'manifest',
  /** The committed result of one stretch of one partition. */
  result: (side: SideName, partition: number, stretch: number): string => `results/${side}/${partition}/${stretch}`,
  /** The partitions by their ordinals: what the fan-out is over. */
  items: 'items',
  comparison: 'comparison',
  located: 'located',
  /** The sealed verdict before it is published. */
  report: 'report',
  /** What the gate gave when the sweep began. */
  ticket: 'ticket',
  /** Why a step came to no result; of all partitions, that of the first. */
  failures: (step: 'plan' | 'hash' | 'locate'): string => `failures/${step}`,
  /** What tripped the breaker in mid-run: who finds it reads no further. */
  trip: 'trip',
  /** One for each failed attempt, up to what the contract allows. */
  failedAttempt: (ordinal: number): string => `attempts/${ordinal}`,
} as const;
