import { EMPTY, type MultisetHash, withRow } from '../../../shared/fingerprint/multiset.ts';
import { prf } from '../../../shared/fingerprint/prf.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';

/** Writes ready bytes as rows; the first `keyLength` bytes of each are its key. */
export function addRows(batch: RowBatch, rows: readonly Uint8Array[], keyLength = 0): void {
  for (const row of rows) {
    batch.reserve(row.length);
    batch.target.set(row, batch.at);
    batch.commit(batch.at + Math.min(keyLength, row.length), batch.at + row.length);
  }
}

/** What a set of rows must come to, by the definition. */
export function expectedSet(key: Uint8Array, rows: readonly Uint8Array[]): MultisetHash {
  return rows.reduce((set, row) => withRow(set, prf(key, row)), EMPTY);
}
