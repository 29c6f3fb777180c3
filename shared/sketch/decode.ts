import { instantiateKernel } from '../fingerprint/kernel/kernel.ts';
import type { MultisetHash } from '../fingerprint/multiset.ts';
import type { CellKeys } from './cell-keys.ts';
import { decodeByReference } from './decode-by-reference.ts';
import { decodeInKernel } from './decode-in-kernel.ts';
import type { Decoded } from './decoded.ts';
import { ITEM_PRF_BITS } from './item.ts';
import { refuseOtherShape, type Sketch } from './sketch.ts';

/** Subtracts `target` from `source`, cell by cell, and lists what is left. Both must have been filled under `keys`. */
export function decodeDifference(source: Sketch, target: Sketch, keys: CellKeys): Decoded {
  refuseOtherShape(source.plan, target.plan);
  const kernel = instantiateKernel();
  return kernel ? decodeInKernel(kernel, source, target, keys) : decodeByReference(source, target, keys);
}

/**
 * Whether the items account for the whole difference of the two sets, by the sums of the rows' PRFs: an assurance that does not lean on
 * any cell.
 */
export function explains(decoded: Decoded, difference: MultisetHash): boolean {
  let count = 0n;
  let sum = 0n;
  for (const { prf, multiplicity } of decoded.items) {
    count += BigInt(multiplicity);
    sum += prf * BigInt(multiplicity);
  }
  const same = BigInt.asUintN(ITEM_PRF_BITS, sum - difference.sum) === 0n;
  return decoded.complete && count === difference.count && same;
}
