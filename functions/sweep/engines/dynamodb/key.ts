/** From the canonical key of a row back to the key of its document. */
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { rowCodec } from '../../../../shared/canonical/row.ts';
import type { CanonicalValue } from '../../../../shared/canonical/spelling.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import type { Attribute, Document, KeyAttribute } from './document-table.ts';

/** DynamoDB's quotas: bytes of a partition key and of a sort key, digits of a number, and the power of ten of its first digit. */
const PARTITION_KEY_BYTES = 2048;
const SORT_KEY_BYTES = 1024;
const NUMBER_DIGITS = 38;
const MAXIMUM_EXPONENT = 125;
const MINIMUM_EXPONENT = -130;

export interface Keys {
  /** Undefined for a key that no document can have. */
  documentKey(canonicalKey: Uint8Array): Document | undefined;
}

/** Undefined when the contract's key is not the table's own, or cannot be turned back: it is masked, or a rule has lost something of it. */
export function keysOf(relation: Relation, tableKey: readonly KeyAttribute[]): Keys | undefined {
  const columns = relation.columns.slice(0, relation.keyColumns);
  const parts = tableKey.map(({ name, type }, index) => {
    const position = columns.findIndex(({ native }) => native.name === name);
    const column = columns[position];
    if (column === undefined || column.masked || !turnsBack(column.type, type)) return undefined;
    return { name, type, position, bytes: index === 0 ? PARTITION_KEY_BYTES : SORT_KEY_BYTES };
  });
  const known = parts.filter((part) => part !== undefined);
  if (known.length < tableKey.length || columns.length !== tableKey.length) return undefined;
  const codec = rowCodec(columns);
  return {
    documentKey: (canonicalKey) => {
      const values = codec.decode(canonicalKey);
      const attributes = known.flatMap(({ name, type, position, bytes }): [string, Attribute][] => {
        const value = values[position];
        const attribute = value === null || value === undefined ? undefined : attributeOf(value, type, bytes);
        return attribute === undefined ? [] : [[name, attribute]];
      });
      return attributes.length < known.length ? undefined : Object.fromEntries(attributes);
    },
  };
}

/** Whether one canonical value comes from one attribute only. A date in a text does not: it has several spellings. */
function turnsBack(declared: ColumnType, type: KeyAttribute['type']): boolean {
  switch (declared.kind) {
    case 'text':
      return type === 'S' && declared.padding === undefined && declared.normalization === undefined;
    case 'integer':
      return type === 'N';
    case 'decimal':
      return type === 'N' && declared.scale === undefined;
    case 'bytes':
      return type === 'B' && declared.padding === undefined;
    case 'uuid':
      return type === 'B';
    default:
      return false;
  }
}

function attributeOf(value: CanonicalValue, type: KeyAttribute['type'], maximumBytes: number): Attribute | undefined {
  if (type === 'N') return numberOf(value);
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    return bytes === 0 || bytes > maximumBytes ? undefined : { S: value };
  }
  if (!(value instanceof Uint8Array)) return undefined;
  return value.length === 0 || value.length > maximumBytes ? undefined : { B: value };
}

function numberOf(value: CanonicalValue): Attribute | undefined {
  const { coefficient, exponent } =
    typeof value === 'bigint'
      ? { coefficient: value, exponent: 0 }
      : typeof value === 'object' && 'coefficient' in value
        ? value
        : { coefficient: undefined, exponent: 0 };
  if (coefficient === undefined) return undefined;
  const digits = coefficient.toString().replace('-', '').replace(/0+$/, '').length;
  const first = coefficient.toString().replace('-', '').length - 1 + exponent;
  const holds =
    digits <= NUMBER_DIGITS && (coefficient === 0n || (first <= MAXIMUM_EXPONENT && first >= MINIMUM_EXPONENT));
  return holds ? { N: `${coefficient}e${exponent}` } : undefined;
}
