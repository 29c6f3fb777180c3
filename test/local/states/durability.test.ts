import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runningExecutions } from '../../../local/states/journal/executions.ts';
import { openStore } from '../../../local/store.ts';
import { type Bench, bench, FunctionError, type Handler, invoke, jsonata } from './support.ts';

const open: Bench[] = [];
const keep = (own: Bench): Bench => {
  open.push(own);
  return own;
};
afterEach(async () => {
  for (const own of open.splice(0)) await own.close();
});

/** Resolves when the handler has been called `times` times. */
function watched(handler: Handler, times = 1): { readonly handler: Handler; readonly reached: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  return {
    handler: (payload) => {
      left -= 1;
      if (left === 0) resolve();
      return handler(payload);
    },
    reached: promise,
  };
}

const never: Handler = () => new Promise<never>(() => {});

describe('a restart', () => {
  it('enters the state that was in progress again, with its variables, and no state before it', async () => {
    const stuck = watched(never);
    const first = keep(bench({ handlers: { before: () => 'b', work: stuck.handler } }));
    const definition = jsonata({
      Before: invoke('before', { Assign: { kept: '{% $states.input.n %}' }, Next: 'Work' }),
      Work: invoke('work', { Output: { answer: '{% $states.result.Payload %}', kept: '{% $kept %}' } }),
    });
    const started = first.engine.start(first.machine(definition), 'one', '{"n":7}');
    await stuck.reached;
    await first.engine.halt();
    expect(first.outcome(started).status).toBe('RUNNING');

    const second = keep(first.again());
    second.handlers.work = () => 'w';
    second.engine.resume();
    await second.engine.idle();
    expect(second.outcome(started)).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":"w","kept":7}' });
    expect(second.calls.map((call) => call.name)).toEqual(['work']);
  });

  it('keeps the items that are done and the attempts that are used', async () => {
    const stuck = watched(never);
    let failures = 0;
    const item: Handler = (payload) => {
      if (payload !== 2) return payload;
      failures += 1;
      if (failures > 1) return stuck.handler(payload);
      throw new FunctionError('Again');
    };
    const first = keep(bench({ handlers: { item } }));
    const one = invoke('item', { Retry: [{ ErrorEquals: ['Again'], MaxAttempts: 1 }] });
    const definition = jsonata({
      Each: {
        Type: 'Map',
        Items: [1, 2, 3],
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: 'One', States: { One: one } },
        End: true,
      },
    });
    const started = first.engine.start(first.machine(definition), 'one', '{}');
    await stuck.reached;
    await first.engine.halt();

    const second = keep(first.again());
    second.handlers.item = (payload) => {
      if (payload === 2) throw new FunctionError('Again');
      return payload;
    };
    second.engine.resume();
    await second.engine.idle();
    // The one attempt of the retrier was used before the restart.
    expect(second.outcome(started)).toMatchObject({ status: 'FAILED', error: 'Again' });
    expect(second.calls.map((call) => call.payload)).toEqual([2]);
  });

  it('ends a wait when it would have ended, not later', async () => {
    const first = keep(bench({ timeScale: 1 }));
    const started = first.engine.start(
      first.machine(jsonata({ Rest: { Type: 'Wait', Seconds: 2, End: true } })),
      'one',
      '{}',
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.engine.halt();
    const wakeAt = Number(first.store.db.prepare('SELECT wake_at FROM states_frames').get()?.wake_at);
    const second = keep(first.again());
    second.engine.resume();
    await second.engine.idle();
    expect(Number(second.store.db.prepare('SELECT wake_at FROM states_frames').get()?.wake_at)).toBe(wakeAt);
    expect(second.outcome(started).status).toBe('SUCCEEDED');
  });

  it('goes on under the definition that it was started with', async () => {
    const stuck = watched(never);
    const first = keep(bench({ handlers: { work: stuck.handler } }));
    const definition = jsonata({ Work: invoke('work', { Next: 'Old' }), Old: { Type: 'Succeed', Output: 'old' } });
    const started = first.engine.start(first.machine(definition), 'one', '{}');
    await stuck.reached;
    await first.engine.halt();
    const second = keep(first.again());
    second.handlers.work = () => 1;
    second.engine.resume();
    await second.run(jsonata({ New: { Type: 'Succeed', Output: 'new' } }));
    expect(second.outcome(started).output).toBe('"old"');
  });

  it('finishes what a process killed with SIGKILL had begun', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-killed-'));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const left = openStore(folder);
    const [started] = runningExecutions(left);
    left.close();
    if (!started) throw new Error('the killed process left nothing running');

    const own = keep(bench({ folder, handlers: { first: () => 'again', second: () => 2 } }));
    own.engine.resume();
    await own.engine.idle();
    expect(own.outcome(started)).toMatchObject({ status: 'SUCCEEDED', output: '{"first":"done","second":2}' });
    expect(own.calls.map((call) => call.name)).toEqual(['second']);
  });
});

describe('redrive', () => {
  it('goes on at the state that failed, under the same ARN, with its attempts restored', async () => {
    const own = keep(bench({ handlers: { before: () => 'b' } }));
    own.handlers.work = () => {
      throw new FunctionError('Broken');
    };
    const retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }];
    const definition = jsonata({ Before: invoke('before', { Next: 'Work' }), Work: invoke('work', { Retry: retry }) });
    const failed = await own.run(definition);
    expect(failed.status).toBe('FAILED');
    expect(own.calls).toHaveLength(3);

    own.engine.redrive(failed.arn);
    await own.engine.idle();
    expect(own.calls.map((call) => call.name)).toEqual(['before', 'work', 'work', 'work', 'work']);

    own.handlers.work = () => 'w';
    own.engine.redrive(failed.arn);
    await own.engine.idle();
    expect(own.outcome(failed)).toMatchObject({ status: 'SUCCEEDED', output: '"w"', redriveCount: 2 });
    expect(own.history(failed.arn).filter((event) => event.type === 'ExecutionRedriven')).toHaveLength(2);
    expect(own.statuses).toEqual(['RUNNING', 'FAILED', 'RUNNING', 'FAILED', 'RUNNING', 'SUCCEEDED']);
  });

  it('runs only the branches and items that had not succeeded', async () => {
    let broken = true;
    const own = keep(
      bench({
        handlers: {
          item: (payload) => {
            if (payload === 3 && broken) throw new FunctionError('Broken');
            return payload;
          },
        },
      }),
    );
    const definition = jsonata({
      Each: {
        Type: 'Map',
        Items: [1, 2, 3],
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: 'One', States: { One: invoke('item') } },
        End: true,
      },
    });
    const failed = await own.run(definition);
    broken = false;
    own.engine.redrive(failed.arn);
    await own.engine.idle();
    expect(own.outcome(failed).output).toBe('[1,2,3]');
    expect(own.calls.map((call) => call.payload)).toEqual([1, 2, 3, 3]);
  });

  it('enters a Fail state again, and refuses what runs or has succeeded', async () => {
    const own = keep(bench());
    const failed = await own.run(jsonata({ Stop: { Type: 'Fail', Error: 'Stop' } }));
    own.engine.redrive(failed.arn);
    await own.engine.idle();
    expect(own.outcome(failed)).toMatchObject({ status: 'FAILED', error: 'Stop', redriveCount: 1 });
    const done = await own.run(jsonata({ Done: { Type: 'Succeed' } }));
    expect(() => own.engine.redrive(done.arn)).toThrow(expect.objectContaining({ code: 'ExecutionNotRedrivable' }));
  });
});

describe('the name of an execution', () => {
  it('gives the running one again for the same input, and refuses another', async () => {
    const own = keep(bench({ handlers: { work: never } }));
    const machine = own.machine(jsonata({ Work: invoke('work') }));
    const started = own.engine.start(machine, 'same', '{"a":1}');
    expect(own.engine.start(machine, 'same', '{"a":1}').startedAt).toBe(started.startedAt);
    const refused = expect.objectContaining({ code: 'ExecutionAlreadyExists' });
    expect(() => own.engine.start(machine, 'same', '{"a":2}')).toThrow(refused);
    own.engine.stop(started.arn, undefined, undefined);
    expect(() => own.engine.start(machine, 'same', '{"a":1}')).toThrow(refused);
  });
});
