import aslValidator from 'asl-validator';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Json, parseJson } from '../../local/states/json.ts';
import type { StageResult } from '../../shared/messages.ts';
import { type Bench, bench, FunctionError, type Handler } from '../local/states/support.ts';
import { type Simulation, simulate } from './simulation.ts';
import { configuration } from './templates.ts';

const RUN = '0123456789abcdef0123456789abcdef';
const UPLOAD = {
  bucket: 'landing',
  key: 'grants/2026 é.csv',
  versionId: 'v1',
  size: 12,
  sourceAddress: '203.0.113.7',
  time: '2026-11-22T03:00:00Z',
};
/** As EventBridge delivers it; https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const EVENT = {
  version: '0',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  time: UPLOAD.time,
  detail: {
    version: '0',
    bucket: { name: UPLOAD.bucket },
    object: { key: UPLOAD.key, size: UPLOAD.size, etag: 'e', 'version-id': UPLOAD.versionId, sequencer: '1' },
    'source-ip-address': UPLOAD.sourceAddress,
    reason: 'PutObject',
  },
};
const MANIFEST = { key: `ingested/${RUN}/0123456789abcdef/manifest.json`, sha256: 'a'.repeat(64) };
const CURSOR = { nextChunk: 3, counts: { received: 30, passed: 30, quarantined: 0 } };

const answer = (stage: StageResult['stage'], outcome: StageResult['outcome'], more: Partial<StageResult> = {}): Json =>
  parseJson(JSON.stringify({ stage, run: RUN, outcome, counts: { received: 1, passed: 1, quarantined: 0 }, ...more }));
const passing =
  (stage: StageResult['stage']): Handler =>
  () =>
    answer(stage, 'passed', { manifest: MANIFEST });
const sealed: Handler = () => ({ run: RUN, outcome: 'exported', counts: { received: 1, passed: 1, quarantined: 0 } });
const GOOD: Readonly<Record<string, Handler>> = {
  'parapet-test-ingestion': passing('ingestion'),
  'parapet-test-reconciliation': passing('reconciliation'),
  'parapet-test-processing': passing('processing'),
  'parapet-test-egress': passing('egress'),
  'parapet-test-seal': sealed,
};

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('sandbox'));
});

function definition(name: string): Json {
  const machine = simulation.deployment.find('AWS::StepFunctions::StateMachine', name);
  return parseJson(String(machine.properties.DefinitionString));
}

const Machine = z.looseObject({
  States: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).default([]),
    }),
  ),
});

/** What each task of a machine does again, and how often. */
const retriersOf = (name: string) =>
  Object.values(Machine.parse(definition(name)).States).flatMap(({ Type, Retry }) => (Type === 'Task' ? [Retry] : []));

const open: Bench[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function run(machine: string, input: unknown, handlers: Readonly<Record<string, Handler>> = {}) {
  const own = bench({ handlers: { ...GOOD, ...handlers } });
  open.push(own);
  const execution = await own.run(definition(machine), parseJson(JSON.stringify(input)));
  const calls = own.calls.map(({ name, payload }) => ({ to: name.replace('parapet-test-', ''), payload }));
  return { execution, calls, order: calls.map(({ to }) => to) };
}

const always =
  (name: string): Handler =>
  () => {
    throw new FunctionError(name);
  };

describe('definitions', () => {
  it.each(['SubmissionStateMachine', 'CustodianStateMachine', 'ClosingStateMachine'])('%s is well-formed', (name) => {
    const checked = aslValidator(definition(name));
    expect(checked.errorsText()).toBe('');
    expect(checked.isValid).toBe(true);
  });
});

describe('the flow', () => {
  it('takes an upload through the boundaries in their order, with references only', async () => {
    const { execution, calls } = await run('SubmissionStateMachine', EVENT);
    expect(execution.status).toBe('SUCCEEDED');
    const by = { execution: execution.arn };
    expect(calls).toEqual([
      { to: 'ingestion', payload: { ...by, upload: UPLOAD } },
      { to: 'reconciliation', payload: { ...by, run: RUN, manifest: MANIFEST } },
      { to: 'processing', payload: { ...by, run: RUN, manifest: MANIFEST } },
      { to: 'egress', payload: { ...by, run: RUN, manifest: MANIFEST } },
      { to: 'seal', payload: { ...by, ending: 'completed', run: RUN, upload: UPLOAD } },
    ]);
  });

  it('[B19] lets no stage behind the first say whose run it is, or whose records', async () => {
    const others = { run: 'f'.repeat(32), submission: 'f'.repeat(32) };
    const { calls } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-processing': () => answer('processing', 'passed', { manifest: MANIFEST, ...others }),
    });
    expect(calls.at(-2)).toMatchObject({ to: 'egress', payload: { run: RUN } });
    expect(calls.at(-2)?.payload).not.toHaveProperty('submission');
    expect(calls.at(-1)?.payload).toMatchObject({ run: RUN });
  });

  it('invokes a stage again, with its cursor, while it is not done; the next starts without one', async () => {
    let left = 2;
    const ingestion: Handler = () =>
      left-- > 0
        ? answer('ingestion', 'continued', { cursor: CURSOR })
        : answer('ingestion', 'passed', { manifest: MANIFEST });
    const { calls, order } = await run('SubmissionStateMachine', EVENT, { 'parapet-test-ingestion': ingestion });
    expect(order.slice(0, 4)).toEqual(['ingestion', 'ingestion', 'ingestion', 'reconciliation']);
    expect(calls[1]?.payload).toMatchObject({ upload: UPLOAD, cursor: CURSOR });
    expect(calls[3]?.payload).not.toHaveProperty('cursor');
  });

  it.each([
    ['ingestion', 'refused', ['ingestion', 'seal']],
    ['reconciliation', 'emptied', ['ingestion', 'reconciliation', 'seal']],
    ['egress', 'refused', ['ingestion', 'reconciliation', 'processing', 'egress', 'seal']],
  ] as const)('goes to the seal when %s says %s', async (stage, outcome, expected) => {
    const { execution, order } = await run('SubmissionStateMachine', EVENT, {
      [`parapet-test-${stage}`]: () => answer(stage, outcome),
    });
    expect(execution.status).toBe('SUCCEEDED');
    expect(order).toEqual(expected);
  });

  it('ends without sealing when another execution has the run', async () => {
    const { execution, order } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-ingestion': () => answer('ingestion', 'settled'),
    });
    expect(execution.status).toBe('SUCCEEDED');
    expect(order).toEqual(['ingestion']);
  });

  it('[B16] seals a failure after the retries, names its error and not its cause, and fails', async () => {
    const { execution, calls, order } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-processing': always('Problem'),
    });
    expect(execution.status).toBe('FAILED');
    expect(execution.cause).toContain('Problem');
    expect(execution.cause).not.toContain('on purpose');
    expect(order).toEqual(['ingestion', 'reconciliation', ...Array(4).fill('processing'), 'seal']);
    expect(calls.at(-1)?.payload).toMatchObject({ ending: 'failed', error: 'Problem', run: RUN, upload: UPLOAD });
  });

  it('seals a failure of ingestion by its upload, as no run is known', async () => {
    const { calls } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-ingestion': always('Lambda.Unknown'),
    });
    expect(calls.at(-1)?.to).toBe('seal');
    expect(calls.at(-1)?.payload).not.toHaveProperty('run');
    expect(calls.at(-1)?.payload).toMatchObject({ ending: 'failed', upload: UPLOAD });
  });

  it('goes on after a failure that does not last', async () => {
    let failures = 2;
    const { execution, order } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-egress': (payload) =>
        failures-- > 0 ? always('Lambda.TooManyRequestsException')(payload) : passing('egress')(payload),
    });
    expect(execution.status).toBe('SUCCEEDED');
    expect(order.filter((stage) => stage === 'egress')).toHaveLength(3);
  });

  it('waits out throttling, ten times and ever longer, and each run at a time of its own', async () => {
    let failures = 10;
    const { execution, order } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-ingestion': (payload) =>
        failures-- > 0 ? always('Transient')(payload) : passing('ingestion')(payload),
    });
    expect(execution.status).toBe('SUCCEEDED');
    expect(order.filter((stage) => stage === 'ingestion')).toHaveLength(11);
    for (const machine of ['SubmissionStateMachine', 'CustodianStateMachine', 'ClosingStateMachine']) {
      for (const retriers of retriersOf(machine)) {
        const transient = retriers.find(({ ErrorEquals }) => ErrorEquals.includes('Transient'));
        expect(transient).toMatchObject({
          MaxAttempts: 10,
          BackoffRate: 2,
          MaxDelaySeconds: 120,
          JitterStrategy: 'FULL',
        });
      }
    }
  });

  it('seals and fails when a stage answers what is no outcome', async () => {
    const { execution, calls } = await run('SubmissionStateMachine', EVENT, {
      'parapet-test-reconciliation': () => ({ run: RUN, outcome: 'perhaps' }),
    });
    expect(execution.status).toBe('FAILED');
    expect(calls.at(-1)?.payload).toMatchObject({ ending: 'failed', error: 'Parapet.UnknownOutcome' });
  });

  it.each([
    ['nothing of the kind', { detail: {} }],
    ['a request to the custodian', { custody: { action: 'discard', run: RUN, upload: 'copy' } }],
  ])('refuses an input that is no upload: %s', async (_what, input) => {
    const { execution, order } = await run('SubmissionStateMachine', input);
    expect(execution.status).toBe('FAILED');
    expect(order).toEqual([]);
  });
});

describe('the custodian’s machine', () => {
  const segment = { run: RUN, stage: 'processing', attempt: '0123456789abcdef', chunk: 0 };
  const operator = 'arn:aws:sts::000000000000:assumed-role/operator/ada';
  const custody = { action: 'release', ...segment, operator };

  it.each([
    ['ingestion', ['custody', 'reconciliation', 'processing', 'egress', 'seal']],
    ['reconciliation', ['custody', 'processing', 'egress', 'seal']],
    ['processing', ['custody', 'egress', 'seal']],
  ] as const)('enters again after %s, whose answer it stands for', async (stage, expected) => {
    const { execution, calls, order } = await run(
      'CustodianStateMachine',
      { custody },
      { 'parapet-test-custody': passing(stage) },
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect(order).toEqual(expected);
    expect(calls[0]?.payload).toEqual({ execution: execution.arn, custody });
    expect(calls[1]?.payload).toEqual({ execution: execution.arn, run: RUN, manifest: MANIFEST });
  });

  it('[B22] tells egress whose records are released, as the custodian says and nobody after it', async () => {
    const submission = 'a'.repeat(32);
    const { calls } = await run(
      'CustodianStateMachine',
      { custody },
      {
        'parapet-test-custody': () => answer('reconciliation', 'passed', { manifest: MANIFEST, submission }),
        'parapet-test-processing': () =>
          answer('processing', 'passed', { manifest: MANIFEST, submission: 'f'.repeat(32) }),
      },
    );
    expect(calls.map(({ to }) => to)).toEqual(['custody', 'processing', 'egress', 'seal']);
    expect(calls[1]?.payload).not.toHaveProperty('submission');
    expect(calls[2]?.payload).toMatchObject({ run: RUN, submission });
  });

  it('seals a discard', async () => {
    const { order } = await run(
      'CustodianStateMachine',
      { custody },
      {
        'parapet-test-custody': () => answer('processing', 'emptied'),
      },
    );
    expect(order).toEqual(['custody', 'seal']);
  });

  it('[B16] seals what the custodian could not do, by the segment, as it has named no run', async () => {
    const { execution, calls, order } = await run(
      'CustodianStateMachine',
      { custody },
      { 'parapet-test-custody': always('Problem') },
    );
    expect(execution.status).toBe('FAILED');
    expect(execution.error).toBe('Problem');
    expect(order).toEqual([...Array(4).fill('custody'), 'seal']);
    expect(calls.at(-1)?.payload).toEqual({
      execution: execution.arn,
      ending: 'failed',
      error: 'Problem',
      custody: { ...segment, operator },
    });
  });

  it('[B16] seals a failure behind the custodian by its run and by the segment, which are one', async () => {
    const { calls } = await run(
      'CustodianStateMachine',
      { custody },
      { 'parapet-test-custody': passing('reconciliation'), 'parapet-test-processing': always('Problem') },
    );
    expect(calls.at(-1)?.payload).toMatchObject({ ending: 'failed', run: RUN, custody: { ...segment, operator } });
  });

  it('[B16] seals what could not be done where it is not said who asked, too', async () => {
    const { calls } = await run(
      'CustodianStateMachine',
      { custody: { ...custody, operator: 'somebody' } },
      { 'parapet-test-custody': always('configuration-invalid') },
    );
    expect(calls.at(-1)?.payload).toMatchObject({ ending: 'failed', custody: segment });
    expect(calls.at(-1)?.payload).not.toHaveProperty('custody.operator');
  });

  it('ingests no upload, whoever asks it to', async () => {
    const { execution, order } = await run('CustodianStateMachine', EVENT);
    expect(execution.status).toBe('FAILED');
    expect(order).toEqual([]);
  });

  it.each([
    ['nothing', {}],
    ['a run that is none', { ...custody, run: 7 }],
    ['a stage that is none', { ...custody, stage: 'custody' }],
    ['no chunk', { ...custody, chunk: '0' }],
    ['an attempt that is too long', { ...custody, attempt: `${custody.attempt}0` }],
    ['an upload of no run', { action: 'discard', upload: 'copy' }],
    ['something else of an upload', { action: 'discard', run: RUN, upload: 'original' }],
    ['a list', [custody, custody]],
  ])('does not seal a request that names %s', async (_what, malformed) => {
    const { execution, order } = await run(
      'CustodianStateMachine',
      { custody: malformed },
      { 'parapet-test-custody': always('configuration-invalid') },
    );
    expect(execution.status).toBe('FAILED');
    expect(execution.error).toBe('configuration-invalid');
    expect(new Set(order)).toEqual(new Set(['custody']));
  });
});

describe('closing', () => {
  const COPY = { run: RUN, upload: 'copy' };
  const change = (
    status: string,
    input: unknown,
    more: Readonly<Record<string, unknown>> = {},
    machine: 'submission' | 'custodian' = 'submission',
  ) => ({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn: `arn:aws:states:us-east-1:000000000000:execution:parapet-test-${machine}:e`,
      stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:parapet-test-${machine}`,
      status,
      input,
      ...more,
    },
  });

  it('[B16] hears of every end of either machine that may have left something unsealed, and of no other', () => {
    const { EventPattern } = simulation.deployment.find('AWS::Events::Rule', 'UnsealedRule').properties;
    const arn = (name: string): string => simulation.deployment.find('AWS::StepFunctions::StateMachine', name).arn;
    expect(EventPattern).toMatchObject({
      source: ['aws.states'],
      detail: {
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        stateMachineArn: [arn('SubmissionStateMachine'), arn('CustodianStateMachine')],
      },
    });
  });

  it.each([
    ['TIMED_OUT', 'timed-out'],
    ['ABORTED', 'aborted'],
    ['FAILED', 'failed'],
  ])('[B16] seals what ended as %s, in the name of the execution that held the run', async (status, ending) => {
    const { execution, calls } = await run('ClosingStateMachine', change(status, JSON.stringify(EVENT)));
    expect(execution.status).toBe('SUCCEEDED');
    const by = { execution: 'arn:aws:states:us-east-1:000000000000:execution:parapet-test-submission:e' };
    expect(calls).toEqual([{ to: 'seal', payload: { ...by, ending, upload: UPLOAD } }]);
  });

  it('[B16] seals a release or discard that ended so, by its segment', async () => {
    const segment = { run: RUN, stage: 'processing', attempt: '0123456789abcdef', chunk: 3 };
    const input = JSON.stringify({ custody: { action: 'discard', ...segment, operator: 'arn:aws:iam::1:role/x' } });
    const { execution, calls } = await run('ClosingStateMachine', change('ABORTED', input, {}, 'custodian'));
    expect(execution.status).toBe('SUCCEEDED');
    const by = { execution: 'arn:aws:states:us-east-1:000000000000:execution:parapet-test-custodian:e' };
    const asked = { ...segment, operator: 'arn:aws:iam::1:role/x' };
    expect(calls).toEqual([{ to: 'seal', payload: { ...by, ending: 'aborted', custody: asked } }]);
  });

  it('[B16] seals a discard of a whole upload that ended so, by the run of the upload', async () => {
    const upload = { run: RUN, upload: 'copy' };
    const input = JSON.stringify({ custody: { action: 'discard', ...upload, operator: 'arn:aws:iam::1:role/x' } });
    const { calls } = await run('ClosingStateMachine', change('ABORTED', input, {}, 'custodian'));
    expect(calls.map(({ payload }) => payload)).toMatchObject([{ ending: 'aborted', custody: upload }]);
  });

  it('passes the error on', async () => {
    const { calls } = await run(
      'ClosingStateMachine',
      change('FAILED', JSON.stringify(EVENT), { error: 'States.Runtime' }),
    );
    expect(calls[0]?.payload).toMatchObject({ error: 'States.Runtime' });
  });

  it.each([
    ['a request to the custodian that names no segment', JSON.stringify({ custody: {} }), 'custodian'],
    ['an input that was too large to send', null, 'submission'],
    ['an upload that somebody named to the custodian', JSON.stringify(EVENT), 'custodian'],
    ['a request to the custodian that was made elsewhere', JSON.stringify({ custody: COPY }), 'submission'],
  ] as const)('leaves %s alone', async (_, input, machine) => {
    const { execution, order } = await run('ClosingStateMachine', change('ABORTED', input, {}, machine));
    expect(execution.status).toBe('SUCCEEDED');
    expect(order).toEqual([]);
  });
});
