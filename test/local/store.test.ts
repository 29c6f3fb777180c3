import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createOutbox,
  enqueueEvent,
  markDelivered,
  type OutboxEvent,
  pendingEvents,
} from '../../local/events/outbox.ts';
import { openStore } from '../../local/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (id: string): OutboxEvent => ({
  id,
  source: 'aws.s3',
  detailType: 'Object Created',
  time: '2026-11-22T00:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  resources: ['arn:aws:s3:::landing'],
  detail: { object: { key: 'a' } },
});

it('takes back everything when a transaction throws, and commits a nested one with its outer one', () => {
  const store = openStore(folder);
  store.db.exec('CREATE TABLE t (n INTEGER)');
  expect(() =>
    store.transaction(() => {
      store.transaction(() => store.prepare('INSERT INTO t VALUES (1)').run());
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(store.prepare('SELECT count(*) AS n FROM t').get()?.n).toBe(0);
  expect(() => store.transaction(async () => 1)).toThrow(TypeError);
  store.transaction(() => store.prepare('INSERT INTO t VALUES (2)').run());
  store.close();
  const again = openStore(folder);
  expect(again.prepare('SELECT n FROM t').all()).toEqual([{ n: 2 }]);
  again.close();
});

it('loses no committed transaction and keeps no open one when the process is killed', () => {
  const script = `
    import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../local/store.ts'))};
    const store = openStore(${JSON.stringify(folder)});
    store.db.exec('CREATE TABLE t (n INTEGER)');
    store.transaction(() => store.prepare('INSERT INTO t VALUES (1)').run());
    store.db.exec('BEGIN IMMEDIATE');
    store.prepare('INSERT INTO t VALUES (2)').run();
    process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  expect(child.signal).toBe('SIGKILL');
  const store = openStore(folder);
  expect(store.prepare('SELECT n FROM t').all()).toEqual([{ n: 1 }]);
  store.close();
});

it('gives pending events in the order of their acts, until they are delivered', () => {
  const store = openStore(folder);
  createOutbox(store);
  for (const id of ['a', 'b', 'c']) store.transaction(() => enqueueEvent(store, event(id)));
  expect(pendingEvents(store, 2).map((pending) => pending.id)).toEqual(['a', 'b']);
  const [first] = pendingEvents(store);
  expect(first).toEqual({ position: 1, ...event('a') });
  markDelivered(store, first?.position ?? 0);
  expect(pendingEvents(store).map((pending) => pending.id)).toEqual(['b', 'c']);
  store.close();
});

it('keeps its database, in which the keys of the local KMS stand, from everybody but its owner', () => {
  const own = join(folder, 'made');
  const permissions = (path: string): number => statSync(path).mode & 0o777;
  const readable = (): [string, number][] =>
    readdirSync(own).map((name) => [name, permissions(join(own, name)) & 0o077]);
  const store = openStore(own);
  store.db.exec('CREATE TABLE t (a)');
  expect(permissions(own)).toBe(0o700);
  expect(readable().length).toBeGreaterThan(1);
  expect(readable().filter(([, others]) => others !== 0)).toEqual([]);
  store.close();
  // One that was made before, for everybody to read.
  writeFileSync(join(own, 'state.sqlite'), '', { flag: 'a' });
  chmodSync(join(own, 'state.sqlite'), 0o644);
  openStore(own).close();
  expect(readable().filter(([, others]) => others !== 0)).toEqual([]);
});
