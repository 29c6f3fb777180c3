/** Work at both sides at once, and what it comes to when it fails. */
import { SIDES, type SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { Problem, type ProblemCode } from '../../../shared/problem.ts';
import { type Reason, reason, reasonOf } from '../../../shared/verdict/reasons.ts';
import type { Engine } from '../engines/engine.ts';

export type Sides = Readonly<Record<SideName, Engine>>;

/** After these nothing may run: the contract or the configuration is wrong, not a side. */
const REFUSALS: ReadonlySet<ProblemCode> = new Set([
  'contract-untrusted',
  'configuration-invalid',
  'endpoint-same',
  'tls-required',
  'usage-invalid',
  'not-implemented',
]);

/** An engine gives no unchanging state, and the contract asks for one. */
export class NoSnapshot extends Error {}

export type Both<Result> =
  | { readonly done: true; readonly results: Readonly<Record<SideName, Result>> }
  | { readonly done: false; readonly failures: readonly Reason[] };

/** Both at once; a failure at one side does not hide one at the other. */
export async function onBothSides<Result>(
  work: (side: SideName) => Promise<Result>,
  place: 'opening',
): Promise<Both<Result>> {
  const [source, target] = await Promise.allSettled([work('source'), work('target')]);
  if (source.status === 'fulfilled' && target.status === 'fulfilled') {
    return { done: true, results: { source: source.value, target: target.value } };
  }
  const failures: Reason[] = [];
  for (const [index, side] of SIDES.entries()) {
    const settled = index === 0 ? source : target;
    if (settled.status === 'fulfilled') {
      if (isEngine(settled.value)) await settled.value.close();
      continue;
    }
    const error: unknown = settled.reason;
    if (error instanceof Problem && REFUSALS.has(error.code)) throw error;
    failures.push(
      error instanceof NoSnapshot ? reason('snapshot-unavailable', { side }) : reasonOf(error, place, side),
    );
  }
  return { done: false, failures };
}

function isEngine(value: unknown): value is Engine {
  return typeof value === 'object' && value !== null && 'close' in value && 'snapshot' in value;
}

/** Problem('endpoint-same'). */
export async function refuseSamePlace(contract: Equivalence, { source, target }: Sides): Promise<void> {
  const [one, other] = await Promise.all([source.identity(), target.identity()]);
  const files = contract.source.engine === 'files' && contract.target.engine === 'files';
  const within = (inner: string, outer: string): boolean => inner.startsWith(`${outer.replace(/\/+$/, '')}/`);
  if (one === other || (files && (within(one, other) || within(other, one)))) throw new Problem('endpoint-same');
}

export async function closeAll(engines: Sides): Promise<void> {
  await Promise.allSettled(SIDES.map((side) => engines[side].close()));
}
