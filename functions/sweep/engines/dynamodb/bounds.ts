/** A segment of a scan, and where in it to go on, as JSON. */
import * as z from 'zod/mini';
import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';
import type { Attribute, Document, PageRequest } from './document-table.ts';

export type SegmentBounds = Pick<PageRequest, 'segment' | 'segments' | 'after'>;

/** Keys are texts, numbers and bytes; bytes in base64. */
const KeyPart = z.tuple([z.string(), z.enum(['S', 'N', 'B']), z.string()]);
const Bounds = z.strictObject({
  segment: z.int().check(z.nonnegative()),
  segments: z.int().check(z.positive()),
  after: z.nullable(z.array(KeyPart)),
});

export function encodeBounds({ segment, segments, after }: SegmentBounds): Json {
  const parts = after && Object.entries(after).map(([name, attribute]): Json => [name, ...encodePart(attribute)]);
  return { segment, segments, after: parts ?? null };
}

function encodePart({ S, N, B }: Attribute): readonly ['S' | 'N' | 'B', string] {
  if (S !== undefined) return ['S', S];
  if (N !== undefined) return ['N', N];
  if (B !== undefined) return ['B', Buffer.from(B).toString('base64')];
  throw new Problem('internal-failure', { detail: 'A key of a document is a text, a number or bytes.' });
}

export function boundsOf(bounds: Json): SegmentBounds {
  const parsed = Bounds.safeParse(bounds);
  if (!parsed.success) throw new Problem('evidence-invalid', { detail: 'A partition is not one of DynamoDB.' });
  const { segment, segments, after } = parsed.data;
  return { segment, segments, after: after === null ? undefined : keyOf(after) };
}

function keyOf(parts: readonly z.infer<typeof KeyPart>[]): Document {
  return Object.fromEntries(
    parts.map(([name, type, text]): [string, Attribute] => [
      name,
      type === 'B' ? { B: new Uint8Array(Buffer.from(text, 'base64')) } : type === 'N' ? { N: text } : { S: text },
    ]),
  );
}
