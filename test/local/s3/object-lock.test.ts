import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, refusal, startCloud } from './support.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');
const inDays = (days: number) => new Date(NOW + days * DAY);

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud({ now: NOW });
});
afterEach(() => cloud.close());

const put = (Bucket: string, more: Partial<PutObjectCommand['input']> = {}) =>
  cloud.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'entry', ...more }));
const remove = (Bucket: string, VersionId: string | undefined, BypassGovernanceRetention?: boolean) =>
  cloud.client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId, BypassGovernanceRetention }));
const head = (Bucket: string, VersionId?: string) =>
  cloud.client.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId }));
const retain = (
  Mode: 'GOVERNANCE' | 'COMPLIANCE',
  days: number,
  VersionId: string | undefined,
  BypassGovernanceRetention?: boolean,
) =>
  cloud.client.send(
    new PutObjectRetentionCommand({
      Bucket: 'vault',
      Key: 'k',
      VersionId,
      BypassGovernanceRetention,
      Retention: { Mode, RetainUntilDate: inDays(days) },
    }),
  );

describe('Object Lock', () => {
  it("[B05] retains by the bucket's default: a version stays until its time, under any delete but a permitted bypass", async () => {
    const { VersionId } = await put('audit');
    expect(await head('audit')).toMatchObject({
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(10),
    });
    expect(await refusal(remove('audit', VersionId))).toBe('AccessDenied 403');
    cloud.authorizer.deny = ({ action }) => action === 's3:BypassGovernanceRetention';
    expect(await refusal(remove('audit', VersionId, true))).toBe('AccessDenied 403');
    cloud.authorizer.deny = () => false;
    // A delete marker hides; it does not delete.
    await remove('audit', undefined);
    const hidden = await cloud.client.send(new GetObjectCommand({ Bucket: 'audit', Key: 'k', VersionId }));
    expect(await hidden.Body?.transformToString()).toBe('entry');
    await remove('audit', VersionId, true);
    expect(cloud.authorizer.actions()).toContain('s3:BypassGovernanceRetention audit/k');
  });

  it('[B05] lets nobody delete under COMPLIANCE before its time, and anybody permitted after it', async () => {
    const { VersionId } = await put('vault', {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: inDays(2),
    });
    expect(await refusal(remove('vault', VersionId, true))).toBe('AccessDenied 403');
    cloud.clock.set(NOW + 2 * DAY - 1);
    expect(await refusal(remove('vault', VersionId, true))).toBe('AccessDenied 403');
    cloud.clock.set(NOW + 2 * DAY);
    await remove('vault', VersionId);
  });

  it('holds under a legal hold whatever the retention says, until it is lifted', async () => {
    const { VersionId } = await put('vault', { ObjectLockLegalHoldStatus: 'ON' });
    const hold = (Status: 'ON' | 'OFF') =>
      cloud.client.send(new PutObjectLegalHoldCommand({ Bucket: 'vault', Key: 'k', VersionId, LegalHold: { Status } }));
    expect((await head('vault')).ObjectLockLegalHoldStatus).toBe('ON');
    expect(await refusal(remove('vault', VersionId, true))).toBe('AccessDenied 403');
    await hold('OFF');
    const status = await cloud.client.send(new GetObjectLegalHoldCommand({ Bucket: 'vault', Key: 'k' }));
    expect(status.LegalHold?.Status).toBe('OFF');
    await remove('vault', VersionId);
  });

  it('extends retention freely and weakens it only under the bypass', async () => {
    const { VersionId } = await put('vault');
    await retain('GOVERNANCE', 3, VersionId);
    await retain('GOVERNANCE', 5, VersionId);
    expect(await refusal(retain('GOVERNANCE', 4, VersionId))).toBe('AccessDenied 403');
    await retain('GOVERNANCE', 4, VersionId, true);
    await retain('COMPLIANCE', 4, VersionId, true);
    expect(await refusal(retain('COMPLIANCE', 3, VersionId, true))).toBe('AccessDenied 403');
    expect(await refusal(retain('GOVERNANCE', 9, VersionId, true))).toBe('AccessDenied 403');
    await retain('COMPLIANCE', 6, VersionId);
    const answer = await cloud.client.send(new GetObjectRetentionCommand({ Bucket: 'vault', Key: 'k' }));
    expect(answer.Retention).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(6) });
  });

  it('refuses ill-formed locks, locks where there is no Object Lock, and a body without digest', async () => {
    expect(await refusal(put('plain', { ObjectLockLegalHoldStatus: 'ON' }))).toBe('InvalidRequest 400');
    const past = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(-1) } as const;
    expect(await refusal(put('vault', past))).toBe('InvalidArgument 400');
    expect(await refusal(put('vault', { ObjectLockMode: 'GOVERNANCE' }))).toBe('InvalidArgument 400');
    const silent = cloud.clientWith({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const undigested = new PutObjectCommand({ Bucket: 'audit', Key: 'k', Body: 'entry' });
    expect(await refusal(silent.send(undigested))).toBe('InvalidRequest 400');
    const query = new GetObjectRetentionCommand({ Bucket: 'plain', Key: 'k' });
    expect(await refusal(cloud.client.send(query))).toBe('InvalidRequest 400');
    await put('vault');
    const none = new GetObjectRetentionCommand({ Bucket: 'vault', Key: 'k' });
    expect(await refusal(cloud.client.send(none))).toBe('NoSuchObjectLockConfiguration 404');
  });

  it('does not copy retention: the copy gets what its own bucket gives', async () => {
    await put('vault', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(99) });
    await cloud.client.send(new CopyObjectCommand({ Bucket: 'audit', Key: 'k', CopySource: 'vault/k' }));
    expect(await head('audit')).toMatchObject({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(10) });
  });

  it('shows a lock only to who may read it', async () => {
    await put('audit');
    cloud.authorizer.deny = ({ action }) => action === 's3:GetObjectRetention';
    expect((await head('audit')).ObjectLockMode).toBeUndefined();
  });

  it('tells its configuration', async () => {
    const ask = (Bucket: string) => cloud.client.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect((await ask('audit')).ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 10 } },
    });
    expect(await refusal(ask('plain'))).toBe('ObjectLockConfigurationNotFoundError 404');
  });

  it('keeps locks over a restart', async () => {
    const { VersionId } = await put('audit');
    cloud = await cloud.restart();
    expect(await refusal(remove('audit', VersionId))).toBe('AccessDenied 403');
  });
});
