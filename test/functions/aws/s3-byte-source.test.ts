import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { S3ByteSource } from '../../../functions/aws/s3-byte-source.ts';
import { readStretch } from '../../../functions/sweep/engines/files/byte-source.ts';
import { openFiles } from '../../../functions/sweep/engines/files/engine.ts';
import type { EndpointOf } from '../../../shared/equivalence/schema.ts';
import { type Cloud, startCloud } from '../../local/s3/support.ts';
import { readText, relationOver } from '../../support/engines/memory-source.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const put = (bucket: string, key: string, body: string) =>
  cloud.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body) }));

// One bucket keeps versions, the other does not.
describe.each(['landing', 'plain'])('files in the bucket %s', (bucket) => {
  beforeEach(async () => {
    await put(bucket, 'data/a.csv', 'a,b\n1,2\n');
    await put(bucket, 'data/é b.csv', 'a,b\n3,4\n5,6\n');
    await put(bucket, 'data/empty', '');
    await put(bucket, 'database/c.csv', 'a,b\n7,8\n');
  });

  it('are those under the prefix that have bytes, in the order of their names', async () => {
    const files = await new S3ByteSource(cloud.client, bucket, 'data/').list();
    expect(files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['data/a.csv', 8],
      ['data/é b.csv', 12],
    ]);
  });

  it('are read in stretches', async () => {
    const source = new S3ByteSource(cloud.client, bucket, 'data/');
    const [file] = await source.list();
    if (file === undefined) throw new Error('No file.');
    expect(Buffer.from(await readStretch(source, file, 4, 7)).toString()).toBe('1,2');
    expect(await readStretch(source, file, 3, 3)).toHaveLength(0);
  });

  it('are a side of a sweep', async () => {
    const endpoint: EndpointOf<'files'> = {
      engine: 'files',
      connection: 'archive',
      consistency: 'frozen',
      location: { bucket, prefix: 'data/' },
      format: 'csv',
    };
    const engine = openFiles(endpoint, new S3ByteSource(cloud.client, bucket, 'data/'));
    expect(await readText(engine, relationOver(endpoint, ['a', 'b']), 5)).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
  });

  it('are read as they were listed, or not at all', async () => {
    const source = new S3ByteSource(cloud.client, bucket, 'data/');
    const [file] = await source.list();
    if (file === undefined) throw new Error('No file.');
    await put(bucket, 'data/a.csv', 'a,b\n9,9\n');
    const again = readStretch(source, file, 4, 7).then((bytes) => Buffer.from(bytes).toString());
    if (bucket === 'landing') expect(await again).toBe('1,2');
    else await expect(again).rejects.toMatchObject({ code: 'snapshot-gone' });
  });

  it('that are gone are said to be', async () => {
    const source = new S3ByteSource(cloud.client, bucket, 'data/');
    const [file] = await source.list();
    if (file === undefined) throw new Error('No file.');
    await cloud.client.send(
      new DeleteObjectCommand({
        Bucket: bucket,
        Key: file.name,
        ...(bucket === 'landing' ? { VersionId: file.version } : {}),
      }),
    );
    await expect(readStretch(source, file, 0, 8)).rejects.toMatchObject({ code: 'snapshot-gone' });
  });

  it('that may not be read are said to be', async () => {
    cloud.authorizer.deny = ({ action }) => action.startsWith('s3:GetObject');
    const source = new S3ByteSource(cloud.client, bucket, 'data/');
    await expect(source.list()).rejects.toMatchObject({
      code: expect.stringMatching(/access-denied|internal-failure/),
    });
    cloud.authorizer.deny = () => false;
  });
});
