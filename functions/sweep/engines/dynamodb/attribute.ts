/** What DynamoDB's attributes mean under a canonical type. */
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import type { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import type { JsonValue, Spelling } from '../../../../shared/canonical/spelling.ts';
import { decimalOf } from '../../../../shared/canonical/types/decimal.ts';
import type { Attribute } from './document-table.ts';

export const ATTRIBUTE_TYPES = ['S', 'N', 'B', 'BOOL', 'L', 'M', 'SS', 'NS', 'BS'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** The canonical types under which each means something; any other would be a coercion. */
export const ATTRIBUTE_KINDS: Readonly<Record<AttributeType, readonly ColumnType['kind'][]>> = {
  S: [
    'text',
    'integer',
    'decimal',
    'float32',
    'float64',
    'boolean',
    'bytes',
    'uuid',
    'instant',
    'date',
    'time',
    'datetime',
    'json',
  ],
  N: ['integer', 'decimal', 'float32', 'float64', 'boolean', 'instant'],
  B: ['bytes', 'uuid', 'text'],
  BOOL: ['boolean'],
  L: ['array', 'json'],
  M: ['map', 'json'],
  SS: ['set'],
  NS: ['set'],
  BS: ['set'],
};

/** Undefined for NULL. */
export function attributeType(attribute: Attribute): AttributeType | undefined {
  return ATTRIBUTE_TYPES.find((type) => attribute[type] !== undefined);
}

export function isAttributeType(name: string): name is AttributeType {
  return ATTRIBUTE_TYPES.some((type) => type === name);
}

/** The attribute as a spelling of the declared type; `native` is the type that the contract says it has, where it says so. */
export function spellAttribute(
  attribute: Attribute | undefined,
  declared: ColumnType,
  native: string | undefined,
  notes: ColumnNotes,
): Spelling {
  if (attribute === undefined) return undefined;
  const type = attributeType(attribute);
  if (type === undefined) return null;
  if (native !== undefined && type !== native) notes.refuse('field-type', `${native}, as the contract says`);
  if (!ATTRIBUTE_KINDS[type].includes(declared.kind)) notes.refuse('field-type', `${declared.kind} from ${type}`);
  switch (type) {
    case 'S':
      return attribute.S;
    case 'N':
      return spellNumber(attribute.N ?? '', declared, notes);
    case 'B':
      return attribute.B;
    case 'BOOL':
      return attribute.BOOL;
    case 'L':
    case 'M':
      return declared.kind === 'json' ? { json: jsonOf(attribute, notes) } : spellElements(attribute, declared, notes);
    case 'SS':
    case 'NS':
    case 'BS':
      return spellElements(attribute, declared, notes);
  }
}

/** Floats are read from the text; the others from an exact decimal, because a number may come with an exponent. */
function spellNumber(text: string, { kind }: ColumnType, notes: ColumnNotes): Spelling {
  if (kind === 'float32' || kind === 'float64') return text;
  const value = decimalOf(text) ?? notes.refuse('field-format', 'number');
  return kind === 'boolean' && 'coefficient' in value && value.exponent === 0 ? value.coefficient : value;
}

function spellElements(attribute: Attribute, declared: ColumnType, notes: ColumnNotes): Spelling {
  if (!('element' in declared)) return notes.refuse('field-type', declared.kind);
  const { element } = declared;
  const spell = (item: Attribute): Spelling => spellAttribute(item, element, undefined, notes);
  if (attribute.M !== undefined) {
    return new Map(Object.entries(attribute.M).map(([name, item]) => [name, spell(item)]));
  }
  if (attribute.L !== undefined) return attribute.L.map(spell);
  if (attribute.SS !== undefined) return attribute.SS.map((S) => spell({ S }));
  if (attribute.NS !== undefined) return attribute.NS.map((N) => spell({ N }));
  return (attribute.BS ?? []).map((B) => spell({ B }));
}

/** JSON has no bytes and no sets. */
function jsonOf(attribute: Attribute, notes: ColumnNotes): JsonValue {
  if (attribute.NULL === true) return null;
  if (attribute.S !== undefined)
    return attribute.S.isWellFormed() ? attribute.S : notes.refuse('field-characters', 'text');
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.N !== undefined) return decimalOf(attribute.N) ?? notes.refuse('field-format', 'number');
  if (attribute.L !== undefined) return attribute.L.map((item) => jsonOf(item, notes));
  if (attribute.M !== undefined) {
    return new Map(Object.entries(attribute.M).map(([name, item]) => [name, jsonOf(item, notes)]));
  }
  return notes.refuse('field-type', 'json without bytes and sets');
}
