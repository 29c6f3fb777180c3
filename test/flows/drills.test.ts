/** The drills of docs/runbook.md that a laptop can hold, each as the person on duty would do it, in the roles that it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retryRun } from '../../cli/session/retry.ts';
import { readReport } from '../../cli/session/stores.ts';
import { runIdOf } from '../../shared/run-id.ts';
import { type Flow, grants, startFlow } from './support.ts';

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ timeScale: 0.001 });
}, 60_000);
afterAll(() => flow.remove());

const options = (accessKeyId: string, secretAccessKey: string, sessionToken?: string) => ({
  region: flow.connection.region,
  endpoint: flow.cloud.endpoint,
  credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
});
function asRoot() {
  const { accessKeyId, secretAccessKey } = flow.cloud.credentials();
  return options(accessKeyId, secretAccessKey);
}
const roleArn = (person: string): string =>
  `arn:aws:iam::${flow.cloud.deployment.accountId}:role/parapet-${flow.connection.deployment}-${person}`;
/** As the account's owner, who has a second factor; `seconds` as the command line has them. */
async function take(person: string, seconds?: number) {
  const sts = new STSClient(asRoot());
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn(person),
        RoleSessionName: 'drill-1',
        ...(seconds === undefined ? {} : { DurationSeconds: seconds }),
      }),
    );
    return options(Credentials?.AccessKeyId ?? '', Credentials?.SecretAccessKey ?? '', Credentials?.SessionToken);
  } finally {
    sts.destroy();
  }
}

async function submit(name: string): Promise<string> {
  const { content, contentType } = grants('csv', { seed: name });
  return runIdOf(await flow.submit(`${name}.csv`, content, { contentType, key: `uploads/${name}.csv` }));
}

describe('the drills on a laptop', () => {
  it('[P24] [T11] key-endangered: a run fails while a key is disabled, the administrator enables it, the run goes on', async () => {
    const root = new KMSClient(asRoot());
    const admin = new KMSClient(await take('admin'));
    const { KeyMetadata } = await root.send(
      new DescribeKeyCommand({ KeyId: `alias/parapet/${flow.connection.deployment}/exports` }),
    );
    const KeyId = KeyMetadata?.KeyId;
    await root.send(new DisableKeyCommand({ KeyId }));
    const run = await submit('key-endangered');
    await flow.cloud.idle();
    expect((await readReport(flow.operator, flow.connection, run)).outcome).toBe('failed');
    await expect(admin.send(new DisableKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await admin.send(new EnableKeyCommand({ KeyId }));
    await retryRun(flow.operator, flow.connection, run);
    await flow.cloud.idle();
    const { report } = await flow.settle(run);
    expect(report).toMatchObject({ outcome: 'exported', records: { received: 20, exported: 20 } });
    root.destroy();
    admin.destroy();
  }, 60_000);

  it('[P24] [P04] break-glass: is taken for a quarter of an hour, refused for an hour, and reads no data', async () => {
    await expect(take('break-glass')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(take('break-glass', 3600)).rejects.toMatchObject({ name: 'AccessDenied' });
    const s3 = new S3Client({ ...(await take('break-glass', 900)), forcePathStyle: true });
    const vault = flow.cloud.deployment.find('AWS::S3::Bucket', 'Vault').physicalId;
    await expect(s3.send(new GetObjectCommand({ Bucket: vault, Key: 'segments/x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    s3.destroy();
  });

  it('[P24] access-denied: reading the vault is refused, and the refusal is written down with who it was', async () => {
    const s3 = new S3Client({ ...(await take('auditor')), forcePathStyle: true });
    const vault = flow.cloud.deployment.find('AWS::S3::Bucket', 'Vault').physicalId;
    await expect(s3.send(new GetObjectCommand({ Bucket: vault, Key: 'segments/x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    s3.destroy();
    const seen = flow.cloud.report().denials.map(({ caller, request }) => `${caller.arn} ${request.action}`);
    expect(seen.join('\n')).toMatch(/assumed-role\/parapet-[a-z]+-auditor\/drill-1 s3:GetObject/);
  });

  it('[P24] [P02] a salt leaked: the administrator has the salts rotated, and submissions go on', async () => {
    const admin = new SecretsManagerClient(await take('admin'));
    const SecretId = flow.cloud.deployment.find('AWS::SecretsManager::Secret', 'TokenSalts').arn;
    await admin.send(new RotateSecretCommand({ SecretId }));
    await flow.cloud.idle();
    const { LastRotatedDate } = await admin.send(new DescribeSecretCommand({ SecretId }));
    expect(LastRotatedDate).toBeInstanceOf(Date);
    admin.destroy();
    const { report } = await flow.settle(await submit('after-the-leak'));
    expect(report.outcome).toBe('exported');
  }, 60_000);

  it('[P24] stand in the runbook with their commands, for the roles and names that there are', () => {
    const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
    const drills = runbook.slice(runbook.indexOf('## Drills on a laptop'));
    for (const command of [
      'kms disable-key',
      'kms enable-key',
      'parapet retry',
      'sts assume-role',
      'rotate-secret',
      's3 cp',
    ]) {
      expect(drills).toContain(command);
    }
    for (const [, person] of drills.matchAll(/role\/parapet-sandbox-([a-z-]+)/g)) {
      expect(flow.cloud.deployment.ofType('AWS::IAM::Role').map(({ arn }) => arn)).toContain(roleArn(person ?? ''));
    }
  });
});
