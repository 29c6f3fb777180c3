import * as z from 'zod/mini';
import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';

/** A key as printed texts, or the first columns of one. */
export type KeyText = readonly string[];

/** Rows from a key on, or after it, and before another; undefined: no bound. */
export interface Bounds {
  readonly from: KeyText | undefined;
  /** Whether the row with the key `from` itself has been read. */
  readonly exclusive: boolean;
  readonly to: KeyText | undefined;
}

const Key = z.nullable(z.array(z.string()).check(z.minLength(1)));
const Schema = z.strictObject({ from: Key, exclusive: z.boolean(), to: Key });

export function toJson({ from, exclusive, to }: Bounds): Json {
  return { from: from ?? null, exclusive, to: to ?? null };
}

export function parseBounds(json: Json): Bounds {
  const parsed = Schema.safeParse(json);
  if (!parsed.success) throw new Problem('evidence-invalid', { detail: 'A partition is not one of MySQL.' });
  const { from, exclusive, to } = parsed.data;
  return { from: from ?? undefined, exclusive, to: to ?? undefined };
}
