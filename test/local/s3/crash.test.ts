import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pendingEvents } from '../../../local/events/outbox.ts';
import { bytes, type Cloud, startCloud } from './support.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const at = { Bucket: 'landing', Key: 'k' };
const put = (Body: Buffer) => cloud.client.send(new PutObjectCommand({ ...at, Body }));
const files = () =>
  readdirSync(join(cloud.folder, 's3'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

/** Puts one object and gets its answer, then dies by SIGKILL while a second one arrives. */
const DYING = (folder: string, master: string) => `
  import { Readable } from 'node:stream';
  import { PutObjectCommand } from '@aws-sdk/client-s3';
  import { bytes, startCloud } from ${JSON.stringify(join(import.meta.dirname, 'support.ts'))};
  const { client } = await startCloud({ folder: ${JSON.stringify(folder)}, master: Buffer.from('${master}', 'hex') });
  await client.send(new PutObjectCommand({ Bucket: 'landing', Key: 'answered', Body: bytes(100_000) }));
  const half = async function* () {
    yield bytes(500_000);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
    await new Promise(() => {});
  };
  await client.send(new PutObjectCommand({
    Bucket: 'landing', Key: 'half', Body: Readable.from(half()), ContentLength: 1_000_000,
  }));
`;

describe('after a crash', () => {
  it('by SIGKILL, the object that was answered is there with its event, and the one under way is not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-s3-'));
    const master = '42'.repeat(32);
    const script = DYING(folder, master);
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname });
    expect(child.stderr.toString()).toBe('');
    expect(child.signal).toBe('SIGKILL');
    const left = join(folder, 's3/incoming');
    expect(readdirSync(left)).toHaveLength(1);
    const revived = await startCloud({ folder, master: Buffer.from(master, 'hex') });
    try {
      expect(readdirSync(left)).toEqual([]);
      const listed = await revived.client.send(new ListObjectsV2Command({ Bucket: 'landing' }));
      expect(listed.Contents?.map((object) => object.Key)).toEqual(['answered']);
      const got = await revived.client.send(new GetObjectCommand({ Bucket: 'landing', Key: 'answered' }));
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(bytes(100_000))).toBe(true);
      expect(pendingEvents(revived.store).map(({ detail }) => detail.object)).toMatchObject([{ key: 'answered' }]);
    } finally {
      await revived.close();
    }
  });

  it('everything that was answered is there, and leftovers of what was not are swept', async () => {
    const body = bytes(100_000);
    await put(body);
    expect(files()).toHaveLength(1);
    // As a process leaves them that dies while a body arrives, or between the rename and the transaction.
    writeFileSync(join(cloud.folder, 's3/incoming/half'), 'half');
    mkdirSync(join(cloud.folder, 's3/blobs/zz'));
    writeFileSync(join(cloud.folder, 's3/blobs/zz/zzzz'), 'unnamed');
    cloud = await cloud.restart();
    expect(files()).toHaveLength(1);
    const got = await cloud.client.send(new GetObjectCommand(at));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });

  it('a commit that fails leaves neither object nor event nor file', async () => {
    await put(bytes(10));
    const before = pendingEvents(cloud.store);
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    // The event is written last in the transaction: let that fail.
    cloud.store.db.exec(`CREATE TRIGGER fail BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    await expect(put(bytes(20))).rejects.toThrow();
    expect(quiet).toHaveBeenCalled();
    quiet.mockRestore();
    cloud.store.db.exec('DROP TRIGGER fail');
    expect(pendingEvents(cloud.store)).toEqual(before);
    expect(files()).toHaveLength(1);
    const got = await cloud.client.send(new GetObjectCommand(at));
    expect(got.ContentLength).toBe(10);
  });

  it('a client that goes away in mid-body leaves nothing', async () => {
    const { port } = new URL(cloud.endpoint);
    const upload = request({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      path: '/landing/gone',
      headers: { 'content-length': 1_000_000 },
    });
    upload.on('error', () => {});
    upload.write(bytes(300_000));
    await vi.waitFor(() => expect(files()).toHaveLength(1));
    upload.destroy();
    await vi.waitFor(() => expect(files()).toHaveLength(0));
    const listed = await cloud.client.send(new ListObjectsV2Command({ Bucket: 'landing' }));
    expect(listed.KeyCount).toBe(0);
  });

  it('a reader gets its object whole though it is replaced meanwhile', async () => {
    const body = bytes(4_000_000);
    const unversioned = { Bucket: 'plain', Key: 'k' };
    await cloud.client.send(new PutObjectCommand({ ...unversioned, Body: body }));
    const got = await cloud.client.send(new GetObjectCommand(unversioned));
    await cloud.client.send(new PutObjectCommand({ ...unversioned, Body: 'other' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    await vi.waitFor(() => expect(files()).toHaveLength(1));
  });
});
