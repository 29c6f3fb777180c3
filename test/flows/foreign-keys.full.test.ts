import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ApiError } from '../../local/service.ts';
import { startEndpoint } from '../support/endpoint/endpoint.ts';
import { grants, startFlow } from './support.ts';

const KEY = 'AKIAOFTHEOTHERENDPOINT';

it('seals by a key of the embedded cloud what another endpoint keeps that cannot make such a key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-endpoint-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const endpoint = await startEndpoint({
    folder: join(folder, 'endpoint'),
    refuse: (operation, { bytes }) =>
      operation === 'KMS.CreateKey' && bytes?.includes('ECC_NIST_EDWARDS25519')
        ? new ApiError('ValidationException', 'Not one of the known specs.', 400)
        : undefined,
  });
  onTestFinished(() => endpoint.close());
  vi.stubEnv('PARAPET_ENDPOINT_URL', endpoint.url);
  vi.stubEnv('PARAPET_ENDPOINT_ACCESS_KEY_ID', KEY);
  vi.stubEnv('PARAPET_ENDPOINT_SECRET_ACCESS_KEY', 'not looked at');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const flow = await startFlow({ folder: join(folder, 'flow') });
  onTestFinished(() => flow.stop());
  const { content, contentType } = grants('json', { seed: 'kept', records: 10 });
  const { run } = await flow.submit('kept.json', content, { contentType });
  const { report, seal } = await flow.settle(run);
  expect(report.outcome).toBe('exported');
  expect(seal.counts).toEqual(report.records);
  await flow.cloud.idle();
  // Signed here, by the seal's own role; everything else there.
  const { denied, defects, operations } = flow.cloud.report();
  expect({ denied, defects }).toEqual({ denied: 0, defects: [] });
  expect(operations['KMS.Sign']).toBe(1);
  expect(
    Object.keys(operations).filter((name) => /^(S3|DynamoDB|SecretsManager|s3|dynamodb|secretsmanager)\./.test(name)),
  ).toEqual([]);
  expect(endpoint.operations['KMS.Sign']).toBeUndefined();
  expect(endpoint.operations['KMS.GenerateDataKey']).toBeGreaterThan(0);
}, 60_000);
