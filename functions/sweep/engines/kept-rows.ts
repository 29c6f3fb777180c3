import { readField } from '../../../shared/canonical/field.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';
import type { FoundRow } from './engine.ts';

/** A batch that keeps rows instead of hashing them: all, or those whose key is wanted. */
export class KeptRows implements RowBatch {
  target = new Uint8Array(64 * 1024);
  readonly at = 0;
  readonly wants: (key: Uint8Array) => boolean;
  readonly #rows: FoundRow[] = [];

  /** `wanted` must not keep the bytes that it is given. */
  constructor(wanted: (key: Uint8Array) => boolean = () => true) {
    this.wants = wanted;
  }

  reserve(bytes: number): void {
    if (bytes > this.target.length) this.target = new Uint8Array(Math.max(bytes, 2 * this.target.length));
  }

  commit(keyEnd: number, end: number): void {
    if (!this.wants(this.target.subarray(0, keyEnd))) return;
    const row = this.target.slice(0, end);
    this.#rows.push({ key: row.subarray(0, keyEnd), fields: cutFields(row) });
  }

  flush(): void {}

  get rows(): readonly FoundRow[] {
    return this.#rows;
  }
}

/** The fields of a canonical row, heads included. */
export function cutFields(row: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let at = 0; at < row.length; ) {
    const { next } = readField(row, at);
    fields.push(row.subarray(at, next));
    at = next;
  }
  return fields;
}

/** Whether a key is one of a set; keys are compared as bytes. */
export function keySet(keys: readonly Uint8Array[]): (key: Uint8Array) => boolean {
  const texts = new Set(keys.map(keyText));
  return (key) => texts.has(keyText(key));
}

export const keyText = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
