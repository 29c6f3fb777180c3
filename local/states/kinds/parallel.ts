/** A Parallel: every branch in a frame of its own; the first that fails stops the others. */
import type { ParallelState } from '../definition.ts';
import { requirePayloadSize } from '../failure.ts';
import { childFrames, insertFrame } from '../journal/frames.ts';
import type { Json } from '../json.ts';
import { branchKey, graphOf } from '../machine.ts';
import { commit, effectsOf, evaluateField, type Outcome, record, type Visit } from '../visit.ts';
import { walkChildren } from './children.ts';

export async function parallel(state: ParallelState, visit: Visit): Promise<Outcome> {
  const { frame, around } = visit;
  if (childFrames(around.store, frame).length === 0) await begin(state, visit);
  let result: Json;
  try {
    result = await walkChildren(visit, { limit: Number.POSITIVE_INFINITY });
  } catch (failure) {
    visit.signal.throwIfAborted();
    commit(visit, () => record(visit, 'ParallelStateFailed'));
    throw failure;
  }
  commit(visit, () => record(visit, 'ParallelStateSucceeded'));
  return { next: state.Next, ...(await effectsOf(visit, state, result, { result })) };
}

async function begin(state: ParallelState, visit: Visit): Promise<void> {
  const { frame, around, machine } = visit;
  const input = state.Arguments === undefined ? frame.input : await evaluateField(visit, 'Arguments', state.Arguments);
  requirePayloadSize(input, `What the state '${frame.state}' passes on`);
  commit(visit, () => {
    record(visit, 'ParallelStateStarted');
    for (const index of state.Branches.keys()) {
      const graph = graphOf(machine, branchKey(frame.state, index));
      insertFrame(around.store, {
        execution: frame.execution,
        parent: frame.id,
        ordinal: index,
        graph: graph.key,
        item: frame.item,
        state: graph.startAt,
        enteredAt: 0,
        input,
        lastEvent: frame.lastEvent,
      });
    }
  });
}
