import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, bench, functionArn, invoke, jsonata } from './support.ts';

let own: Bench;
afterEach(() => own.close());

describe('the walk from state to state', () => {
  it('passes output on, keeps variables, and shows the context', async () => {
    own = bench();
    const ended = await own.run(
      jsonata({
        First: {
          Type: 'Pass',
          Assign: { n: '{% $states.input.n %}', name: '{% $states.context.State.Name %}' },
          Output: { twice: '{% $states.input.n * 2 %}' },
          Next: 'Second',
        },
        Second: {
          Type: 'Pass',
          // Both are evaluated with the variables as they were.
          Assign: { n: '{% $n + 1 %}' },
          Output: { n: '{% $n %}', twice: '{% $states.input.twice %}' },
          Next: 'Third',
        },
        Third: {
          Type: 'Succeed',
          Output: {
            before: '{% $states.input %}',
            n: '{% $n %}',
            first: '{% $name %}',
            id: '{% $states.context.Execution.Id %}',
            given: '{% $states.context.Execution.Input.n %}',
            machine: '{% $states.context.StateMachine.Name %}',
          },
        },
      }),
      { n: 3 },
    );
    expect(ended.status).toBe('SUCCEEDED');
    expect(JSON.parse(ended.output ?? '')).toEqual({
      before: { n: 3, twice: 6 },
      n: 4,
      first: 'First',
      id: ended.arn,
      given: 3,
      machine: 'Flow',
    });
  });

  it('writes the history as Step Functions names it', async () => {
    own = bench({ handlers: { work: () => ({ ok: true }) } });
    const ended = await own.run(
      jsonata({
        Work: invoke('work', { Next: 'Pick' }),
        Pick: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.ok %}', Next: 'Direct' }], Default: 'Direct' },
        Direct: { Type: 'Task', Resource: functionArn('work'), Next: 'Rest' },
        Rest: { Type: 'Wait', Seconds: 1, Next: 'Done' },
        Done: { Type: 'Succeed' },
      }),
    );
    const events = own.history(ended.arn);
    expect(events.map((event) => event.type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ChoiceStateEntered',
      'ChoiceStateExited',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events.map((event) => event.previousEventId)).toEqual(events.map((event) => event.id - 1));
    expect(own.statuses).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  it('takes the first rule that holds, with its own output, and fails when none does and there is no default', async () => {
    own = bench();
    const definition = jsonata({
      Pick: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input.n > 10 %}', Output: 'large', Next: 'Done' },
          { Condition: '{% $states.input.n > 5 %}', Output: 'middling', Next: 'Done' },
        ],
      },
      Done: { Type: 'Succeed' },
    });
    expect((await own.run(definition, { n: 11 })).output).toBe('"large"');
    expect((await own.run(definition, { n: 6 })).output).toBe('"middling"');
    expect(await own.run(definition, { n: 1 })).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('does not take a condition that is no boolean', async () => {
    own = bench();
    const definition = jsonata({
      Pick: { Type: 'Choice', Choices: [{ Condition: '{% "yes" %}', Next: 'Done' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
    });
    expect((await own.run(definition)).error).toBe('States.QueryEvaluationError');
  });

  it('fails with the error and cause of a Fail state', async () => {
    own = bench();
    const definition = jsonata({ Stop: { Type: 'Fail', Error: '{% $states.input.code %}', Cause: 'because' } });
    const ended = await own.run(definition, { code: 'Refused' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'because' });
    expect(own.history(ended.arn).at(-1)).toMatchObject({
      type: 'ExecutionFailed',
      details: { error: 'Refused', cause: 'because' },
    });
  });

  it('runs the branches side by side and gives their outputs in order', async () => {
    own = bench({ handlers: { left: () => 'l', right: () => 'r' } });
    const branch = (state: string, name: string) => ({ StartAt: state, States: { [state]: invoke(name) } });
    const ended = await own.run(
      jsonata({
        Set: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Both' },
        Both: {
          Type: 'Parallel',
          Branches: [
            branch('Left', 'left'),
            branch('Right', 'right'),
            { StartAt: 'See', States: { See: { Type: 'Pass', Output: '{% $outer %}', End: true } } },
          ],
          End: true,
        },
      }),
    );
    expect(JSON.parse(ended.output ?? '')).toEqual(['l', 'r', 1]);
  });

  it('fails a Parallel with the error of the branch that failed, and stops the others', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    own = bench({ handlers: { after: () => 1 } });
    own.handlers.slow = async () => {
      await promise;
      return 1;
    };
    const ended = await own.run(
      jsonata({
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Bad' } } },
            { StartAt: 'Slow', States: { Slow: invoke('slow', { Next: 'After' }), After: invoke('after') } },
          ],
          Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught', Output: '{% $states.errorOutput.Error %}' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      }),
    );
    resolve();
    expect(ended.output).toBe('"Bad"');
    expect(own.calls.map((call) => call.name)).not.toContain('after');
  });

  it('maps items with a selector, in order, at most MaxConcurrency at a time', async () => {
    let active = 0;
    let most = 0;
    own = bench({
      handlers: {
        double: async (payload) => {
          active += 1;
          most = Math.max(most, active);
          await new Promise((resolve) => setTimeout(resolve, 1));
          active -= 1;
          return payload;
        },
      },
    });
    const ended = await own.run(
      jsonata({
        Each: {
          Type: 'Map',
          Items: '{% $states.input.items %}',
          ItemSelector: {
            value: '{% $states.context.Map.Item.Value * 2 %}',
            at: '{% $states.context.Map.Item.Index %}',
            shared: '{% $states.input.shared %}',
          },
          MaxConcurrency: 2,
          ItemProcessor: { StartAt: 'One', States: { One: invoke('double') } },
          Output: '{% $states.result.value %}',
          End: true,
        },
      }),
      { items: [1, 2, 3, 4, 5], shared: 's' },
    );
    expect(JSON.parse(ended.output ?? '')).toEqual([2, 4, 6, 8, 10]);
    expect(own.calls.map((call) => call.payload)).toContainEqual({ value: 6, at: 2, shared: 's' });
    expect(most).toBe(2);
  });
});
