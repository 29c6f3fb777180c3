/** What the steps of a sweep need of the world, besides the engines. */
import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';
import type { Engine, OpenOptions } from '../engines/engine.ts';

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

/** Where a sweep's objects lie in its store. */
export const SWEEP_KEYS = {
  manifest: 'manifest',
  /** The committed result of one stretch of one partition. */
  result: (side: SideName, partition: number, stretch: number): string => `results/${side}/${partition}/${stretch}`,
} as const;
