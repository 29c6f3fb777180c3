import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Problem } from '../../shared/problem.ts';

/** An item as DynamoDB gives it. Attributes are read by what they must be, never cast. */
export type Item = Record<string, AttributeValue>;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: value.toString() });

/** What DynamoDB takes as a partition or sort key. What it does not take can name no item: it is unknown, not an error. */
export const KEY_BYTES = { partition: 2_048, sort: 1_024 } as const;

export function mayBeKey(value: string, kind: keyof typeof KEY_BYTES): boolean {
  return value !== '' && Buffer.byteLength(value) <= KEY_BYTES[kind];
}

export function readText(item: Item, name: string): string {
  const value = optionalText(item, name);
  if (value === undefined) throw misshapen(name);
  return value;
}

export function optionalText(item: Item, name: string): string | undefined {
  return item[name]?.S;
}

export function readNumber(item: Item, name: string): number {
  const value = optionalNumber(item, name);
  if (value === undefined) throw misshapen(name);
  return value;
}

export function optionalNumber(item: Item, name: string): number | undefined {
  const found = item[name]?.N;
  if (found === undefined) return undefined;
  const value = Number(found);
  if (!Number.isFinite(value)) throw misshapen(name);
  return value;
}

/** A set or a list of texts; `undefined` when there is none. */
export function optionalTexts(item: Item, name: string): readonly string[] | undefined {
  const found = item[name];
  if (found === undefined) return undefined;
  if (found.SS !== undefined) return found.SS;
  if (found.L === undefined) throw misshapen(name);
  return found.L.map((each) => {
    if (each.S === undefined) throw misshapen(name);
    return each.S;
  });
}

function misshapen(name: string): Problem {
  return new Problem('internal-failure', { detail: `A table's item has no usable attribute ${name}.` });
}
