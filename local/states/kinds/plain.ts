/** The states that only pass on: Pass, Choice, Wait, Succeed, Fail. */
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from '../definition.ts';
import { StateFailure, statesFailure } from '../failure.ts';
import { sleepUntil } from '../time.ts';
import { commit, effectsOf, evaluateField, evaluateNumber, type Outcome, type Visit, wrongType } from '../visit.ts';

export async function pass(state: PassState, visit: Visit): Promise<Outcome> {
  return { next: state.Next, ...(await effectsOf(visit, state, visit.frame.input)) };
}

export async function choice(state: ChoiceState, visit: Visit): Promise<Outcome> {
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const holds = await evaluateField(visit, field, rule.Condition);
    if (typeof holds !== 'boolean') throw wrongType(field, 'a boolean');
    // The rule's own Output and Assign take the place of the state's; the state's are for Default.
    if (holds) return { next: rule.Next, ...(await effectsOf(visit, rule, visit.frame.input)) };
  }
  if (state.Default === undefined) {
    throw statesFailure('States.NoChoiceMatched', `No rule of the state '${visit.frame.state}' holds.`);
  }
  return { next: state.Default, ...(await effectsOf(visit, state, visit.frame.input)) };
}

/** The end of the wait is kept: a restart does not begin it anew. */
export async function wait(state: WaitState, visit: Visit): Promise<Outcome> {
  const { frame, around } = visit;
  if (frame.wakeAt === undefined) {
    const until = await endOfWait(state, visit);
    commit(visit, () => {
      frame.wakeAt = until;
    });
    await sleepUntil(until, around.now, visit.signal);
  } else {
    await sleepUntil(frame.wakeAt, around.now, visit.signal);
  }
  return { next: state.Next, ...(await effectsOf(visit, state, frame.input)) };
}

async function endOfWait(state: WaitState, visit: Visit): Promise<number> {
  const { around } = visit;
  const now = around.now();
  const seconds = await evaluateNumber(visit, 'Seconds', state.Seconds);
  if (seconds !== undefined) return now + Math.round(seconds * 1_000 * around.timeScale);
  const timestamp = await evaluateField(visit, 'Timestamp', state.Timestamp ?? null);
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) throw wrongType('Timestamp', 'a time (RFC 3339)');
  return now + Math.max(0, Math.round((at - now) * around.timeScale));
}

export async function succeed(state: SucceedState, visit: Visit): Promise<Outcome> {
  return { next: undefined, ...(await effectsOf(visit, state, visit.frame.input)) };
}

export async function fail(state: FailState, visit: Visit): Promise<never> {
  const error = state.Error === undefined ? '' : await evaluateField(visit, 'Error', state.Error);
  const cause = state.Cause === undefined ? undefined : await evaluateField(visit, 'Cause', state.Cause);
  if (typeof error !== 'string') throw wrongType('Error', 'a string');
  if (cause !== undefined && typeof cause !== 'string') throw wrongType('Cause', 'a string');
  throw new StateFailure(error, cause);
}
