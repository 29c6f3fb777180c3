/**
 * Goes on with a sweep that was planned, and broke off: the same contract, computed by the same code, under the same keys, of the same states.
 * Where one of them is another, the results that lie there are of no use, and the sweep has to begin anew.
 */
import { sha256Hex } from '../../../shared/digest.ts';
import { createMasks } from '../../../shared/equivalence/mask.ts';
import { relationOf, type SideName } from '../../../shared/equivalence/relation.ts';
import { Problem } from '../../../shared/problem.ts';
import { openEquivalence } from '../../../shared/signature/equivalence.ts';
import type { Engine } from '../engines/engine.ts';
import { openSweepKeys } from '../protocol/keys.ts';
import { decodeManifest, type PlannedSide } from '../protocol/manifest.ts';
import { openPlanned } from '../protocol/open-planned.ts';
import { SWEEP_KEYS } from '../protocol/ports.ts';
import { schemaDigest } from '../protocol/schema-digest.ts';
import type { Planned, PlanPorts, PlanRequest } from './plan.ts';
import { closeAll, onBothSides, refuseSamePlace } from './sides.ts';

/** `stale`: there is a plan, and it cannot be gone on with. */
export type TakenUp = Planned | 'none' | 'stale';

/** Throws as `plan` does, and Problem('ciphertext-invalid') under other keys than the plan's. */
export async function takeUp(
  request: Omit<PlanRequest, 'sweep'>,
  ports: Pick<PlanPorts, 'open' | 'store' | 'keys' | 'code'>,
): Promise<TakenUp> {
  const trusted = openEquivalence(request.signed, request.dataset, request.trust);
  const { contract } = trusted;
  const bytes = await ports.store.read(SWEEP_KEYS.manifest);
  if (bytes === undefined) return 'none';
  const manifest = decodeManifest(bytes);
  if (manifest.contract.sha256 !== trusted.sha256 || manifest.code !== ports.code) return 'stale';
  const masks = createMasks((await openSweepKeys(manifest, ports.keys)).mask);
  const opened = await onBothSides((side) => openPlanned(side, contract, manifest, ports.open), 'opening');
  if (!opened.done) {
    // What was read at another place says nothing of this one.
    if (opened.failures.some(({ code }) => code === 'place-changed')) return 'stale';
    return { ready: false, trusted, failures: opened.failures };
  }
  const engines = opened.results;
  try {
    await refuseSamePlace(contract, engines);
    const looked = await onBothSides((side) => isAsPlanned(side, engines[side], manifest[side]), 'opening');
    if (!looked.done) {
      await closeAll(engines);
      return { ready: false, trusted, failures: looked.failures };
    }
    if (looked.results.source && looked.results.target) {
      return { ready: true, trusted, manifest, digest: sha256Hex(bytes), engines };
    }
    await closeAll(engines);
    return 'stale';
  } catch (error) {
    await closeAll(engines);
    throw error;
  }

  async function isAsPlanned(side: SideName, engine: Engine, planned: PlannedSide): Promise<boolean> {
    try {
      if (schemaDigest(await engine.schema()) !== planned.schema) return false;
      // A state that is gone is noticed when something is asked of it.
      if (planned.share !== undefined) await (await engine.read(relationOf(contract, side), masks)).plan(1);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'snapshot-gone') return false;
      throw error;
    }
  }
}

/** Whether what broke a sweep off may be over when it is taken up again, so that its results are worth keeping. */
export const isPassing = (codes: readonly string[]): boolean =>
  codes.length > 0 && codes.every((code) => PASSING.has(code));

const PASSING: ReadonlySet<string> = new Set(['interrupted', 'side-missing', 'partition-unread', 'worker-failed']);
