/** Run by the boot test: a cloud with one upload whose first stage takes long, until it is killed. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startBare, uploader } from './boot-support.ts';

const [folder = ''] = process.argv.slice(2);
const cloud = await startBare({ folder });
const { s3, bucket } = uploader(cloud);
await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'in/a.csv', Body: 'a', Metadata: { slow: '2000' } }));
while (cloud.report().operations['S3.HeadObject'] !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
console.log('in the first stage');
