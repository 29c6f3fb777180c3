import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markDelivered, pendingEvents } from '../../../local/events/outbox.ts';
import { ACCOUNT, type Cloud, REGION, refusal, startCloud } from './support.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const at = { Bucket: 'landing', Key: 'in box/größe.csv' };
const put = (more: Partial<PutObjectCommand['input']> = {}) =>
  cloud.client.send(new PutObjectCommand({ ...at, Body: 'a,b\n', ...more }));

describe('events', () => {
  it('tell of a created object as S3 tells EventBridge', async () => {
    const { VersionId, ETag } = await put();
    const [event, ...rest] = pendingEvents(cloud.store);
    expect(rest).toEqual([]);
    expect(event).toEqual({
      position: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: 'aws.s3',
      detailType: 'Object Created',
      time: '2026-11-22T10:00:00Z',
      account: ACCOUNT,
      region: REGION,
      resources: ['arn:aws:s3:::landing'],
      detail: {
        version: '0',
        bucket: { name: 'landing' },
        object: {
          key: 'in box/größe.csv',
          size: 4,
          etag: ETag?.replaceAll('"', ''),
          'version-id': VersionId,
          sequencer: expect.stringMatching(/^[0-9A-F]{16}$/),
        },
        'request-id': 'REQUEST1',
        requester: ACCOUNT,
        'source-ip-address': '192.0.2.7',
        reason: 'PutObject',
      },
    });
  });

  it('come once per act, in the order of the acts, with growing sequencers', async () => {
    const first = await put();
    await cloud.client.send(
      new CopyObjectCommand({ Bucket: 'landing', Key: 'copy', CopySource: encodeURI(`landing/${at.Key}`) }),
    );
    const marker = await cloud.client.send(new DeleteObjectCommand(at));
    await cloud.client.send(new DeleteObjectCommand({ ...at, VersionId: first.VersionId }));
    const events = pendingEvents(cloud.store);
    expect(events.map(({ detailType, detail }) => [detailType, detail.reason, detail['deletion-type']])).toEqual([
      ['Object Created', 'PutObject', undefined],
      ['Object Created', 'CopyObject', undefined],
      ['Object Deleted', 'DeleteObject', 'Delete Marker Created'],
      ['Object Deleted', 'DeleteObject', 'Permanently Deleted'],
    ]);
    expect(events.at(2)).toMatchObject({ detail: { object: { 'version-id': marker.VersionId } } });
    expect(events.at(3)).toMatchObject({ detail: { object: { 'version-id': first.VersionId } } });
    const sequencers = events.map((event) => JSON.stringify(event.detail).match(/"sequencer":"(\w+)"/)?.[1] ?? '');
    expect(sequencers).toEqual(sequencers.toSorted());
    expect(new Set(sequencers).size).toBe(4);
  });

  it('come only from buckets that send them, and only of what happened', async () => {
    await put({ Bucket: 'plain' });
    expect(await refusal(put({ ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }))).toBe('BadDigest 400');
    await put({ IfNoneMatch: '*' });
    expect(await refusal(put({ IfNoneMatch: '*' }))).toBe('PreconditionFailed 412');
    expect(pendingEvents(cloud.store)).toHaveLength(1);
  });

  it('wait over a restart until they are delivered', async () => {
    await put();
    await put();
    cloud = await cloud.restart();
    const [first, second] = pendingEvents(cloud.store);
    markDelivered(cloud.store, first?.position ?? 0);
    cloud = await cloud.restart();
    expect(pendingEvents(cloud.store)).toEqual([second]);
  });
});
