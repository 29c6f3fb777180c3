import { GetBucketEncryptionCommand, GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import type { Finding } from '../posture/row.ts';
import { fail, notChecked, pass } from '../posture/row.ts';
import { askEach, silence } from './asked.ts';
import { type Deployed, those } from './deployed.ts';

/** Every bucket's default encryption, as S3 has it now. */
export async function encryptionOf(deployed: Deployed): Promise<Finding> {
  const { answers, silent } = await askEach(those(deployed, 'AWS::S3::Bucket'), async (Bucket) => {
    const { ServerSideEncryptionConfiguration } = await deployed.clients.s3.send(
      new GetBucketEncryptionCommand({ Bucket }),
    );
    const rules = ServerSideEncryptionConfiguration?.Rules ?? [];
    return (
      rules.length > 0 &&
      rules.every(
        ({ ApplyServerSideEncryptionByDefault: chosen, BucketKeyEnabled }) =>
          chosen?.SSEAlgorithm === 'aws:kms' && chosen.KMSMasterKeyID !== undefined && BucketKeyEnabled === true,
      )
    );
  });
  const plain = [...answers].flatMap(([name, encrypted]) => (encrypted ? [] : [name]));
  if (plain.length > 0) return fail(`not under SSE-KMS now: ${plain.join(', ')}`, ...plain);
  if (silent.size > 0) return notChecked(`no answer about ${silence(silent)}`);
  return pass(`S3 says so of ${answers.size} buckets`, 's3:GetBucketEncryption');
}

export interface Lock {
  readonly mode: string | undefined;
  readonly days: number;
}

/** Default retention of the buckets that the templates lock. */
export async function locks(deployed: Deployed) {
  const locked = new Map(
    deployed.synthesized.deployment
      .ofType('AWS::S3::Bucket')
      .filter(({ properties }) => properties.ObjectLockEnabled === true)
      .flatMap(({ logicalId }) => {
        const name = deployed.physicalIds.get(logicalId);
        return name === undefined ? [] : [[logicalId, name] as const];
      }),
  );
  return askEach(locked, async (Bucket): Promise<Lock> => {
    const { ObjectLockConfiguration } = await deployed.clients.s3.send(
      new GetObjectLockConfigurationCommand({ Bucket }),
    );
    const { Mode, Days = 0, Years = 0 } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
    return { mode: Mode, days: Days + Years * 365 };
  });
}

/** Whether the locks are what the configuration says: whether that is enough, the configuration's own row tells. */
export async function lockOf(deployed: Deployed): Promise<Finding> {
  const { retentionDays, retentionMode } = deployed.synthesized.config.audit;
  const { answers, silent } = await locks(deployed);
  const weak = [...answers].flatMap(([name, { mode, days }]) =>
    mode === retentionMode && days >= retentionDays ? [] : [`${name} (${mode ?? 'no mode'}, ${days} days)`],
  );
  if (weak.length > 0) return fail(`locked less than the configuration says: ${weak.join(', ')}`, ...weak);
  if (silent.size > 0) return notChecked(`no answer about ${silence(silent)}`);
  return pass(
    `S3 says ${retentionDays} days under ${retentionMode} of ${answers.size} buckets`,
    's3:GetObjectLockConfiguration',
  );
}
