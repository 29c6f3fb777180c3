/**
 * Opens a side for a sweep that was planned: the same state where one is shared, and the same place in any case. A name can come to mean
 * another place while a sweep runs or waits to be gone on with (a secret that is changed at a cut-over, another URL, a replica behind one
 * address), and partitions of two places are no side.
 */
import { sha256Hex } from '../../../shared/digest.ts';
import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { Problem } from '../../../shared/problem.ts';
import type { Engine } from '../engines/engine.ts';
import type { SweepManifest } from './manifest.ts';
import type { OpenEndpoint } from './ports.ts';

export const placeDigest = async (engine: Engine): Promise<string> => sha256Hex(await engine.identity());

/** Throws Problem('place-changed') for another place, and as `open` does. */
export async function openPlanned(
  side: SideName,
  contract: Equivalence,
  manifest: SweepManifest,
  open: OpenEndpoint,
): Promise<Engine> {
  const { share, place } = manifest[side];
  const engine = await open(side, contract[side], share === undefined ? {} : { share });
  try {
    if ((await placeDigest(engine)) !== place) throw new Problem('place-changed');
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
