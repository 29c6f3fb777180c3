import * as z from 'zod/mini';
import { Sha256Hex, sha256Hex } from '../digest.ts';
import { canonicalJson } from '../json/canonical.ts';
import { Counts } from '../message-schemas.ts';
import { CUSTODY, STAGES } from '../names.ts';
import { Problem } from '../problem.ts';
import { AttemptId, Time } from './fields.ts';

/**
 * One boundary crossed (requirement B13): which stage, when, by which rules, with how many records. Each holds the digest
 * of the one before, so that none can be changed, taken out or put in without changing every later one.
 */
export const Transition = z.strictObject({
  stage: z.enum([...STAGES, CUSTODY]),
  attempt: AttemptId,
  began: Time,
  ended: Time,
  /** SHA-256 (hex) of what judged the records: the contract, the rule packs. */
  rules: z.array(Sha256Hex),
  counts: Counts,
  /** Hash of the transition before; of the first, 64 zeros. */
  previous: Sha256Hex,
  /** SHA-256 (hex) of the canonical JSON of everything above. */
  hash: Sha256Hex,
});
export type Transition = z.infer<typeof Transition>;

/** What the first transition of a run follows. */
export const FIRST_TRANSITION = '0'.repeat(64);

/** The hash that the transition must carry. */
export function transitionHash({ hash: _, ...content }: Transition): string {
  return sha256Hex(canonicalJson(content));
}

export function appendTransition(
  chain: readonly Transition[],
  crossed: Omit<Transition, 'previous' | 'hash'>,
): Transition[] {
  const content = { ...crossed, previous: chain.at(-1)?.hash ?? FIRST_TRANSITION, hash: '' };
  return [...chain, { ...content, hash: transitionHash(content) }];
}

/** Throws Problem('evidence-invalid') when a link does not hold. */
export function verifyTransitions(chain: readonly Transition[]): void {
  let previous = FIRST_TRANSITION;
  for (const transition of chain) {
    if (transition.previous !== previous || transitionHash(transition) !== transition.hash) {
      throw new Problem('evidence-invalid', { detail: 'The chain of transitions is broken.' });
    }
    previous = transition.hash;
  }
}
