/** `arn:aws:states:::events:putEvents`: the machine's role puts events on the bus. */
import { z } from 'zod';
import type { Json } from '../json.ts';
import type { PutEvent } from '../surroundings.ts';

const entries = z
  .array(
    z.strictObject({
      Source: z.string().min(1),
      DetailType: z.string().min(1),
      Detail: z.record(z.string(), z.unknown()),
      EventBusName: z.literal('default').optional(),
      Resources: z.array(z.string()).default([]),
    }),
  )
  .min(1)
  .max(10);
const given = z.strictObject({ Entries: entries });

/** What is not served is refused, and the state fails with what is wrong. */
export function readEntries(value: Json): readonly PutEvent[] | string {
  const parsed = given.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error);
  return parsed.data.Entries.map(({ Source, DetailType, Detail, Resources }) => ({
    source: Source,
    detailType: DetailType,
    detail: Detail,
    resources: Resources,
  }));
}
