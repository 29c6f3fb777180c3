import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { invoke, toFailure } from '../../../functions/runtime/invocation.ts';
import { metricLine } from '../../../functions/runtime/metrics.ts';
import * as temporary from '../../../functions/runtime/temporary.ts';
import { METRICS } from '../../../shared/names.ts';
import { Problem } from '../../../shared/problem.ts';
import { Transient } from '../../../shared/transient.ts';

const CONTEXT = { awsRequestId: '00000000-0000-4000-8000-000000000000', getRemainingTimeInMillis: () => 1_234 };
const RUN = 'a'.repeat(32);

describe('an invocation', () => {
  const printed: Record<string, unknown>[] = [];
  beforeEach(() => {
    printed.length = 0;
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      printed.push(JSON.parse(String(line)));
      return true;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  it('logs how a stage ended, and counts it as metrics of a closed set', async () => {
    const counts = { received: 3, passed: 2, quarantined: 1 };
    const result = await invoke('egress', CONTEXT, async ({ deadline }) => {
      expect(deadline.remaining()).toBe(1_234);
      return { run: RUN, outcome: 'passed', counts };
    });
    expect(result.counts).toEqual(counts);
    expect(printed[0]).toMatchObject({ stage: 'egress', event: 'stage.ended', run: RUN, outcome: 'passed', ...counts });
    expect(printed[1]).toMatchObject({
      stage: 'egress',
      outcome: 'passed',
      ...counts,
      _aws: {
        CloudWatchMetrics: [
          { Namespace: 'Parapet', Dimensions: [['stage']] },
          // Each further metric by outcome would be paid for by the hour.
          { Namespace: 'Parapet', Dimensions: [['stage', 'outcome']], Metrics: [{ Name: 'durationMs' }] },
        ],
      },
    });
  });

  it('[B14] [S07] scrubs what was left behind, whether the stage ends or fails', async () => {
    const scrub = vi.spyOn(temporary, 'scrubTemporary').mockReturnValue(0);
    await invoke('egress', CONTEXT, async () => ({ run: RUN, outcome: 'passed' }));
    expect(scrub).toHaveBeenCalledTimes(1);
    const failing = invoke('egress', CONTEXT, async () => {
      expect(scrub).toHaveBeenCalledTimes(1);
      throw new Problem('contract-untrusted');
    });
    await expect(failing).rejects.toMatchObject({ name: 'contract-untrusted' });
    expect(scrub).toHaveBeenCalledTimes(2);
  });

  it('gives the state machine a name to match on and a sentence without input', async () => {
    const thrown = [
      [new Transient('PutObject', 'throttled'), 'Transient', 'PutObject: throttled'],
      [
        new Problem('contract-untrusted', { detail: 'secret' }),
        'contract-untrusted',
        new Problem('contract-untrusted').message,
      ],
      [new TypeError('secret'), 'internal-failure', new Problem('internal-failure').message],
      ['secret', 'internal-failure', new Problem('internal-failure').message],
    ] as const;
    for (const [error, name, message] of thrown) {
      const failing = invoke('seal', CONTEXT, async () => {
        throw error;
      });
      await expect(failing).rejects.toMatchObject({ name, message });
      expect(toFailure(error).stack).not.toContain('secret');
    }
    expect(JSON.stringify(printed)).not.toContain('secret');
    expect(printed.filter(({ failures }) => failures === 1)).toHaveLength(thrown.length);
  });

  it('names every metric with its unit', () => {
    const values = Object.fromEntries(Object.keys(METRICS).map((name) => [name, 1]));
    const { _aws } = JSON.parse(metricLine('ingestion', 'passed', values, 0));
    expect(_aws.CloudWatchMetrics[0].Metrics).toEqual(Object.entries(METRICS).map(([Name, Unit]) => ({ Name, Unit })));
  });
});
