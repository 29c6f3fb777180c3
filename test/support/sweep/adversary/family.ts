/**
 * Values that a sweep must tell apart, and ways of writing one value that it must not. A family is one canonical type with the forms in which
 * engines hold it; its meanings are different from each other, and all writings of a meaning are the same.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { SchemaElement } from 'hyparquet';
import type { LossyRule } from '../../../../shared/canonical/notes.ts';
import type { ColumnDraft } from '../contract.ts';

/** No such member in a document. */
export const ABSENT = Symbol('absent');

/** A text as people write the value, NULL, or no value at all; `in`: written so in these engines (or forms) only. */
export type Text = string | null | typeof ABSENT;
export type Writing = Text | { readonly in: string | readonly string[]; readonly text: Text };

/** One way in which an engine holds values of a family. What `write` gives undefined for, it cannot hold. */
export type Form =
  | {
      readonly engine: 'postgres' | 'mysql';
      readonly native: string;
      /** An expression of SQL. */
      readonly write: (text: string) => string | undefined;
    }
  | {
      readonly engine: 'dynamodb';
      readonly native: string;
      readonly write: (text: string) => AttributeValue | undefined;
    }
  | {
      readonly engine: 'csv' | 'ndjson' | 'json';
      readonly native: string;
      /** The cell without quotes, or JSON. */
      readonly write: (text: string) => string | undefined;
    }
  | {
      readonly engine: 'parquet';
      readonly native: string;
      readonly leaf: Omit<SchemaElement, 'name'>;
      /** The raw value: an integer, a double or bytes. */
      readonly write: (text: string) => Raw | undefined;
    };

/** A raw value of Parquet. */
export type Raw = string | number | bigint | boolean | Uint8Array;

export interface Family {
  readonly name: string;
  /** What the contract says of the column. */
  readonly column: Omit<ColumnDraft, 'name' | 'source' | 'target'>;
  /** By a name that begins with the engine's. */
  readonly forms: Readonly<Record<string, Form>>;
  readonly meanings: Readonly<Record<string, readonly Writing[]>>;
  /** Meanings that somebody has taken for each other. Neighbours in the list of meanings are tried in any case. */
  readonly mistaken?: readonly (readonly [string, string])[];
  /** Of rules that lose something: which must have been counted when all writings were read. */
  readonly counts?: readonly (LossyRule | 'absent')[];
  /** Writings that a declared tolerance makes equal, though the sums differ. */
  readonly tolerant?: true;
}

export interface Case {
  /** Its row on either side. */
  readonly id: number;
  readonly name: string;
  readonly equal: boolean;
  readonly source: Writing;
  readonly target: Writing;
}

/** Every writing of a meaning with every other and itself; every meaning with its neighbour, and with what it is mistaken for. */
export function casesOf({ meanings, mistaken = [] }: Family): readonly Case[] {
  const found: Omit<Case, 'id'>[] = [];
  for (const [name, writings] of Object.entries(meanings)) {
    for (const [index, source] of writings.entries()) {
      for (const [other, target] of writings.entries()) {
        found.push({ name: `${name} ${index}, ${other}`, equal: true, source, target });
      }
    }
  }
  const names = Object.keys(meanings);
  const neighbours = names.slice(1).map((name, index) => [names[index] ?? '', name] as const);
  for (const [one, other] of [...neighbours, ...mistaken]) {
    for (const [left, right] of [
      [one, other],
      [other, one],
    ] as const) {
      const sources = meanings[left] ?? [];
      const targets = meanings[right] ?? [];
      for (let index = 0; index < Math.max(sources.length, targets.length); index++) {
        const source = sources[index % sources.length];
        const target = targets[index % targets.length];
        if (source === undefined || target === undefined) continue;
        found.push({ name: `${left} and ${right}, ${index}`, equal: false, source, target });
      }
    }
  }
  return found.map((one, index) => ({ id: index + 1, ...one }));
}

/** What a form makes of a writing. */
export type Held =
  | { readonly value: Raw | AttributeValue }
  | { readonly null: true }
  | { readonly absent: true }
  | undefined;

export function held(name: string, form: Form, writing: Writing): Held {
  if (writing !== null && typeof writing === 'object') {
    const places = typeof writing.in === 'string' ? [writing.in] : writing.in;
    return places.some((place) => name.startsWith(place)) ? held(name, form, writing.text) : undefined;
  }
  if (writing === null) return { null: true };
  if (writing === ABSENT) {
    return form.engine === 'dynamodb' || form.engine === 'json' || form.engine === 'ndjson'
      ? { absent: true }
      : undefined;
  }
  const value = form.write(writing);
  return value === undefined ? undefined : { value };
}
