/**
 * What hashing a part of a side comes to: its fingerprint, its sketch and its strata. Aggregates of parts add up to the aggregate of the
 * side. As bytes it has a size fixed by the plan alone, whatever the rows: encrypted, it does not tell how many they were.
 */
import { decodeMultiset, encodeMultiset, MULTISET_BYTES, type MultisetHash } from '../fingerprint/multiset.ts';
import { Problem } from '../problem.ts';
import { cellBytes, cellCount, type SketchPlan } from './plan.ts';
import type { Sketch } from './sketch.ts';
import { STRATA_BYTES } from './strata.ts';

export interface Aggregate {
  readonly set: MultisetHash;
  readonly sketch: Sketch;
  readonly strata: Uint8Array;
}

/** `PPA2`: the format and its version. */
const MAGIC = 0x50_50_41_32;
const HEADER_BYTES = 12;

export function aggregateBytes(plan: SketchPlan): number {
  return HEADER_BYTES + MULTISET_BYTES + STRATA_BYTES + cellCount(plan) * cellBytes(plan);
}

/** The format, the shape of the sketch (bytes of a slot, cells of a table; big-endian u32), the fingerprint, the strata, the cells. */
export function encodeAggregate(aggregate: Aggregate): Uint8Array {
  const bytes = new Uint8Array(aggregateBytes(aggregate.sketch.plan));
  writeAggregate(bytes, aggregate);
  return bytes;
}

/** The same, into the `aggregateBytes` of `bytes`. */
export function writeAggregate(bytes: Uint8Array, { set, sketch, strata }: Aggregate): void {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  header.setUint32(0, MAGIC);
  header.setUint32(4, sketch.plan.slotBytes);
  header.setUint32(8, sketch.plan.cellsPerTable);
  bytes.set(encodeMultiset(set), HEADER_BYTES);
  bytes.set(strata, HEADER_BYTES + MULTISET_BYTES);
  bytes.set(sketch.cells, HEADER_BYTES + MULTISET_BYTES + STRATA_BYTES);
}

/** Views into `bytes`, which must have been encoded under the same plan. */
export function decodeAggregate(bytes: Uint8Array, plan: SketchPlan): Aggregate {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known =
    bytes.length === aggregateBytes(plan) &&
    header.getUint32(0) === MAGIC &&
    header.getUint32(4) === plan.slotBytes &&
    header.getUint32(8) === plan.cellsPerTable;
  if (!known) {
    throw new Problem('evidence-invalid', { detail: 'The result of a partition is not of the planned shape.' });
  }
  const strata = HEADER_BYTES + MULTISET_BYTES;
  return {
    set: decodeMultiset(bytes.subarray(HEADER_BYTES, strata)),
    strata: bytes.subarray(strata, strata + STRATA_BYTES),
    sketch: { plan, cells: bytes.subarray(strata + STRATA_BYTES) },
  };
}
