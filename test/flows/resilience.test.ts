import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { retryRun } from '../../cli/session/retry.ts';
import type { FaultHook } from '../../local/gateway/fault.ts';
import { storedVersions } from './inspect.ts';
import { type Flow, grants, startFlow } from './support.ts';

const BATCH = grants('ndjson', { seed: 'resilience', records: 30, faults: 0.2 });

describe('the submission flow, when things go wrong', () => {
  let flow: Flow;
  afterEach(() => flow.remove());

  it('gives one export when an event is delivered three times, the last one first', async () => {
    flow = await startFlow({ disorder: { copies: 3, reversed: true } });
    const { run } = await flow.submit('thrice.ndjson', BATCH.content, { contentType: BATCH.contentType });
    const { report, seal } = await flow.settle(run);
    await flow.cloud.idle();
    expect(flow.cloud.executions().map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(report.records).toEqual({ received: 30, exported: 24, quarantined: 6 });
    expect(seal.generation).toBe(1);
    await flow.stop();
    const parts = (await storedVersions(flow.cloud.folder, flow.cloud.deployment)).filter(
      ({ bucket, key }) => bucket === flow.connection.buckets.exports && key.includes('/part-'),
    );
    expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
  });

  it('seals what failed after every retry, and a retry takes the run to its end under a second seal', async () => {
    const hook: FaultHook = ({ operation, caller }) =>
      operation === 'S3.PutObject' && caller.name.endsWith('egress') ? { kind: 'fail-before' } : undefined;
    // Ten retries of a stage would wait for minutes.
    flow = await startFlow({ hook, timeScale: 0.001 });
    const { run } = await flow.submit('failing.ndjson', BATCH.content, { contentType: BATCH.contentType });
    const failed = await flow.settle(run);
    expect(failed.report.outcome).toBe('failed');
    expect(failed.seal.generation).toBe(1);
    await flow.cloud.idle();
    flow.cloud.setHook(undefined);
    await retryRun(flow.operator, flow.connection, run);
    await flow.cloud.idle();
    const { report, seal } = await flow.settle(run);
    expect(report.outcome).toBe('partly-exported');
    expect(report.records).toEqual({ received: 30, exported: 24, quarantined: 6 });
    expect(seal.generation).toBe(2);
  });

  it('seals a run whose execution was aborted, which no catch can see, and a redrive takes it to its end', async () => {
    let reached: (() => void) | undefined;
    const processing = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const hook: FaultHook = ({ caller }) => {
      if (!caller.name.endsWith('processing')) return undefined;
      reached?.();
      return { kind: 'timeout' };
    };
    flow = await startFlow({ hook });
    const { run } = await flow.submit('aborted.ndjson', BATCH.content, { contentType: BATCH.contentType });
    await processing;
    const [execution] = flow.cloud.executions();
    if (execution === undefined) throw new Error('no execution');
    // The operator may watch, start and redrive; to stop is the root's.
    const root = flow.cloud.credentials();
    const states = new SFNClient({
      region: flow.connection.region,
      endpoint: flow.cloud.endpoint,
      credentials: { accessKeyId: root.accessKeyId, secretAccessKey: root.secretAccessKey },
    });
    await states.send(new StopExecutionCommand({ executionArn: execution.arn }));
    states.destroy();
    flow.cloud.setHook(undefined);
    expect((await flow.settle(run)).report.outcome).toBe('failed');
    await flow.cloud.idle();
    await retryRun(flow.operator, flow.connection, run);
    await flow.cloud.idle();
    const { report, seal } = await flow.settle(run);
    expect(report.outcome).toBe('partly-exported');
    expect(report.records).toEqual({ received: 30, exported: 24, quarantined: 6 });
    expect(seal.generation).toBeGreaterThan(1);
  });

  it('[B12] gives the same exports and the same problems from two fresh states', async () => {
    const endings: string[] = [];
    for (const attempt of [1, 2]) {
      flow = await startFlow();
      const { run } = await flow.submit('same.ndjson', BATCH.content, { contentType: BATCH.contentType });
      const { report } = await flow.settle(run);
      await flow.stop();
      const parts = (await storedVersions(flow.cloud.folder, flow.cloud.deployment))
        .filter(({ bucket, key }) => bucket === flow.connection.buckets.exports && key.includes('/part-'))
        .map(({ key, bytes }) => [key.replace(run, '<run>'), bytes.toString('utf8')]);
      endings.push(JSON.stringify([parts.toSorted(), report.problems]));
      if (attempt === 1) await flow.remove();
    }
    expect(endings[0]).toBe(endings[1]);
    expect(endings[0]?.length).toBeGreaterThan(5_000);
  });
});
