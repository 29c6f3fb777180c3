/** A Map: inline, one frame for every item; distributed, one execution for every item or batch. */
import type { MapState } from '../definition.ts';
import { childFrames, insertFrame } from '../journal/frames.ts';
import type { Json } from '../json.ts';
import { graphOf, isDistributed, processorKey } from '../machine.ts';
import {
  commit,
  effectsOf,
  evaluateField,
  evaluateNumber,
  type Outcome,
  record,
  recordFor,
  type Visit,
} from '../visit.ts';
import { walkChildren } from './children.ts';
import { distributed } from './distributed.ts';
import { itemsOf } from './own-items.ts';

/** "Inline mode: up to 40 concurrent iterations" (Step Functions developer guide, Map state processing modes). */
const INLINE_CONCURRENCY = 40;

export async function map(state: MapState, visit: Visit): Promise<Outcome> {
  let result: Json;
  try {
    result = isDistributed(state) ? await distributed(state, visit) : await inline(state, visit);
  } catch (failure) {
    visit.signal.throwIfAborted();
    commit(visit, () => record(visit, 'MapStateFailed'));
    throw failure;
  }
  commit(visit, () => record(visit, 'MapStateSucceeded'));
  return { next: state.Next, ...(await effectsOf(visit, state, result, { result })) };
}

async function inline(state: MapState, visit: Visit): Promise<Json> {
  const { frame, around } = visit;
  if (childFrames(around.store, frame).length === 0) await begin(state, visit);
  const limit = (await evaluateNumber(visit, 'MaxConcurrency', state.MaxConcurrency)) || INLINE_CONCURRENCY;
  const details = (index: number): Json => ({ name: frame.state, index });
  return walkChildren(visit, {
    limit: Math.min(limit, INLINE_CONCURRENCY),
    started: (child) => recordFor(visit, child, 'MapIterationStarted', details(child.ordinal)),
    succeeded: (child) => recordFor(visit, child, 'MapIterationSucceeded', details(child.ordinal)),
    failed: (child) => recordFor(visit, child, 'MapIterationFailed', details(child.ordinal)),
  });
}

async function begin(state: MapState, visit: Visit): Promise<void> {
  const { frame, around, machine } = visit;
  const items = await itemsOf(state, visit);
  const graph = graphOf(machine, processorKey(frame.state));
  const inputs: { readonly item: Json; readonly input: Json }[] = [];
  for (const [Index, Value] of items.entries()) {
    const item = { Index, Value };
    const input =
      state.ItemSelector === undefined
        ? Value
        : await evaluateField(visit, 'ItemSelector', state.ItemSelector, { item });
    inputs.push({ item, input });
  }
  commit(visit, () => {
    record(visit, 'MapStateStarted', { length: items.length });
    for (const [ordinal, { item, input }] of inputs.entries()) {
      insertFrame(around.store, {
        execution: frame.execution,
        parent: frame.id,
        ordinal,
        graph: graph.key,
        item,
        state: graph.startAt,
        enteredAt: 0,
        input,
        lastEvent: frame.lastEvent,
      });
    }
  });
}
