import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import type { Service } from '../../../local/service.ts';
import { listExecutions } from '../../../local/states/journal/executions.ts';
import { createObjectAccess } from '../../../local/states/object-access.ts';
import { machine, type Rig, rig } from '../events/support.ts';
import { allow } from '../support/templates.ts';

let own: Rig | undefined;
afterEach(async () => {
  await own?.close();
  own = undefined;
});

const Bucket = 'items';
const bucket = {
  Items: {
    Type: 'AWS::S3::Bucket',
    Properties: { BucketName: Bucket, VersioningConfiguration: { Status: 'Enabled' } },
  },
};
const spread = (more: object) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'One',
        States: { One: { Type: 'Pass', End: true } },
      },
      End: true,
      ...more,
    },
  },
});
const read = allow('s3:GetObject', { Resource: `arn:aws:s3:::${Bucket}/*` });
const write = allow('s3:PutObject', { Resource: `arn:aws:s3:::${Bucket}/results/*` });
const spawn = allow(['states:StartExecution', 'states:DescribeExecution', 'states:StopExecution']);
const list = allow('s3:ListBucket', { Resource: `arn:aws:s3:::${Bucket}` });
const reader = {
  Resource: 'arn:aws:states:::s3:getObject',
  ReaderConfig: { InputType: 'JSONL' },
  Arguments: { Bucket, Key: '{% $states.input.key %}' },
};

const put = (rig: Rig, Key: string, Body: string) => rig.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
async function run(own: Rig, input: object) {
  const [flow] = own.machines;
  if (!flow) throw new Error('no machine');
  const started = own.engine.start(flow, undefined, JSON.stringify(input));
  await own.idle();
  const ended = listExecutions(own.store).find(({ arn }) => arn === started.arn);
  expect(own.defects).toEqual([]);
  return {
    status: ended?.status,
    error: ended?.error,
    cause: ended?.cause,
    output: JSON.parse(ended?.output ?? 'null'),
  };
}

describe('a Distributed Map over real object storage', () => {
  it('reads its items and writes its results as the role of the machine', async () => {
    const writer = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket, Prefix: 'results' } };
    own = await rig(
      { ...bucket, ...machine('Flow', spread({ ItemReader: reader, ResultWriter: writer }), [spawn, read, write]) },
      { storage: true },
    );
    await put(own, 'in/odd key +ü.jsonl', '{"n":1}\n{"n":2}\n');
    const { status, output } = await run(own, { key: 'in/odd key +ü.jsonl' });
    expect(status).toBe('SUCCEEDED');
    const { s3 } = own;
    const object = async (Key: string) =>
      JSON.parse((await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? 'null');
    const manifest = await object(output.ResultWriterDetails.Key);
    expect(manifest.ResultFiles.SUCCEEDED).toHaveLength(1);
    const results = await object(manifest.ResultFiles.SUCCEEDED[0].Key);
    expect(results.map(({ Output }: { Output: string }) => Output)).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('lists the objects below a prefix', async () => {
    const lister = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket, Prefix: 'in/' } };
    const keys = { ItemReader: lister, ItemSelector: '{% $states.context.Map.Item.Value.Key %}' };
    own = await rig({ ...bucket, ...machine('Flow', spread(keys), [spawn, list]) }, { storage: true });
    for (const key of ['in/b', 'in/a &<', 'out/c']) await put(own, key, 'x');
    expect((await run(own, {})).output).toEqual(['in/a &<', 'in/b']);
  });

  it('[S03] fails where the role may not read', async () => {
    own = await rig(
      { ...bucket, ...machine('Flow', spread({ ItemReader: reader }), [spawn, write]) },
      { storage: true },
    );
    await put(own, 'in/a.jsonl', '1\n');
    expect(await run(own, { key: 'in/a.jsonl' })).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: 'S3 answered AccessDenied.',
    });
  });
});

describe('a listing', () => {
  it('goes on until there is no further page', async () => {
    const asked: (string | null)[] = [];
    const page = (key: string, next: string) =>
      `<ListBucketResult><Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>` +
      `<ETag>"e"</ETag><Size>1</Size></Contents>${next}</ListBucketResult>`;
    const s3: Service = {
      signingName: 's3',
      operation: () => 'S3.ListObjectsV2',
      handle: async ({ query }) => {
        const token = query.get('continuation-token');
        asked.push(token);
        const body = token === null ? page('a', '<NextContinuationToken>t</NextContinuationToken>') : page('b', '');
        return { status: 200, headers: {}, body };
      },
    };
    const caller = { accessKeyId: '', accountId: '1', arn: 'a', kind: 'service', name: 'states', context: {} } as const;
    const access = createObjectAccess({ s3, region: 'eu-central-1', uuid: () => 'id' }, () => caller);
    const keys: string[] = [];
    for await (const { key } of access.list('items', '')) keys.push(key);
    expect(keys).toEqual(['a', 'b']);
    expect(asked).toEqual([null, 't']);
  });

  it('starts no child where the role of the machine may not start them', async () => {
    own = await rig({ ...bucket, ...machine('Flow', spread({ ItemReader: reader }), [read]) }, { storage: true });
    await put(own, 'in.jsonl', '{"n":1}\n');
    expect(await run(own, { key: 'in.jsonl' })).toMatchObject({ status: 'FAILED', error: 'States.Permissions' });
  });
});
