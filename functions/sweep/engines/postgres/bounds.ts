import * as z from 'zod/mini';
import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';

/** Values of the key columns, each as PostgreSQL prints it. */
const point = z.array(z.string()).check(z.minLength(1));
const block = z.int().check(z.nonnegative());

/** A part of a table. Where an end of keys is left out, there is none. */
const Bounds = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('all') }),
  /** Blocks of the table's file, from `from` up to but not including `to`; the last part is `open` beyond. */
  z.strictObject({ by: z.literal('blocks'), from: block, to: block, open: z.boolean() }),
  /** Keys in their order, from `from` up to but not including `to`. */
  z.strictObject({ by: z.literal('keys'), from: z.optional(point), to: z.optional(point) }),
]);
export type Bounds = z.infer<typeof Bounds>;

export function parseBounds(bounds: Json): Bounds {
  const parsed = Bounds.safeParse(bounds);
  if (!parsed.success)
    throw new Problem('evidence-invalid', { detail: 'The bounds of a partition are not this engine’s.' });
  return parsed.data;
}

/** As they go into a manifest. */
export function toJson(bounds: Bounds): Json {
  switch (bounds.by) {
    case 'all':
      return { by: bounds.by };
    case 'blocks':
      return { ...bounds };
    case 'keys':
      return {
        by: bounds.by,
        ...(bounds.from === undefined ? {} : { from: bounds.from }),
        ...(bounds.to === undefined ? {} : { to: bounds.to }),
      };
  }
}
