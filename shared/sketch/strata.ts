/**
 * The strata estimator (Eppstein, Goodrich, Uyeda, Varghese 2011): how many items differ, also when far more differ than a sketch can
 * decode. Level i holds a sample of about one item in 2ⁱ⁺¹; the levels that decode are counted and scaled up.
 */
import { ITEM_PRF_BITS, type Item } from './item.ts';
import { type Pure, peel } from './peel.ts';
import type { SketchPlan } from './plan.ts';
import { overfull } from './sketch.ts';

/** As in assembly/strata.ts: the last level takes what the others leave. */
const LEVELS = 32;
const CELLS_PER_TABLE = 64;
const TABLES = 3;
const LEVEL_CELLS = TABLES * CELLS_PER_TABLE;
/** Lower part of the ids' sum (8), of the checks' sum (8), their upper parts (4 + 4), the count (4), unused (4). */
const CELL_BYTES = 32;
const CHECK = 8;
const ID_TOP = 16;
const CHECK_TOP = 20;
const COUNT = 24;
export const STRATA_BYTES = LEVELS * LEVEL_CELLS * CELL_BYTES;

export interface StrataEstimate {
  /** Distinct items of which the sides have different numbers; a changed row is two. */
  readonly items: number;
  /** Standard error of `items`; 0 when every level decoded and the number is exact. */
  readonly standardError: number;
}

interface StrataCell {
  readonly count: number;
  readonly id: bigint;
  readonly check: bigint;
}

/** A level with so many items on average does not decode: it has fewer cells. */
const HOPELESS_ITEMS = 256;

/**
 * The first level that is filled. Only what a sketch of this plan cannot decode is ever estimated, and the levels before this one would not
 * decode either: nearly every item is spared its three cells there.
 */
export function firstLevel({ cellsPerTable }: SketchPlan): number {
  // Two items for three cells: a sketch of the planned 1.4 cells an item decodes more than these.
  const items = 2 * cellsPerTable;
  return Math.max(0, Math.floor(Math.log2(items / HOPELESS_ITEMS)));
}

/**
 * Adds an item in place: the reference of the kernel's `insertStrata`. `key` is the two words of the strata's check. Levels before `first`
 * stay empty.
 */
export function insertIntoStrata(strata: Uint8Array, key: readonly number[], item: Item, first: number): void {
  if (levelOf(item) < first) return;
  const view = viewOf(strata);
  const id = BigInt.asUintN(64, item.prf);
  const check = checkOf(key, id);
  const begin = levelOf(item) * LEVEL_CELLS;
  for (const place of positionsOf(id)) {
    const at = (begin + place) * CELL_BYTES;
    const cell = readCell(view, at);
    writeCell(view, at, { count: cell.count + 1, id: cell.id + id, check: cell.check + check });
  }
}

/** Adds another part of the same side in place: the reference of the kernel's `mergeStrata`. */
export function mergeStrataInto(strata: Uint8Array, other: Uint8Array): void {
  const view = viewOf(strata);
  const added = viewOf(other);
  for (let at = 0; at < STRATA_BYTES; at += CELL_BYTES) {
    const sum = combine(readCell(view, at), readCell(added, at), 1);
    if (sum.count >= 2 ** 31) throw overfull();
    writeCell(view, at, sum);
  }
}

/** Estimates in how many items two sides differ, from the strata of each, both filled from level `first` on. */
export function estimateDifference(
  source: Uint8Array,
  target: Uint8Array,
  key: readonly number[],
  first: number,
): StrataEstimate {
  let counted = 0;
  for (let level = LEVELS - 1; level >= 0; level--) {
    if (level < first) return scaleUp(counted, level);
    const items = countItems(differenceOf(source, target, level), key);
    if (items === undefined) return scaleUp(counted, level);
    counted += items;
  }
  return { items: counted, standardError: 0 };
}

/** The levels above `failed` hold each item with probability p = 2^−(failed + 1): the count of what they hold is binomial. */
function scaleUp(counted: number, failed: number): StrataEstimate {
  const scale = 2 ** (failed + 1);
  if (failed === LEVELS - 1) return { items: LEVEL_CELLS * scale, standardError: Number.POSITIVE_INFINITY };
  return { items: counted * scale, standardError: scale * Math.sqrt(Math.max(counted, 1) * (1 - 1 / scale)) };
}

/** Trailing zeros of word 3 of the PRF. */
function levelOf(item: Item): number {
  const word = Number(item.prf >> BigInt(ITEM_PRF_BITS - 32));
  const zeros = word === 0 ? 32 : 31 - Math.clz32(word & -word);
  return Math.min(zeros, LEVELS - 1);
}

/** The first three 16-bit parts of the id, each scaled to its table. */
function positionsOf(id: bigint): readonly number[] {
  return [0, 1, 2].map((table) => {
    const part = Number((id >> BigInt(16 * table)) & 0xffffn);
    return table * CELLS_PER_TABLE + ((part * CELLS_PER_TABLE) >> 16);
  });
}

function checkOf(key: readonly number[], id: bigint): bigint {
  const low = (id & 0xffff_ffffn) + BigInt(key[0] ?? 0);
  const high = (id >> 32n) + BigInt(key[1] ?? 0);
  return BigInt.asUintN(64, low * high);
}

function differenceOf(source: Uint8Array, target: Uint8Array, level: number): StrataCell[] {
  const left = viewOf(source);
  const right = viewOf(target);
  return Array.from({ length: LEVEL_CELLS }, (_, index) => {
    const at = (level * LEVEL_CELLS + index) * CELL_BYTES;
    return combine(readCell(left, at), readCell(right, at), -1);
  });
}

/** How many distinct items the cells hold; undefined when they do not decode. */
function countItems(cells: StrataCell[], key: readonly number[]): number | undefined {
  const isEmpty = (cell: StrataCell): boolean => cell.count === 0 && cell.id === 0n && cell.check === 0n;
  const { items, complete } = peel(cells, { isEmpty, add: combine, pure: (cell, index) => pureId(cell, index, key) });
  return complete ? items.length : undefined;
}

function pureId(cell: StrataCell, index: number, key: readonly number[]): Pure<StrataCell, bigint> | undefined {
  const count = BigInt(cell.count);
  if (count === 0n || cell.id % count !== 0n || cell.check % count !== 0n) return undefined;
  const id = cell.id / count;
  const check = checkOf(key, id);
  const places = positionsOf(id);
  if (id < 0n || id >> 64n !== 0n || check !== cell.check / count || !places.includes(index)) return undefined;
  return { item: id, multiplicity: cell.count, one: { count: 1, id, check }, places };
}

function combine(left: StrataCell, right: StrataCell, times: number): StrataCell {
  const factor = BigInt(times);
  return {
    count: left.count + times * right.count,
    id: left.id + factor * right.id,
    check: left.check + factor * right.check,
  };
}

function readCell(view: DataView, at: number): StrataCell {
  return {
    count: view.getInt32(at + COUNT, true),
    id: (BigInt(view.getInt32(at + ID_TOP, true)) << 64n) | view.getBigUint64(at, true),
    check: (BigInt(view.getInt32(at + CHECK_TOP, true)) << 64n) | view.getBigUint64(at + CHECK, true),
  };
}

function writeCell(view: DataView, at: number, { count, id, check }: StrataCell): void {
  view.setInt32(at + COUNT, count, true);
  view.setBigUint64(at, BigInt.asUintN(64, id), true);
  view.setInt32(at + ID_TOP, Number(BigInt.asIntN(32, id >> 64n)), true);
  view.setBigUint64(at + CHECK, BigInt.asUintN(64, check), true);
  view.setInt32(at + CHECK_TOP, Number(BigInt.asIntN(32, check >> 64n)), true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
