import * as z from 'zod/mini';
import { Sha256Hex, sha256Hex } from '../../../shared/digest.ts';
import { canonicalJson } from '../../../shared/json/canonical.ts';
import { Counts } from '../../../shared/message-schemas.ts';
import { CUSTODY, STAGES } from '../../../shared/names.ts';
import { Problem } from '../../../shared/problem.ts';

const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));

/**
 * One boundary crossed (requirement B13): which stage, when, by which rules, with how many records. Each holds the digest
 * of the one before, so that none can be changed, taken out or put in without changing every later one.
 */
export const Transition = z.strictObject({
  stage: z.enum([...STAGES, CUSTODY]),
  attempt: z.string(),
  began: time,
  ended: time,
  /** SHA-256 (hex) of what judged the records: the contract, the rule packs. */
  rules: z.array(Sha256Hex),
  counts: Counts,
  /** Hash of the transition before; of the first, 64 zeros. */
  previous: Sha256Hex,
  /** SHA-256 (hex) of the canonical JSON of everything above. */
  hash: Sha256Hex,
});
export type Transition = z.infer<typeof Transition>;

const FIRST = '0'.repeat(64);

const hashOf = (content: Omit<Transition, 'hash'>): string => sha256Hex(canonicalJson(content));

export function appendTransition(
  chain: readonly Transition[],
  crossed: Omit<Transition, 'previous' | 'hash'>,
): Transition[] {
  const content = { ...crossed, previous: chain.at(-1)?.hash ?? FIRST };
  return [...chain, { ...content, hash: hashOf(content) }];
}

/** Throws `evidence-invalid` when a link does not hold. */
export function verifyTransitions(chain: readonly Transition[]): void {
  let previous = FIRST;
  for (const { hash, ...content } of chain) {
    if (content.previous !== previous || hashOf(content) !== hash) {
      throw new Problem('evidence-invalid', { detail: 'The chain of transitions is broken.' });
    }
    previous = hash;
  }
}
