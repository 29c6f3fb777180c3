/**
 * The first step. It verifies the contract before anything is opened, opens both sides, holds what is found there against the contract, fixes
 * the states that are read, and splits each into partitions.
 */
import { randomUUID } from 'node:crypto';
import { sha256Hex } from '../../../shared/digest.ts';
import { createMasks } from '../../../shared/equivalence/mask.ts';
import { relationOf, SIDES, type SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { Clock, KeyService, Random, SignedText } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { ContractTrust } from '../../../shared/signature/contract.ts';
import { openEquivalence, type TrustedEquivalence } from '../../../shared/signature/equivalence.ts';
import { planSketch } from '../../../shared/sketch/plan.ts';
import type { Reason } from '../../../shared/verdict/reasons.ts';
import type { NotCompared } from '../../../shared/verdict/schema.ts';
import type { Engine } from '../engines/engine.ts';
import { makeSweepKeys } from '../protocol/keys.ts';
import { encodeManifest, type PlannedSide, type SweepManifest } from '../protocol/manifest.ts';
import { placeDigest } from '../protocol/open-planned.ts';
import { type OpenEndpoint, SWEEP_KEYS, type SweepStore } from '../protocol/ports.ts';
import { schemaDigest } from '../protocol/schema-digest.ts';
import { keyWidth } from './key-width.ts';
import { notCompared, uniqueness } from './schemas.ts';
import { closeAll, NoSnapshot, onBothSides, refuseSamePlace, type Sides } from './sides.ts';

export interface PlanRequest {
  readonly sweep: string;
  readonly signed: SignedText;
  readonly dataset: string;
  readonly trust: ContractTrust;
  /** Differing rows that the sketch should list; the contract's own wish where it is absent. */
  readonly capacity?: number | undefined;
  /** Partitions to aim at, a side. */
  readonly partitions: number;
}

export interface PlanPorts {
  readonly open: OpenEndpoint;
  readonly store: SweepStore;
  readonly keys: KeyService;
  readonly random: Random;
  readonly clock: Clock;
  /** Digest of the code that runs. */
  readonly code: string;
}

/** A plan, or why there is none. */
export type Planned =
  | {
      readonly ready: true;
      readonly trusted: TrustedEquivalence;
      readonly manifest: SweepManifest;
      /** SHA-256 of the manifest. */
      readonly digest: string;
      /** To be closed when the sweep is over: a snapshot ends with the engine that began it. */
      readonly engines: Sides;
    }
  | { readonly ready: false; readonly trusted: TrustedEquivalence; readonly failures: readonly Reason[] };

export const DEFAULT_CAPACITY = 10_000;

/** Throws the problems after which nothing may run; whatever else goes wrong is the reason why there is no plan. */
export async function plan(request: PlanRequest, ports: PlanPorts): Promise<Planned> {
  const trusted = openEquivalence(request.signed, request.dataset, request.trust);
  const { contract } = trusted;
  const opened = await onBothSides((side) => ports.open(side, contract[side]), 'opening');
  if (!opened.done) return { ready: false, trusted, failures: opened.failures };
  const engines = opened.results;
  try {
    await refuseSamePlace(contract, engines);
    const { keys, ...wrapped } = await makeSweepKeys(request.sweep, ports.keys, ports.random);
    const masks = createMasks(keys.mask);
    const planned = await onBothSides(
      (side) => planSide(contract, side, engines[side], masks, request.partitions),
      'opening',
    );
    if (!planned.done) {
      await closeAll(engines);
      return { ready: false, trusted, failures: planned.failures };
    }
    const { source, target } = planned.results;
    const manifest: SweepManifest = {
      format: 'parapet-sweep',
      version: 1,
      sweep: request.sweep,
      contract: {
        dataset: contract.dataset,
        version: contract.version,
        sha256: trusted.sha256,
        signer: trusted.signer,
      },
      code: ports.code,
      plannedAt: new Date(ports.clock.now()).toISOString(),
      frozen: SIDES.every((side) => contract[side].consistency === 'frozen'),
      notCompared: [
        ...contract.columns.flatMap(({ name, mask }): NotCompared[] =>
          mask === 'omit' ? [{ column: name, why: 'omitted' }] : [],
        ),
        ...source.notCompared,
        ...target.notCompared,
      ],
      source: source.planned,
      target: target.planned,
      // A row that changed is two items.
      sketch: planSketch(2 * (request.capacity ?? contract.capacity ?? DEFAULT_CAPACITY), keyWidth(contract)),
      ...wrapped,
    };
    const bytes = encodeManifest(manifest);
    if (!(await ports.store.create(SWEEP_KEYS.manifest, bytes))) {
      throw new Problem('internal-failure', { detail: 'This sweep has been planned already.' });
    }
    return { ready: true, trusted, manifest, digest: sha256Hex(bytes), engines };
  } catch (error) {
    await closeAll(engines);
    throw error;
  }
}

interface SidePlan {
  readonly planned: PlannedSide;
  readonly notCompared: readonly NotCompared[];
}

async function planSide(
  contract: Equivalence,
  side: SideName,
  engine: Engine,
  masks: ReturnType<typeof createMasks>,
  partitions: number,
): Promise<SidePlan> {
  const { consistency, position, share } = await engine.snapshot();
  if (contract[side].consistency === 'frozen' && consistency !== 'frozen') throw new NoSnapshot();
  const schema = await engine.schema();
  const reader = await engine.read(relationOf(contract, side), masks);
  const digest = schemaDigest(schema);
  return {
    planned: {
      consistency: contract[side].consistency,
      position,
      place: await placeDigest(engine),
      // A settled side is read as it is when its turn comes.
      ...(share === undefined || contract[side].consistency === 'settled' ? {} : { share }),
      ...(digest === undefined ? {} : { schema: digest }),
      unique: uniqueness(contract, side, schema),
      partitions: [...(await reader.plan(partitions))],
    },
    notCompared: notCompared(contract, side, schema),
  };
}

/** A new sweep's id. */
export const newSweepId = (): string => randomUUID().replaceAll('-', '');
