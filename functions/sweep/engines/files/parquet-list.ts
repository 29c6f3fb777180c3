/** Hands a raw value of a Parquet column to a row: as its bytes, or of a list as the bytes of its items, each behind its length. */
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { decodeElement, encodeElement } from '../../../../shared/canonical/element.ts';
import { readField } from '../../../../shared/canonical/field.ts';
import type { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../../shared/canonical/spelling.ts';
import { codecFor } from '../../../../shared/canonical/types.ts';
import { type FieldWriter, fieldBound } from '../../../../shared/canonical/writer.ts';
import type { RowWriter } from '../row-writer.ts';
import { parquetType } from './parquet-type.ts';
import { bytesOf, type PutValue, VALUE_BYTES } from './parquet-value.ts';

const LENGTH_BYTES = 4;
/** In the place of an item's length. */
const NULL_ITEM = 0xffff_ffff;

export type PutColumn = (value: unknown, row: RowWriter) => void;

/** Undefined for a column that cannot be read. */
export function parquetPutter(name: string | undefined): PutColumn | undefined {
  if (name === undefined) return undefined;
  const item = itemOf(name);
  if (item !== undefined) return listPutter(item);
  const type = parquetType(name);
  if (type === undefined) return undefined;
  const put = type.toBytes;
  if (put === undefined) {
    return (value, row) => {
      const bytes = bytesOf(value);
      row.value(bytes, 0, bytes.length);
    };
  }
  const view = new DataView(new ArrayBuffer(VALUE_BYTES));
  const bytes = new Uint8Array(view.buffer);
  return (value, row) => row.value(bytes, 0, put(value, view));
}

const itemOf = (name: string): string | undefined => /^LIST<(.+)>$/.exec(name)?.[1];

function listPutter(item: string): PutColumn | undefined {
  const type = parquetType(item);
  if (type === undefined) return undefined;
  const toBytes = itemBytes(type.toBytes);
  return (value, row) => {
    if (!Array.isArray(value)) throw new TypeError('A list is an array.');
    const items: readonly unknown[] = value;
    const parts = items.flatMap((part) => {
      const bytes = part === null || part === undefined ? undefined : toBytes(part);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(bytes?.length ?? NULL_ITEM);
      return bytes === undefined ? [length] : [length, bytes];
    });
    const whole = Buffer.concat(parts);
    row.value(whole, 0, whole.length);
  };
}

function itemBytes(put: PutValue | undefined): (value: unknown) => Uint8Array {
  if (put === undefined) return bytesOf;
  const view = new DataView(new ArrayBuffer(VALUE_BYTES));
  return (value) => new Uint8Array(view.buffer).slice(0, put(value, view));
}

/** The writer of what `parquetPutter` hands over of a list; undefined when the column is none. */
export function parquetListWriter(name: string, declared: ColumnType, notes: ColumnNotes): FieldWriter | undefined {
  const item = itemOf(name);
  if (item === undefined || (declared.kind !== 'array' && declared.kind !== 'set')) return undefined;
  const write = parquetType(item)?.writer(declared.element, notes);
  if (write === undefined) return undefined;
  const codec = codecFor(declared);
  const elementCodec = codecFor(declared.element);
  const spell = (source: Uint8Array, start: number, end: number): Spelling => {
    const field = new Uint8Array(fieldBound(end - start));
    write(source, start, end, field, 0);
    // A canonical value is a spelling of itself.
    return decodeElement(elementCodec, readField(field, 0));
  };
  return (source, start, end, target, at) => {
    const lengths = new DataView(source.buffer, source.byteOffset, source.byteLength);
    const list: Spelling[] = [];
    for (let from = start; from < end; ) {
      const length = lengths.getUint32(from);
      from += LENGTH_BYTES;
      if (length === NULL_ITEM) list.push(null);
      else {
        list.push(spell(source, from, from + length));
        from += length;
      }
    }
    const field = encodeElement(codec, list, notes);
    target.set(field, at);
    return at + field.length;
  };
}
