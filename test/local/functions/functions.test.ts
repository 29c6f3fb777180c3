import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { caller, type Rig, rig } from './support.ts';

let own: Rig;
afterEach(() => own.close());

const handler = (body: string, before = ''): string =>
  `${before}\nexport const handler = async (event, context) => {${body}};`;

describe('an invocation', () => {
  it('gets the event and a context, and its answer comes back', async () => {
    own = rig({
      echo: {
        code: handler(`return { event, name: context.functionName, arn: context.invokedFunctionArn,
          memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis() > 0 };`),
      },
    });
    expect(await own.call('echo', { a: [1] })).toEqual({
      failed: false,
      answer: {
        event: { a: [1] },
        name: 'echo',
        arn: 'arn:aws:lambda:eu-central-1:111122223333:function:echo',
        memory: '128',
        left: true,
      },
    });
    expect((await own.call('arn:aws:lambda:eu-central-1:111122223333:function:echo:$LATEST')).failed).toBe(false);
  });

  it('answers null when the handler returns nothing', async () => {
    own = rig({ quiet: { code: handler('') } });
    expect((await own.call('quiet')).answer).toBeNull();
  });

  it('finds a warm environment again, and never shares one between two invocations', async () => {
    own = rig({
      count: { code: handler('await new Promise((r) => setTimeout(r, event.wait)); return ++n;', 'let n = 0;') },
    });
    expect((await own.call('count', { wait: 0 })).answer).toBe(1);
    expect((await own.call('count', { wait: 0 })).answer).toBe(2);
    const both = await Promise.all([own.call('count', { wait: 50 }), own.call('count', { wait: 50 })]);
    expect(both.map(({ answer }) => answer).sort()).toEqual([1, 3]);
  });

  it('fails with the error that the handler threw', async () => {
    own = rig({ bad: { code: handler(`const e = new Error('told'); e.name = 'Problem'; throw e;`) } });
    const { failed, answer } = await own.call('bad');
    expect(failed).toBe(true);
    expect(answer).toMatchObject({ errorType: 'Problem', errorMessage: 'told' });
  });

  it.each([
    ['Runtime.ExitError', 'a handler that exits', handler('process.exit(3);')],
    [
      'Runtime.OutOfMemory',
      'a handler that takes too much memory',
      handler('const a = []; for (;;) a.push(new Array(1e5).fill(event));'),
    ],
    [
      'Runtime.CallbackHandlerDeprecated',
      'a handler with a callback',
      'export const handler = (event, context, callback) => callback(null, 1);',
    ],
    ['Runtime.HandlerNotFound', 'a bundle without the handler', 'export const other = 1;'],
    ['TypeError', 'a module that throws while it loads', 'undefined.missing;\nexport const handler = async () => 1;'],
    [
      'RangeError',
      'an error that nobody awaits',
      handler(`setTimeout(() => { throw new RangeError('late'); }); await new Promise((r) => setTimeout(r, 5000));`),
    ],
  ])('fails with %s for %s, and the next one gets a new environment', async (errorType, _, code) => {
    own = rig({ bad: { code } });
    expect(await own.call('bad')).toMatchObject({ failed: true, answer: { errorType } });
    expect(await own.call('bad')).toMatchObject({ failed: true, answer: { errorType } });
  });

  it('is ended when it takes longer than its time', async () => {
    own = rig({ slow: { code: handler('if (event.slow) for (;;); return 1;'), timeoutSeconds: 1 } });
    expect((await own.call('slow')).answer).toBe(1);
    expect(await own.call('slow', { slow: true })).toMatchObject({
      failed: true,
      answer: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringContaining('Task timed out after 1.00 seconds'),
      },
    });
    expect((await own.call('slow')).answer).toBe(1);
  });

  it('refuses an answer over 6 MB', async () => {
    own = rig({ large: { code: handler(`return 'x'.repeat(6 * 1024 * 1024);`) } });
    expect(await own.call('large')).toMatchObject({ answer: { errorType: 'Function.ResponseSizeTooLarge' } });
    const request = own.invoker.invoke(caller('machine'), 'large', `"${'x'.repeat(6 * 1024 * 1024)}"`);
    await expect(request).rejects.toMatchObject({ code: 'RequestTooLargeException' });
  });

  it('is refused to a role that may not, and for a function that is not there', async () => {
    own = rig({ echo: { code: handler('return 1;') } });
    await expect(own.invoker.invoke(caller('stranger'), 'echo', '{}')).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(own.call('missing')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('concurrency', () => {
  it('is throttled beyond what is reserved', async () => {
    own = rig({
      one: { code: handler('await new Promise((r) => setTimeout(r, 100)); return 1;'), reservedConcurrency: 1 },
    });
    const first = own.call('one');
    await expect(own.call('one')).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
    expect((await first).answer).toBe(1);
    expect((await own.call('one')).answer).toBe(1);
  });

  it('waits where only this machine is full, and makes room by ending an idle environment', async () => {
    own = rig(
      { a: { code: handler('return "a";') }, b: { code: handler('return "b";') } },
      { running: 1, environments: 1 },
    );
    const answers = await Promise.all([own.call('a'), own.call('b'), own.call('a'), own.call('b')]);
    expect(answers.map(({ answer }) => answer)).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('[S07] an environment', () => {
  it('sees its own variables and nothing of the host', async () => {
    process.env.PARAPET_CANARY = 'from the host';
    own = rig({ env: { code: handler('return process.env;'), variables: { PARAPET_DEPLOYMENT: 'test' } } });
    const { answer } = await own.call('env');
    delete process.env.PARAPET_CANARY;
    expect(answer).toMatchObject({
      PARAPET_DEPLOYMENT: 'test',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'env',
      AWS_ACCESS_KEY_ID: 'ASIAenv1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    });
    expect(answer).not.toHaveProperty('PARAPET_CANARY');
    expect(answer).not.toHaveProperty('PATH');
    expect(answer).not.toHaveProperty('HOME');
  });

  it('has a temporary folder of its own, which goes when it goes', async () => {
    const code = handler(
      `const file = join(tmpdir(), 'x'); writeFileSync(file, 'secret'); return file;`,
      `import { tmpdir } from 'node:os'; import { join } from 'node:path'; import { writeFileSync } from 'node:fs';`,
    );
    own = rig({ write: { code } });
    const { answer } = await own.call('write');
    expect(String(answer).startsWith(join(own.folder, 'tmp', 'write-'))).toBe(true);
    expect(String(answer).startsWith(join(tmpdir(), 'x'))).toBe(false);
    expect(existsSync(String(answer))).toBe(true);
    await own.pool.stop();
    expect(existsSync(join(own.folder, 'tmp'))).toBe(false);
  });

  it('writes its lines and reports into the log of its function', async () => {
    own = rig({ talk: { code: handler(`console.log('said'); if (event.fail) throw new Error('why'); return 1;`) } });
    await own.call('talk');
    await own.call('talk', { fail: true });
    await own.pool.stop();
    expect(readdirSync(join(own.folder, 'logs'))).toEqual(['talk.log']);
    const lines = readFileSync(join(own.folder, 'logs', 'talk.log'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.filter((line) => line === 'said')).toHaveLength(2);
    const reports = lines.filter((line) => line.includes('platform.report')).map((line) => JSON.parse(line).record);
    // Only the first one was a cold start.
    expect(reports.map(({ status, metrics }) => [status, 'initDurationMs' in metrics])).toEqual([
      ['success', true],
      ['error', false],
    ]);
    expect(lines.some((line) => line.includes('"errorMessage":"why"'))).toBe(true);
  });

  it('is killed by its access key alone: its invocation fails as that of a crashed runtime, others go on', async () => {
    own = rig({
      wait: {
        code: handler('await new Promise((r) => setTimeout(r, event.wait)); return process.env.AWS_ACCESS_KEY_ID;'),
      },
    });
    const [first, second] = [own.call('wait', { wait: 5_000 }), own.call('wait', { wait: 300 })];
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(own.pool.kill('ASIAwait1')).toBe(true);
    expect(await first).toMatchObject({ failed: true, answer: { errorType: 'Runtime.ExitError' } });
    expect((await second).answer).toBe('ASIAwait2');
    expect(own.pool.kill('ASIAwait1')).toBe(false);
  });

  it('reaches another endpoint for storage, tables, keys and secrets where one is given', async () => {
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other', sessionToken: undefined };
    own = rig(
      { env: { code: handler('return process.env;') } },
      { foreign: { url: 'http://127.0.0.1:5000', credentials } },
    );
    const { answer } = await own.call('env');
    expect(answer).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:5000',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:5000',
      AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:5000',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:5000',
      AWS_ACCESS_KEY_ID: 'AKIAOTHER',
    });
    expect(answer).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  it('names keys and secrets as the other endpoint names them, and calls as itself where one of its keys stays here', async () => {
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other', sessionToken: undefined };
    const arns = new Map([['arn:aws:kms:::key/ours', 'arn:aws:kms:::key/theirs']]);
    const foreign = { url: 'http://127.0.0.1:5000', credentials, arns, kept: new Set(['arn:aws:kms:::key/kept']) };
    const code = handler('return process.env;');
    const variables = { PARAPET_AUDIT_KEY: 'arn:aws:kms:::key/ours', PARAPET_DEPLOYMENT: 'test' };
    own = rig(
      {
        there: { code, variables },
        here: { code, variables: { ...variables, PARAPET_SEAL_KEY: 'arn:aws:kms:::key/kept' } },
      },
      { foreign },
    );
    const there = (await own.call('there')).answer;
    const here = (await own.call('here')).answer;
    const renamed = { PARAPET_AUDIT_KEY: 'arn:aws:kms:::key/theirs', PARAPET_DEPLOYMENT: 'test' };
    expect(there).toMatchObject({ ...renamed, AWS_ACCESS_KEY_ID: 'AKIAOTHER', AWS_ENDPOINT_URL_KMS: foreign.url });
    expect(here).toMatchObject({
      ...renamed,
      PARAPET_SEAL_KEY: 'arn:aws:kms:::key/kept',
      AWS_ACCESS_KEY_ID: 'ASIAhere2',
      AWS_ENDPOINT_URL_S3: foreign.url,
    });
    expect(here).not.toHaveProperty('AWS_ENDPOINT_URL_KMS');
  });
});
