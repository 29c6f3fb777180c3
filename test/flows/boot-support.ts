import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { parseConfiguration } from '../../infra/config.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import { type Actor, CUSTODY, STAGES } from '../../shared/names.ts';

const HANDLER = join(import.meta.dirname, 'boot-handler.ts');
const entries = Object.fromEntries([...STAGES, CUSTODY].map((actor) => [actor, HANDLER])) as Record<Actor, string>;

/** The real templates with one small handler for every stage: boots without the stages themselves. */
export function startBare(options: CloudOptions): Promise<Cloud> {
  const config = parseConfiguration({ deployment: 'boot', profile: 'sandbox' });
  return startCloud({ config, entries, timeScale: 0.01, variables: {}, ...options });
}

export function uploader(cloud: Cloud): { readonly s3: S3Client; readonly bucket: string } {
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.credentials('parapet-boot-uploader');
  const s3 = new S3Client({
    region: cloud.deployment.region,
    endpoint: cloud.endpoint,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  });
  return { s3, bucket: cloud.deployment.find('AWS::S3::Bucket', 'LandingBucket').physicalId };
}
