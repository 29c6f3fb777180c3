/** Walks the frames below a state's own: branches and items. What has succeeded before a restart or a redrive stays. */
import { requirePayloadSize } from '../failure.ts';
import { childFrames, type Frame } from '../journal/frames.ts';
import type { Json } from '../json.ts';
import { forEachLimited } from '../time.ts';
import type { Visit } from '../visit.ts';

export interface ChildWatch {
  /** How many at a time. */
  readonly limit: number;
  readonly started?: (child: Frame) => void;
  readonly succeeded?: (child: Frame) => void;
  readonly failed?: (child: Frame) => void;
}

/** The outputs in order. The first failure stops the others and is thrown when they have stopped. */
export async function walkChildren(visit: Visit, watch: ChildWatch): Promise<Json> {
  const children = childFrames(visit.around.store, visit.frame);
  const outputs: Json[] = children.map((child) => child.output ?? null);
  const siblings = new AbortController();
  const signal = AbortSignal.any([visit.signal, siblings.signal]);
  const left = children.filter((child) => child.status !== 'succeeded');
  await forEachLimited(left, watch.limit, async (child) => {
    try {
      if (child.enteredAt === 0) watch.started?.(child);
      outputs[child.ordinal] = await visit.walk(child, signal);
      watch.succeeded?.(child);
    } catch (failure) {
      // Siblings that stop because of this one have not failed.
      if (!signal.aborted) watch.failed?.(child);
      siblings.abort(failure);
      throw failure;
    }
  });
  requirePayloadSize(outputs, `The result of the state '${visit.frame.state}'`);
  return outputs;
}
