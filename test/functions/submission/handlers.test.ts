import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENVIRONMENT } from '../../../shared/environment.ts';

const HANDLERS = ['ingestion', 'reconciliation', 'processing', 'egress', 'seal', 'custodian'];
const CONTEXT = { awsRequestId: '00000000-0000-4000-8000-000000000000', getRemainingTimeInMillis: () => 1_000 };
const VALUES: Partial<Record<keyof typeof ENVIRONMENT, string>> = {
  auditRetentionDays: '30',
  auditRetentionMode: 'GOVERNANCE',
  leaseSeconds: '1200',
  longestTokenSeconds: '86400',
};

const load = (name: string) => import(`../../../functions/submission/${name}/handler.ts`);

describe('a handler', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    for (const [name, variable] of Object.entries(ENVIRONMENT)) {
      vi.stubEnv(variable, VALUES[name as keyof typeof ENVIRONMENT] ?? 'x');
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each(HANDLERS)('[S18] of %s does not start without its variables, and names them', async (name) => {
    vi.stubEnv(ENVIRONMENT.runsTable, '');
    vi.stubEnv(ENVIRONMENT.auditKey, '');
    await expect(load(name)).rejects.toMatchObject({
      code: 'configuration-invalid',
      detail: 'Missing: PARAPET_RUNS_TABLE, PARAPET_AUDIT_KEY.',
    });
  });

  it.each([
    [ENVIRONMENT.auditRetentionMode, 'FOREVER'],
    [ENVIRONMENT.auditRetentionDays, '-1'],
    [ENVIRONMENT.leaseSeconds, 'soon'],
  ])('[S18] does not start when %s is %s', async (variable, value) => {
    vi.stubEnv(variable, value);
    await expect(load('seal')).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  it.each(HANDLERS)('of %s refuses a message that is none, before it calls anything', async (name) => {
    const { handler } = await load(name);
    for (const message of [
      undefined,
      {},
      { execution: 'x' },
      { execution: 'arn:aws:states:a:1:execution:m:e', surprise: 1 },
    ]) {
      await expect(handler(message, CONTEXT)).rejects.toMatchObject({ name: 'configuration-invalid' });
    }
  });
});
