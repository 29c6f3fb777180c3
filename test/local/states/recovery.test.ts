import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../local/service.ts';
import { matchesError } from '../../../local/states/failure.ts';
import { nextRetry } from '../../../local/states/recovery.ts';
import { type Bench, bench, FunctionError, invoke, jsonata } from './support.ts';

let own: Bench | undefined;
afterEach(async () => {
  await own?.close();
  own = undefined;
});

const caught = { Type: 'Succeed', Output: '{% $states.input %}' };
const catchAll = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];

describe('which errors a retrier or catcher takes', () => {
  it.each([
    [['States.ALL'], 'Anything', true],
    [['States.ALL'], 'States.Timeout', true],
    [['States.ALL'], 'States.QueryEvaluationError', true],
    [['States.ALL'], 'States.DataLimitExceeded', false],
    [['States.DataLimitExceeded'], 'States.DataLimitExceeded', true],
    [['States.ALL'], 'States.Runtime', false],
    [['States.Runtime'], 'States.Runtime', false],
    [['States.TaskFailed'], 'Lambda.Unknown', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['States.TaskFailed'], 'States.DataLimitExceeded', false],
    [['Other', 'Mine'], 'Mine', true],
    [['Other'], 'Mine', false],
  ])('%j and %s: %s', (errorEquals, error, expected) => {
    expect(matchesError(errorEquals, error)).toBe(expected);
  });
});

describe('retries', () => {
  const retrier = {
    ErrorEquals: ['E'],
    IntervalSeconds: 2,
    BackoffRate: 3,
    MaxAttempts: 4,
    JitterStrategy: 'NONE' as const,
  };

  it('grow by the back-off rate up to the longest delay, until the attempts are used', () => {
    const limited = { ...retrier, MaxDelaySeconds: 20 };
    const delays = [0, 1, 2, 3, 4].map((used) => nextRetry([limited], [used], 'E', () => 1)?.delaySeconds);
    expect(delays).toEqual([2, 6, 18, 20, undefined]);
  });

  it('never take longer than MaxDelaySeconds, and never happen more often than MaxAttempts', () => {
    const property = fc.property(
      fc.record({
        ErrorEquals: fc.constant<string[]>(['E']),
        IntervalSeconds: fc.integer({ min: 1, max: 1e6 }),
        BackoffRate: fc.double({ min: 1, max: 10, noNaN: true }),
        MaxAttempts: fc.integer({ min: 0, max: 50 }),
        MaxDelaySeconds: fc.integer({ min: 1, max: 1e6 }),
        JitterStrategy: fc.constantFrom('FULL' as const, 'NONE' as const),
      }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (given, chance) => {
        let used: readonly number[] = [];
        for (let attempt = 0; ; attempt += 1) {
          const next = nextRetry([given], used, 'E', () => chance);
          if (!next) return attempt === given.MaxAttempts;
          if (!(next.delaySeconds >= 0 && next.delaySeconds <= given.MaxDelaySeconds)) return false;
          used = next.retries;
        }
      },
    );
    fc.assert(property);
  });

  it('are counted for each retrier by itself, and jittered only where asked', () => {
    const other = { ...retrier, ErrorEquals: ['F'], JitterStrategy: 'FULL' as const };
    expect(nextRetry([retrier, other], [3], 'F', () => 0.25)).toEqual({ retries: [3, 1], delaySeconds: 0.5 });
  });

  it('run the task again and then go on', async () => {
    let attempts = 0;
    own = bench({
      handlers: {
        flaky: () => {
          attempts += 1;
          if (attempts < 3) throw new FunctionError('Flaky');
          return 'done';
        },
      },
    });
    const retry = [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, MaxAttempts: 3 }];
    const ended = await own.run(jsonata({ Work: invoke('flaky', { Retry: retry }) }));
    expect(ended.output).toBe('"done"');
    expect(own.history(ended.arn).filter((event) => event.type === 'TaskFailed')).toHaveLength(2);
  });

  it('begin a Map anew with all its items', async () => {
    let first = true;
    own = bench({
      handlers: {
        item: (payload) => {
          if (payload === 2 && first) {
            first = false;
            throw new FunctionError('Once');
          }
          return payload;
        },
      },
    });
    const ended = await own.run(
      jsonata({
        Each: {
          Type: 'Map',
          Items: [1, 2],
          MaxConcurrency: 1,
          ItemProcessor: { StartAt: 'One', States: { One: invoke('item') } },
          Retry: [{ ErrorEquals: ['Once'] }],
          End: true,
        },
      }),
    );
    expect(ended.output).toBe('[1,2]');
    expect(own.calls.map((call) => call.payload)).toEqual([1, 2, 1, 2]);
  });
});

describe('how a function fails', () => {
  it.each([
    ['its own error name', () => Promise.reject(new FunctionError('Problem')), 'Problem'],
    ['Lambda.Unknown without a name', () => Promise.reject(new FunctionError(undefined)), 'Lambda.Unknown'],
    ['a crash', () => Promise.reject(new FunctionError('Runtime.ExitError')), 'Runtime.ExitError'],
    [
      'a throttle',
      () => Promise.reject(new ApiError('TooManyRequestsException', 'Rate exceeded', 429)),
      'Lambda.TooManyRequestsException',
    ],
    [
      'a missing permission',
      () => Promise.reject(new ApiError('AccessDeniedException', 'not authorized', 403)),
      'Lambda.AWSLambdaException',
    ],
    ['an answer that is too large', () => 'x'.repeat(262_144), 'States.DataLimitExceeded'],
  ])('%s', async (_, handler, error) => {
    own = bench({ handlers: { work: handler } });
    const ended = await own.run(
      jsonata({
        Work: invoke('work', { Catch: [{ ErrorEquals: [error], Next: 'Caught' }] }),
        Caught: caught,
      }),
    );
    expect(JSON.parse(ended.output ?? '{}')).toMatchObject({ Error: error });
  });

  it('gives the catcher its error output, and the next state what the catcher makes of it', async () => {
    own = bench({
      handlers: {
        work: () => {
          throw new FunctionError('Problem', 'told');
        },
      },
    });
    const ended = await own.run(
      jsonata({
        Work: invoke('work', {
          Catch: [
            {
              ErrorEquals: ['States.ALL'],
              Assign: { failed: '{% $states.errorOutput.Error %}' },
              Output: { was: '{% $states.input.n %}' },
              Next: 'Caught',
            },
          ],
        }),
        Caught: { Type: 'Succeed', Output: { in: '{% $states.input %}', failed: '{% $failed %}' } },
      }),
      { n: 1 },
    );
    expect(JSON.parse(ended.output ?? '{}')).toEqual({ in: { was: 1 }, failed: 'Problem' });
  });

  it('lets no catch-all take an answer over 256 KiB', async () => {
    own = bench({ handlers: { work: () => 'x'.repeat(262_144) } });
    const ended = await own.run(jsonata({ Work: invoke('work', { Catch: catchAll }), Caught: caught }));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('takes exactly 256 KiB of output and not a byte more', async () => {
    own = bench();
    const sized = (length: number) =>
      jsonata({ P: { Type: 'Pass', Output: `{% $join($map([1..${length}], function($i) { 'x' })) %}`, End: true } });
    const padded = (length: number) => jsonata({ P: { Type: 'Pass', Output: 'x'.repeat(length), End: true } });
    expect((await own.run(sized(10))).output).toHaveLength(12);
    expect((await own.run(padded(262_142))).status).toBe('SUCCEEDED');
    expect((await own.run(padded(262_143))).error).toBe('States.DataLimitExceeded');
  });

  it('catches an expression that gives nothing', async () => {
    own = bench({ handlers: { work: () => ({}) } });
    const work = invoke('work', { Output: '{% $states.result.Payload.missing %}', Catch: catchAll });
    const ended = await own.run(jsonata({ Work: work, Caught: caught }));
    expect(JSON.parse(ended.output ?? '{}')).toMatchObject({ Error: 'States.QueryEvaluationError' });
  });
});

describe('time limits', () => {
  const never = { never: () => new Promise<never>(() => {}) };

  it('ends a task that takes too long with States.Timeout', async () => {
    own = bench({ handlers: never });
    const ended = await own.run(
      jsonata({ Work: invoke('never', { TimeoutSeconds: 1, Catch: catchAll }), Caught: caught }),
    );
    expect(JSON.parse(ended.output ?? '{}')).toMatchObject({ Error: 'States.Timeout' });
    expect(own.history(ended.arn).map((event) => event.type)).toContain('TaskTimedOut');
  });

  it('ends an execution that takes too long as TIMED_OUT, and no catcher takes that', async () => {
    own = bench({ handlers: never });
    const states = { Work: invoke('never', { Catch: catchAll }), Caught: caught };
    const ended = await own.run(jsonata(states, { TimeoutSeconds: 1 }));
    expect(ended).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect(own.statuses).toEqual(['RUNNING', 'TIMED_OUT']);
  });

  it('stops an execution as ABORTED, and no catcher takes that', async () => {
    own = bench({ handlers: never });
    const definition = jsonata({ Work: invoke('never', { Catch: catchAll }), Caught: caught });
    const started = own.engine.start(own.machine(definition), 'one', '{}');
    own.engine.stop(started.arn, 'Mine', 'because');
    await own.engine.idle();
    expect(own.outcome(started)).toMatchObject({ status: 'ABORTED', error: 'Mine', cause: 'because' });
    expect(own.history(started.arn).at(-1)?.type).toBe('ExecutionAborted');
  });
});
