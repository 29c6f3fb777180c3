import { instantiateKernel } from './kernel/kernel.ts';
import { KernelBatch } from './kernel-batch.ts';
import { PRF_BYTES, prf } from './prf.ts';

/** The PRF of each row, given as its canonical fields: in the kernel where there is one. */
export function digestRows(rowKey: Uint8Array, rows: readonly (readonly Uint8Array[])[]): readonly Uint8Array[] {
  const kernel = instantiateKernel();
  if (kernel === undefined) return rows.map((fields) => prf(rowKey, Buffer.concat(fields)));
  const digests: Uint8Array[] = [];
  const batch = new KernelBatch(kernel, rowKey, ({ digests: from, count }) => {
    for (let row = 0; row < count; row++) digests.push(kernel.bytes(from + row * PRF_BYTES, PRF_BYTES).slice());
  });
  for (const fields of rows) {
    batch.reserve(fields.reduce((sum, { length }) => sum + length, 0));
    const start = batch.at;
    let at = start;
    for (const field of fields) {
      batch.target.set(field, at);
      at += field.length;
    }
    batch.commit(start, at);
  }
  batch.flush();
  kernel.free();
  return digests;
}
