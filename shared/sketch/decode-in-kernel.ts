import type { Kernel } from '../fingerprint/kernel/kernel.ts';
import type { CellKeys } from './cell-keys.ts';
import type { Decoded, DecodedItem } from './decoded.ts';
import { ITEM_PRF_BYTES, readSlot } from './item.ts';
import { cellBytes, cellCount } from './plan.ts';
import type { Sketch } from './sketch.ts';

/** As `peelCells` in assembly/peel.ts lists items: multiplicity, unused bytes, PRF, slot. */
const PRF = 8;
const SLOT = PRF + ITEM_PRF_BYTES;
const WAITING_BYTES = 5 * 4;
const ALL_CELLS_EMPTY = 0x8000_0000;

/** The kernel is given back. */
export function decodeInKernel(kernel: Kernel, source: Sketch, target: Sketch, keys: CellKeys): Decoded {
  const { plan } = source;
  const { slotBytes, cellsPerTable } = plan;
  const count = cellCount(plan);
  const key = kernel.allocate(keys.cellBytes.length);
  const waiting = kernel.allocate(count * WAITING_BYTES);
  const cells = kernel.allocate(count * cellBytes(plan));
  // The cells that are subtracted make way for what is found.
  const foundBytes = SLOT + slotBytes;
  const others = kernel.allocate(Math.max(count * cellBytes(plan), (count + 1) * foundBytes));
  kernel.store(key, keys.cellBytes);
  kernel.store(cells, source.cells);
  kernel.store(others, target.cells);
  kernel.call.subtractCells(cells, others, count, slotBytes);
  const answer = kernel.call.peelCells(cells, cellsPerTable, slotBytes, key, waiting, others) >>> 0;
  const found = kernel.bytes(others, (answer % ALL_CELLS_EMPTY) * foundBytes);
  const view = new DataView(found.buffer, found.byteOffset, found.byteLength);
  const items: DecodedItem[] = [];
  for (let at = 0; at < found.length; at += foundBytes) {
    items.push({
      key: readSlot(found.subarray(at + SLOT, at + foundBytes)),
      prf: view.getBigUint64(at + PRF, true) | (view.getBigUint64(at + PRF + 8, true) << 64n),
      multiplicity: view.getInt32(at, true),
    });
  }
  kernel.free();
  return { items, complete: answer >= ALL_CELLS_EMPTY };
}
