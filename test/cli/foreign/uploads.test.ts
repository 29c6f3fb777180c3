import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ListObjectVersionsCommandOutput, type ObjectVersion, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUploads, type Uploads } from '../../../cli/foreign/uploads.ts';
import type { OutboxEvent } from '../../../local/events/outbox.ts';

let folder: string;
let events: OutboxEvent[];
let told: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-uploads-'));
  events = [];
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Answers every listing with what the test says is there, page by page. */
class Listed extends S3Client {
  pages: Partial<ListObjectVersionsCommandOutput>[] = [];
  readonly asked: unknown[] = [];
  failure: { readonly atPage: number; readonly error: Error } | undefined;
  readonly #before: () => void;

  constructor(before: () => void = () => undefined) {
    super({ region: 'us-east-1' });
    this.#before = before;
    this.middlewareStack.add(
      () => async (args) => {
        this.#before();
        const page = this.asked.push(args.input) - 1;
        if (this.failure && page % Math.max(this.pages.length, 1) === this.failure.atPage) throw this.failure.error;
        const output = { $metadata: {}, ...this.pages[page % Math.max(this.pages.length, 1)] };
        return { output, response: {} };
      },
      { step: 'initialize' },
    );
  }
}

const version = (Key: string, VersionId: string): ObjectVersion => ({
  Key,
  VersionId,
  Size: 8,
  ETag: '"e"',
  LastModified: new Date('2026-11-22T01:02:03.456Z'),
});
const uploadsOf = (client: S3Client, more: Partial<Parameters<typeof createUploads>[0]> = {}): Uploads =>
  createUploads({
    client,
    bucket: 'landing',
    account: '000000000000',
    region: 'us-east-1',
    file: join(folder, 'seen.json'),
    emit: (event) => events.push(event),
    failing: (error) => told.push(error),
    pauseMs: 1,
    ...more,
  });
const keys = (): unknown[] => events.map(({ detail }) => JSON.parse(JSON.stringify(detail)).object.key);

describe('uploads at another endpoint', () => {
  it('are given out as S3 would, once each, also after a restart', async () => {
    const client = new Listed();
    client.pages = [{ EncodingType: 'url', Versions: [version('in/a.csv', 'v1')] }];
    const first = uploadsOf(client);
    await first.look();
    await first.look();
    expect(events).toMatchObject([
      {
        source: 'aws.s3',
        detailType: 'Object Created',
        time: '2026-11-22T01:02:03Z',
        detail: { bucket: { name: 'landing' }, object: { key: 'in/a.csv', size: 8, etag: 'e', 'version-id': 'v1' } },
      },
    ]);
    client.pages = [{ EncodingType: 'url', Versions: [version('in/a.csv', 'v2'), version('in/a.csv', 'v1')] }];
    await uploadsOf(client).look();
    expect(events.map(({ detail }) => JSON.parse(JSON.stringify(detail)).object['version-id'])).toEqual(['v1', 'v2']);
  });

  it('are found on every page, under the keys that they were put under', async () => {
    const client = new Listed();
    client.pages = [
      {
        EncodingType: 'url',
        IsTruncated: true,
        NextKeyMarker: 'a+b%2Bc%0A',
        NextVersionIdMarker: 'v1',
        Versions: [version('a+b%2Bc%0A', 'v1')],
      },
      { EncodingType: 'url', Versions: [version('z%', 'v2')] },
    ];
    await uploadsOf(client).look();
    expect(keys()).toEqual(['a b+c\n', 'z%']);
    expect(client.asked[1]).toMatchObject({ KeyMarker: 'a b+c\n', VersionIdMarker: 'v1' });
    // An endpoint that does not encode is not decoded.
    client.pages = [{ Versions: [version('a+b%41', 'v3')] }];
    await uploadsOf(client).look();
    expect(keys().at(-1)).toBe('a+b%41');
  });

  it('[B04] are remembered by their runs: a key may name a person', async () => {
    const client = new Listed();
    client.pages = [{ Versions: [version('in/jane.doe.csv', 'v1')] }];
    await uploadsOf(client).look();
    const kept = readFileSync(join(folder, 'seen.json'), 'utf8');
    expect(kept).not.toContain('jane');
    expect(JSON.parse(kept).runs).toHaveLength(1);
    client.pages = [{ Versions: [] }];
    await uploadsOf(client).look();
    expect(JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8')).runs).toEqual([]);
  });

  it('are given out again rather than lost when the process dies between the event and its note', async () => {
    const client = new Listed();
    client.pages = [{ Versions: [version('a', 'v1')] }];
    const dying = uploadsOf(client, {
      emit: () => {
        throw new Error('killed');
      },
    });
    await expect(dying.look()).rejects.toThrow('killed');
    await uploadsOf(client).look();
    expect(keys()).toEqual(['a']);
  });

  it('are not given out twice because a later page fails', async () => {
    const client = new Listed();
    client.pages = [
      { IsTruncated: true, NextKeyMarker: 'a', NextVersionIdMarker: 'v1', Versions: [version('a', 'v1')] },
      { Versions: [version('b', 'v2')] },
    ];
    client.failure = { atPage: 1, error: new Error('SlowDown') };
    const uploads = uploadsOf(client);
    await expect(uploads.look()).rejects.toThrow('SlowDown');
    client.failure = undefined;
    await uploads.look();
    expect(keys()).toEqual(['a', 'b']);
  });

  it('are looked for until it is stopped; that the listing fails is told once until it works again', async () => {
    let looked = 0;
    let reached = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const client = new Listed(() => {
      looked += 1;
      if (looked === 4) client.failure = undefined;
      if (looked === 6) client.failure = { atPage: 0, error: new Error('again') };
      if (looked === 9) reached();
    });
    client.failure = { atPage: 0, error: new Error('first') };
    const uploads = uploadsOf(client);
    uploads.watch();
    await enough;
    await uploads.stop();
    expect(told).toMatchObject([{ message: 'first' }, { message: 'again' }]);
    const then = looked;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(looked).toBe(then);
  });
});
