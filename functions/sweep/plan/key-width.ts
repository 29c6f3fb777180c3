import type { Kind } from '../../../shared/canonical/column-type.ts';
import { MASK_BYTES } from '../../../shared/equivalence/mask.ts';
import { comparedColumns } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';

/** Bytes of a canonical field that most values of a kind do not exceed. Longer keys are listed too, at the price of another scan. */
const USUAL_BYTES: Readonly<Partial<Record<Kind, number>>> = {
  integer: 10,
  decimal: 14,
  boolean: 3,
  text: 42,
  bytes: 42,
  uuid: 18,
  instant: 13,
  date: 8,
  time: 12,
  datetime: 17,
};

/** How wide a slot of the sketch should be for this contract's keys. */
export function keyWidth(contract: Equivalence): number {
  return comparedColumns(contract)
    .slice(0, contract.key.length)
    .reduce((sum, { type, mask }) => sum + (mask === 'token' ? MASK_BYTES : (USUAL_BYTES[type.kind] ?? MASK_BYTES)), 0);
}
