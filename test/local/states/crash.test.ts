import { describe, expect, it } from 'vitest';
import { runningExecutions } from '../../../local/states/journal/executions.ts';
import type { Json } from '../../../local/states/json.ts';
import { bench, FunctionError, invoke, jsonata } from './support.ts';

const inner = (name: string, states: Record<string, Json>): Json => ({ StartAt: name, States: states });
const retry = [{ ErrorEquals: ['Flaky'], MaxAttempts: 3 }];

/** Every kind of state, inside one another. */
const definition = jsonata({
  Set: { Type: 'Pass', Assign: { base: '{% $states.input.base %}' }, Next: 'Work' },
  Work: invoke('flaky', { Arguments: task('flaky', '{% $base %}'), Retry: retry, Next: 'Rest' }),
  Rest: { Type: 'Wait', Seconds: 1, Next: 'Both' },
  Both: {
    Type: 'Parallel',
    Branches: [
      inner('Left', { Left: { Type: 'Pass', Output: '{% $base + 1 %}', End: true } }),
      inner('Each', {
        Each: {
          Type: 'Map',
          Items: [1, 2, 3],
          MaxConcurrency: 2,
          ItemProcessor: inner('One', { One: invoke('flaky', { Retry: retry }) }),
          End: true,
        },
      }),
    ],
    Next: 'Spread',
  },
  Spread: {
    Type: 'Map',
    Items: '{% $states.input[1] %}',
    MaxConcurrency: 2,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Child',
      States: { Child: invoke('flaky', { Retry: retry }) },
    },
    Output: { left: '{% $base + 1 %}', items: '{% $states.result %}' },
    Next: 'Pick',
  },
  Pick: { Type: 'Choice', Choices: [{ Condition: '{% $count($states.input.items) = 3 %}', Next: 'Done' }] },
  Done: { Type: 'Succeed' },
});

function task(name: string, payload: Json): Json {
  return { FunctionName: `arn:aws:lambda:eu-central-1:111122223333:function:${name}`, Payload: payload };
}

describe('a process that dies after any of its writes', () => {
  it('loses nothing: the next one ends the execution with the same output', async () => {
    const expected = '{"left":11,"items":[1,2,3]}';
    let deaths = 0;
    for (let writes = 2; ; writes += 1) {
      let calls = 0;
      const flaky = (payload: Json): Json => {
        calls += 1;
        if (calls % 3 === 0) throw new FunctionError('Flaky');
        return payload;
      };
      const first = bench({ handlers: { flaky }, writesUntilDeath: writes });
      const started = first.engine.start(first.machine(definition), 'one', '{"base":10}');
      await first.engine.idle();
      const survived = first.outcome(started).status === 'SUCCEEDED';
      const second = first.again();
      try {
        second.engine.resume();
        await second.engine.idle();
        expect(second.defects, `after ${writes} writes`).toEqual([]);
        expect(second.outcome(started), `after ${writes} writes`).toMatchObject({
          status: 'SUCCEEDED',
          output: expected,
        });
        expect(runningExecutions(second.store)).toEqual([]);
      } finally {
        await first.close();
        await second.close();
      }
      if (survived) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(50);
  });
});
