import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Finding } from '../posture/row.ts';
import { fail, notChecked, pass } from '../posture/row.ts';
import { askEach, silence } from './asked.ts';
import { type Deployed, those } from './deployed.ts';

export interface SecretAge {
  readonly rotates: boolean;
  /** Since it was rotated, or made. */
  readonly days: number;
}

const DAY_MS = 86_400_000;

export function secretAges(deployed: Deployed, now = Date.now()) {
  return askEach(those(deployed, 'AWS::SecretsManager::Secret'), async (SecretId): Promise<SecretAge> => {
    const { RotationEnabled, LastRotatedDate, LastChangedDate, CreatedDate } = await deployed.clients.secrets.send(
      new DescribeSecretCommand({ SecretId }),
    );
    const since = LastRotatedDate ?? LastChangedDate ?? CreatedDate;
    const days = since === undefined ? Number.POSITIVE_INFINITY : Math.floor((now - since.getTime()) / DAY_MS);
    return { rotates: RotationEnabled === true, days };
  });
}

/** Whether every secret rotates now, and none is older than it may become. */
export async function rotationOf(deployed: Deployed, maximumDays: number): Promise<Finding> {
  const { answers, silent } = await secretAges(deployed);
  const wrong = [...answers].flatMap(([name, { rotates, days }]) => {
    if (!rotates) return [`${name} (no rotation)`];
    return days > maximumDays ? [`${name} (${days} days old)`] : [];
  });
  if (wrong.length > 0) return fail(`not rotated: ${wrong.join(', ')}`, ...wrong);
  if (silent.size > 0) return notChecked(`no answer about ${silence(silent)}`);
  return pass(`Secrets Manager says so of ${answers.size} secrets`, 'secretsmanager:DescribeSecret');
}
