/** What a deployment has configured for the sweeps of its datasets, as the template sets it. */
import * as z from 'zod/mini';
import { SIDES } from '../../../shared/equivalence/relation.ts';
import type { EngineName, Equivalence } from '../../../shared/equivalence/schema.ts';
import { Problem } from '../../../shared/problem.ts';
import { parsePins } from '../../../shared/signature/pins.ts';

const positive = z.int().check(z.positive());

const Sweeps = z.record(
  z.string(),
  z.strictObject({
    /** To aim at, a side. */
    partitions: positive,
    /** How many connections a side may have open at once. */
    connections: z.strictObject({ source: positive, target: positive }),
  }),
);
export type SweepSettings = z.infer<typeof Sweeps>[string];

/** Throws `configuration-invalid` where nothing is configured for the dataset. */
export function settingsOf(sweeps: string, dataset: string): SweepSettings {
  const settings = parsePins(Sweeps, sweeps, 'sweeps')[dataset];
  if (settings === undefined) {
    throw new Problem('configuration-invalid', { detail: 'No sweep is configured for this dataset.' });
  }
  return settings;
}

/** A worker of a database holds one connection beside the one it reads by. */
const CONNECTIONS: Readonly<Record<EngineName, number>> = { postgres: 2, mysql: 2, dynamodb: 1, files: 1 };

/** How many partitions may be read at once, so that neither side has more connections than it may, whichever side all workers are at. */
export function workersWithin({ connections }: SweepSettings, contract: Equivalence): number {
  const bySide = SIDES.map((side) => Math.floor(connections[side] / CONNECTIONS[contract[side].engine]));
  return Math.max(1, Math.min(...bySide));
}
