/**
 * Bucket policies at another endpoint. Each consists of denials with conditions: an endpoint that reads a denial and not
 * its condition would refuse everything, so one bucket is tried before the others follow.
 */
import { randomUUID } from 'node:crypto';
import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { bucketsOf } from '../../local/s3/bucket.ts';
import type { Deployment } from '../../local/service.ts';
import { type Asking, nameAndStatus } from './asking.ts';
import { carriedPolicy } from './carried.ts';

interface Policed {
  readonly bucket: string;
  /** Logical id. */
  readonly resource: string;
  readonly policy: string;
  readonly objectLock: boolean;
}

const OPERATION = 'S3 PutBucketPolicy';
/** Not landing, where everything that is put is an upload. */
const TRIAL = 'WorkingBucket';
const LOSS = 'nothing there refuses other encryption, an overwritten entry or a shorter retention';

export async function makePolicies(
  client: S3Client,
  deployment: Deployment,
  options: { readonly url: string; readonly arns: ReadonlyMap<string, string> },
  asking: Asking,
): Promise<void> {
  const policed = bucketsOf(deployment).flatMap(({ name: bucket, policy, objectLock }): Policed[] => {
    const carried = policy === undefined ? undefined : carriedPolicy(policy, options);
    const declared = deployment.ofType('AWS::S3::Bucket').find(({ physicalId }) => physicalId === bucket);
    if (carried === undefined || declared === undefined) return [];
    return [{ bucket, resource: declared.logicalId, policy: carried, objectLock }];
  });
  const put = ({ bucket: Bucket, resource, policy: Policy }: Policed): Promise<void> =>
    asking.want(OPERATION, resource, LOSS, () => client.send(new PutBucketPolicyCommand({ Bucket, Policy })));
  // What is tried must be removed again: not where a retention would hold it.
  const trial = policed.find(({ resource, objectLock }) => resource === TRIAL && !objectLock);
  if (trial === undefined) return;
  await put(trial);
  if (await admits(client, trial.bucket)) {
    await Promise.all(policed.filter((each) => each !== trial).map(put));
    return;
  }
  for (const { bucket: Bucket, resource } of policed) {
    await asking.need('S3 DeleteBucketPolicy', resource, () => client.send(new DeleteBucketPolicyCommand({ Bucket })));
    asking.lacks({ operation: OPERATION, resource, answer: 'refuses what no condition refuses', loss: LOSS });
  }
}

/** Whether an object may be put that no statement denies. */
async function admits(client: S3Client, Bucket: string): Promise<boolean> {
  const Key = `probe/${randomUUID()}`;
  try {
    const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'probe' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    return true;
  } catch (error) {
    if (nameAndStatus(error).status === 403) return false;
    throw error;
  }
}
