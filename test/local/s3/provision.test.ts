import {
  CreateMultipartUploadCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pendingEvents } from '../../../local/events/outbox.ts';
import { Problem } from '../../../shared/problem.ts';
import { type BucketSpec, type Cloud, deploymentOf, refusal, startCloud } from './support.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');

let cloud: Cloud;
afterEach(() => cloud.close());

describe('provisioning', () => {
  beforeEach(async () => {
    cloud = await startCloud();
  });

  it('changes a bucket as its template changes, and keeps its objects', async () => {
    const put = () =>
      cloud.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'x', ContentLength: 1 }));
    await put();
    cloud.service.provision(
      deploymentOf([{ name: 'plain', properties: { VersioningConfiguration: { Status: 'Enabled' } } }]),
    );
    const versioning = await cloud.client.send(new GetBucketVersioningCommand({ Bucket: 'plain' }));
    expect(versioning.Status).toBe('Enabled');
    await put();
    const listed = await cloud.client.send(new ListObjectVersionsCommand({ Bucket: 'plain' }));
    expect(listed.Versions).toHaveLength(2);
    expect(listed.Versions?.[1]?.VersionId).toBe('null');
    const gone = cloud.client.send(new GetObjectCommand({ Bucket: 'landing', Key: 'k' }));
    expect(await refusal(gone)).toBe('NoSuchBucket 404');
  });

  it("hears of EventBridge also by CDK's custom resource", async () => {
    const notifications = {
      stack: 'test',
      logicalId: 'n',
      type: 'Custom::S3BucketNotifications',
      physicalId: 'n',
      arn: '',
      properties: { BucketName: 'plain', NotificationConfiguration: { EventBridgeConfiguration: {} }, Managed: true },
      metadata: {},
    };
    cloud.service.provision(deploymentOf([{ name: 'plain' }], [notifications]));
    await cloud.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'x', ContentLength: 1 }));
    expect(pendingEvents(cloud.store)).toHaveLength(1);
  });

  it.each([
    ['a property that it does not know', { ReplicationConfiguration: {} }, 'ReplicationConfiguration'],
    [
      'a notification to something else',
      { NotificationConfiguration: { QueueConfigurations: [] } },
      'NotificationConfiguration',
    ],
    [
      'another default encryption',
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms:dsse' } }],
        },
      },
      'SSEAlgorithm',
    ],
  ])('refuses %s by name', (_, properties, name) => {
    const deployment = deploymentOf([{ name: 'odd', properties }]);
    expect(() => cloud.service.provision(deployment)).toThrow(Problem);
    expect(() => cloud.service.provision(deployment)).toThrow(name);
  });
});

describe('lifecycle', () => {
  const rules = (Rules: unknown, properties: BucketSpec['properties'] = {}): BucketSpec[] => [
    {
      name: 'b',
      properties: { VersioningConfiguration: { Status: 'Enabled' }, LifecycleConfiguration: { Rules }, ...properties },
    },
  ];
  const put = (Key: string, more: Partial<PutObjectCommand['input']> = {}) =>
    cloud.client.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'x', ContentLength: 1, ...more }));
  const versions = async () => {
    const listed = await cloud.client.send(new ListObjectVersionsCommand({ Bucket: 'b' }));
    return [
      ...(listed.Versions ?? []).map((version) => `${version.Key} ${version.IsLatest ? 'current' : 'old'}`),
      ...(listed.DeleteMarkers ?? []).map((marker) => `${marker.Key} marker`),
    ];
  };

  it('hides current objects in their time, by prefix and tag, and later removes what is hidden', async () => {
    cloud = await startCloud({
      now: NOW,
      buckets: rules([
        { Status: 'Enabled', Prefix: 'in/', TagFilters: [{ Key: 'class', Value: 'short' }], ExpirationInDays: 1 },
        { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1 }, ExpiredObjectDeleteMarker: 'true' },
        { Status: 'Disabled', ExpirationInDays: 1 },
      ]),
    });
    await put('in/a', { Tagging: 'class=short' });
    await put('in/b');
    await put('out/a', { Tagging: 'class=short' });
    // A day, rounded up to midnight.
    expect(cloud.service.expire(Date.parse('2026-11-23T23:59:59Z'))).toMatchObject({ objects: 0 });
    expect(cloud.service.expire(Date.parse('2026-11-24T00:00:00Z'))).toMatchObject({ objects: 1 });
    expect(await versions()).toEqual(['in/a old', 'in/b current', 'out/a current', 'in/a marker']);
    expect(cloud.service.expire(NOW + 4 * DAY)).toMatchObject({ noncurrentVersions: 1 });
    expect(cloud.service.expire(NOW + 4 * DAY)).toMatchObject({ deleteMarkers: 1 });
    expect(await versions()).toEqual(['in/b current', 'out/a current']);
  });

  it('keeps as many noncurrent versions as the rule says', async () => {
    const NoncurrentVersionExpiration = { NoncurrentDays: 1, NewerNoncurrentVersions: 1 };
    cloud = await startCloud({ now: NOW, buckets: rules([{ Status: 'Enabled', NoncurrentVersionExpiration }]) });
    for (let n = 0; n < 4; n += 1) await put('k');
    expect(cloud.service.expire(NOW + 9 * DAY)).toMatchObject({ noncurrentVersions: 2 });
    expect(await versions()).toEqual(['k current', 'k old']);
  });

  it('[B18] removes nothing that is locked, and tells of what it removes', async () => {
    cloud = await startCloud({
      now: NOW,
      buckets: rules([{ Status: 'Enabled', ExpirationInDays: 1, NoncurrentVersionExpirationInDays: 1 }], {
        ObjectLockEnabled: true,
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      }),
    });
    const until = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date(NOW + 20 * DAY) } as const;
    await put('locked', until);
    expect(cloud.service.expire(NOW + 5 * DAY)).toMatchObject({ objects: 1 });
    expect(cloud.service.expire(NOW + 10 * DAY)).toMatchObject({ noncurrentVersions: 0 });
    expect(await versions()).toEqual(['locked old', 'locked marker']);
    expect(cloud.service.expire(NOW + 21 * DAY)).toMatchObject({ noncurrentVersions: 1 });
    expect(pendingEvents(cloud.store).slice(1)).toMatchObject([
      { detail: { reason: 'Lifecycle Expiration', 'deletion-type': 'Delete Marker Created' } },
      { detail: { reason: 'Lifecycle Expiration', 'deletion-type': 'Permanently Deleted' } },
    ]);
  });

  it('aborts multipart uploads that nobody finishes', async () => {
    const AbortIncompleteMultipartUpload = { DaysAfterInitiation: 1 };
    cloud = await startCloud({ now: NOW, buckets: rules([{ Status: 'Enabled', AbortIncompleteMultipartUpload }]) });
    await cloud.client.send(new CreateMultipartUploadCommand({ Bucket: 'b', Key: 'k' }));
    expect(cloud.service.expire(NOW + DAY)).toMatchObject({ uploads: 0 });
    expect(cloud.service.expire(NOW + 2 * DAY)).toMatchObject({ uploads: 1 });
    const open = await cloud.client.send(new ListMultipartUploadsCommand({ Bucket: 'b' }));
    expect(open.Uploads).toBeUndefined();
  });
});
