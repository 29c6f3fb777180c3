import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_FORMATS } from '../../shared/sample/write.ts';
import { type Flow, grants, startFlow } from './support.ts';

/** Roles that nothing in a good run takes, and whose statements cannot hold a reason in the template themselves. */
const UNUSED: readonly { readonly of: RegExp; readonly because: string }[] = [
  { of: /-network-log$/, because: 'flow logs are written by the VPC, which the embedded cloud does not have' },
  { of: /CustomS3AutoDeleteObjects/, because: 'empties the buckets of a sandbox when CloudFormation destroys it' },
  { of: /-unsealed-rule$/, because: 'starts the closing machine after a failure: see resilience.test.ts' },
];

describe('the submission flow on the embedded cloud', () => {
  let flow: Flow;
  beforeAll(async () => {
    flow = await startFlow();
  });
  afterAll(() => flow.remove());

  it.each(SAMPLE_FORMATS)(
    '[B06] [B16] takes %s from an upload to a seal that verifies with the public key alone',
    async (format) => {
      const { content, contentType } = grants(format, { seed: `good-${format}` });
      const { run } = await flow.submit(`good.${format}`, content, { contentType });
      const { report, seal } = await flow.settle(run);
      expect(report.outcome).toBe('exported');
      expect(report.records).toEqual({ received: 20, exported: 20, quarantined: 0 });
      expect(seal.counts).toEqual(report.records);
      expect(seal.actions['record.exported']).toBe(20);
    },
  );

  it.each(SAMPLE_FORMATS)(
    '[B02] [B03] [B10] gives every record of a mixed %s file one place and one reason',
    async (format) => {
      const { content, contentType } = grants(format, { seed: `mixed-${format}`, records: 120, faults: 0.3 });
      const { run } = await flow.submit(`mixed.${format}`, content, { contentType });
      const { report, seal } = await flow.settle(run);
      expect(report.outcome).toBe('partly-exported');
      expect(report.records).toEqual({ received: 120, exported: 84, quarantined: 36 });
      expect(seal.counts).toEqual(report.records);
      expect(new Set(report.problems.map(({ record }) => record)).size).toBe(36);
      expect(report.exports.reduce((sum, { records }) => sum + records, 0)).toBe(84);
      expect(report.quarantine.reduce((sum, { records }) => sum + records, 0)).toBe(36);
    },
  );

  it('[B07] refuses the same payload again with 409, and another under the same key with 422', async () => {
    const first = grants('ndjson', { seed: 'once', records: 3 });
    const other = grants('ndjson', { seed: 'other', records: 3 });
    const submit = async (name: string, { content, contentType }: typeof first, idempotencyKey: string) => {
      const { run } = await flow.submit(name, content, { contentType, idempotencyKey });
      return (await flow.settle(run)).report;
    };
    expect((await submit('once.ndjson', first, 'quarter')).outcome).toBe('exported');
    const again = await submit('again.ndjson', first, 'quarter');
    const conflict = await submit('conflict.ndjson', other, 'quarter');
    expect([again.outcome, conflict.outcome]).toEqual(['refused', 'refused']);
    expect(again.problems.find(({ record }) => record === null)?.code).toBe('submission-duplicate');
    expect(conflict.problems.find(({ record }) => record === null)?.code).toBe('submission-conflict');
    expect(again.records).toEqual({ received: 3, exported: 0, quarantined: 3 });
  });

  it('[B01] [B05] refuses an upload without a credential unread, seals that, and takes the next file', async () => {
    const { content, contentType } = grants('csv', { seed: 'refused' });
    const { run } = await flow.submit('refused.csv', content, { contentType, tamper: () => undefined });
    const { report } = await flow.settle(run);
    expect(report.outcome).toBe('refused');
    expect(report.problems).toMatchObject([{ record: null, code: 'credential-missing', stage: 'ingestion' }]);
    const next = await flow.submit('next.csv', content, { contentType });
    expect((await flow.settle(next.run)).report.outcome).toBe('exported');
  });

  it('[B01] refuses a token that was used for another upload', async () => {
    const { content, contentType } = grants('json', { seed: 'replay', records: 2 });
    let used = '';
    const key = '**/replayed.json';
    const first = await flow.submit('replayed.json', content, {
      contentType,
      claims: { key },
      tamper: (token) => {
        used = token;
        return token;
      },
    });
    expect((await flow.settle(first.run)).report.outcome).toBe('exported');
    const again = await flow.submit('replayed.json', content, {
      contentType,
      key: 'other/replayed.json',
      tamper: () => used,
    });
    const { report } = await flow.settle(again.run);
    expect(report.problems[0]?.code).toBe('credential-replayed');
  });

  it('[B19] [S03] needs no grant that it does not have: not one call of a good run is denied', async () => {
    await flow.cloud.idle();
    const { calls, denials, defects } = flow.cloud.report();
    expect(denials).toEqual([]);
    expect(defects).toEqual([]);
    expect(calls).toBeGreaterThan(100);
  });

  it('[P04] knows a reason for every grant that no run here has used', () => {
    const silent = flow.cloud
      .report()
      .unusedGrants.filter(({ because, role }) => because === undefined && !UNUSED.some(({ of }) => of.test(role)));
    expect(silent.map(({ text }) => text)).toEqual([]);
  });
});
