import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { jsonOf, parapet } from '../cli/run.ts';
import { type Flow, startFlow } from './support.ts';

interface Doctor {
  readonly findings: readonly { readonly check: string; readonly severity: string; readonly what: string }[];
}

describe('those who look after a deployment', () => {
  let flow: Flow;
  beforeAll(async () => {
    flow = await startFlow();
  });
  afterAll(() => flow.remove());

  const asRoot = async (...argv: readonly string[]) => {
    const { accessKeyId, secretAccessKey } = flow.cloud.credentials();
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    try {
      return await parapet(...argv, '--connection', flow.connectionFile, '--json');
    } finally {
      vi.unstubAllEnvs();
    }
  };

  it('[P14] ask the embedded cloud for its locks, keys, tables, machines and runs, and are told what it does not serve', async () => {
    const { findings } = jsonOf(await asRoot('doctor')) as Doctor;
    const of = (severity: string) => [
      ...new Set(findings.filter((each) => each.severity === severity).map(({ check }) => check)),
    ];
    expect(of('well')).toEqual(expect.arrayContaining(['templates', 'buckets', 'keys', 'tables', 'machines', 'runs']));
    expect(of('unasked')).toEqual(expect.arrayContaining(['trail', 'alarms']));
    for (const { severity, what } of findings)
      if (severity === 'unasked') expect(what).toContain('the endpoint does not serve this');
  });

  it('[P04] ask as its auditor where they bring no session: settings and evidence, and nothing that the role may not see', async () => {
    const ended = await parapet('doctor', '--connection', flow.connectionFile, '--json');
    const { findings } = jsonOf(ended) as Doctor;
    const of = (check: string) => findings.filter((each) => each.check === check).map(({ severity }) => severity);
    for (const check of ['tables', 'runs']) expect(of(check)).toEqual(['well']);
    // Of buckets and keys, all but those of the trail, which the investigator alone reads.
    for (const { what } of findings.filter(({ check }) => check === 'buckets' || check === 'keys')) {
      expect(what).toMatch(
        /^\w+: no answer about (TrailBucket|TrailBucket, FindingsBucket|TrailKey) \(whoever asks may not\)$/,
      );
    }
    // The auditor has no business with state machines.
    expect(findings.find(({ check }) => check === 'machines')?.what).toContain('whoever asks may not');
    expect(ended.code).toBe(EXIT.ok);
  });

  it('[P25] run the checklist against it: a row that S3 answers says so', async () => {
    const ended = await asRoot('posture');
    expect(ended.code).toBe(EXIT.failed);
    const { rows } = jsonOf(ended) as { rows: { id: string; state: string; seen: string[] }[] };
    const row = rows.find(({ id }) => id === 'buckets-encrypted');
    expect(row).toMatchObject({ state: 'pass', seen: expect.arrayContaining(['s3:GetBucketEncryption']) });
    expect(rows.find(({ id }) => id === 'trail-of-all-regions')?.state).toBe('not-checked');
  });
});
