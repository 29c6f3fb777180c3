import type * as z from 'zod/mini';
import { Problem } from '../problem.ts';

/** Parses a segment's JSON under its schema; every fault is the same problem, without the content. */
export function parseSegment<Shape extends z.ZodMiniType>(schema: Shape, text: string): z.infer<Shape> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem('ciphertext-invalid', { detail: 'The segment is not JSON.' });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new Problem('ciphertext-invalid', { detail: 'The segment does not have the form of one.' });
  return parsed.data;
}
