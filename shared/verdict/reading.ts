/** What rows that were read again, from both sides under one key, say about it. */
import type { EquivalenceColumn } from '../equivalence/schema.ts';
import { type Difference, differenceOf, holds, oneSided, sameDifference } from './suspects.ts';
import { withinTolerance } from './tolerance.ts';

export interface ReadRow {
  /** The first 16 bytes of the row's PRF, as in the sketch. */
  readonly prf: bigint;
  /** Canonical, in the order of the compared columns. */
  readonly fields: readonly Uint8Array[];
}

/** Every row that has the key, on each side. */
export interface Reading {
  readonly source: readonly ReadRow[];
  readonly target: readonly ReadRow[];
}

/** `missing` at the target, `extra` there, or `changed`: one row on each side, with the columns that differ. */
export interface Finding {
  readonly kind: 'missing' | 'extra' | 'changed';
  /** How many such rows: more than one only where rows repeat. */
  readonly times: number;
  readonly columns?: readonly string[];
}

export interface Examined {
  readonly difference: Difference;
  readonly findings: readonly Finding[];
  /** Columns that differ, but within their tolerance. */
  readonly tolerated: readonly string[];
}

/** `columns` in the order of the fields. That a key has at most one row on each side is seen here, for this key. */
export function examine({ source, target }: Reading, columns: readonly EquivalenceColumn[]): Examined {
  const difference = differenceOf(
    source.map(({ prf }) => prf),
    target.map(({ prf }) => prf),
  );
  if (difference.size === 0) return { difference, findings: [], tolerated: [] };
  const [left, right] = [source[0], target[0]];
  if (source.length === 1 && target.length === 1 && left !== undefined && right !== undefined) {
    return { difference, ...changes(left, right, columns) };
  }
  return { difference, findings: multisetFindings(difference), tolerated: [] };
}

/** Where a key does not name one row, nobody can say which row became which: so many missing, so many extra. */
export function multisetFindings(difference: Difference): Finding[] {
  const { missing, extra } = oneSided(difference);
  return [
    ...(missing === 0 ? [] : [{ kind: 'missing' as const, times: missing }]),
    ...(extra === 0 ? [] : [{ kind: 'extra' as const, times: extra }]),
  ];
}

function changes(left: ReadRow, right: ReadRow, columns: readonly EquivalenceColumn[]): Omit<Examined, 'difference'> {
  const tolerated: string[] = [];
  const differing: string[] = [];
  for (const [index, { name, type, tolerance }] of columns.entries()) {
    const one = left.fields[index] ?? new Uint8Array(0);
    const other = right.fields[index] ?? new Uint8Array(0);
    if (Buffer.compare(one, other) === 0) continue;
    const near = tolerance !== undefined && withinTolerance(type, tolerance, one, other);
    (near ? tolerated : differing).push(name);
  }
  const findings = differing.length === 0 ? [] : [{ kind: 'changed' as const, times: 1, columns: differing }];
  return { findings, tolerated };
}

/** `moving`: it differs otherwise than before, so that another reading must tell whether it was in flight. */
export type Standing = 'cleared' | 'tolerated' | 'confirmed' | 'moving';

export interface Suspicion {
  /** As it was found before this reading. */
  readonly difference: Difference;
  /** False when the sketch did not decode to the end: then there may be more to it than was found. */
  readonly complete: boolean;
}

export function standingOf({ difference, complete }: Suspicion, examined: Examined): Standing {
  if (examined.difference.size === 0) return 'cleared';
  if (examined.findings.length === 0) return 'tolerated';
  const persists = complete ? sameDifference(examined.difference, difference) : holds(examined.difference, difference);
  return persists ? 'confirmed' : 'moving';
}
