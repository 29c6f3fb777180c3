/**
 * Notices what lands in another endpoint's storage, whose events do not come here: lists the versions of the landing bucket
 * again and again, and gives each new one out as the event that S3 would send. At least once: an event is durable before
 * its upload counts as seen, and a run follows from the version.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { OutboxEvent } from '../../local/events/outbox.ts';
import { runIdOf } from '../../shared/run-id.ts';

export interface UploadsOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Of the events. */
  readonly account: string;
  readonly region: string;
  /** Keeps which of the versions that are there have been given out, by the ids of their runs: a key may name a person. */
  readonly file: string;
  /** When it returns, the event is durable. */
  readonly emit: (event: OutboxEvent) => void;
  /** Told when the listing begins to fail, and again only after it has worked. */
  readonly failing: (error: unknown) => void;
  readonly pauseMs: number;
}

export interface Uploads {
  /** Looks once; when it resolves, everything that was there before the call has been given out. */
  look(): Promise<void>;
  /** Looks until it is stopped. */
  watch(): void;
  stop(): Promise<void>;
}

const Seen = z.object({ bucket: z.string(), runs: z.array(z.string()) });

export function createUploads(options: UploadsOptions): Uploads {
  const { client, bucket, file, emit } = options;
  const seen = readSeen(file, bucket);
  let stopped = false;
  let wake: (() => void) | undefined;
  let failing = false;
  let watching: Promise<void> = Promise.resolve();
  let looking: Promise<void> = Promise.resolve();

  const lookOnce = async (): Promise<void> => {
    const there = new Set<string>();
    let changed = false;
    try {
      for await (const version of versionsOf(client, bucket)) {
        const run = runIdOf({ bucket, ...version });
        there.add(run);
        if (seen.has(run)) continue;
        emit(objectCreated(options, version));
        seen.add(run);
        changed = true;
      }
      // What is gone needs no remembering: a version id does not come back.
      for (const run of seen) if (!there.has(run)) changed = seen.delete(run);
    } finally {
      if (changed) writeSeen(file, bucket, seen);
    }
  };
  /** One at a time: two that overlap would give everything out twice. */
  const look = (): Promise<void> => {
    const next = looking.then(lookOnce);
    looking = next.catch(() => undefined);
    return next;
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, options.pauseMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        await look();
        failing = false;
      } catch (error) {
        if (!failing && !stopped) options.failing(error);
        failing = true;
      }
      if (!stopped) await pause();
    }
  };
  return {
    look,
    watch: () => {
      watching = run();
    },
    stop: async () => {
      stopped = true;
      wake?.();
      await watching;
      await looking;
    },
  };
}

interface Landed {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: Date;
}

async function* versionsOf(client: S3Client, Bucket: string): AsyncGenerator<Landed> {
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (marker !== undefined) {
    // XML cannot hold every key: as they stand, one with a control character would make every listing unreadable.
    const page: Awaited<ReturnType<typeof list>> = await list(client, { Bucket, EncodingType: 'url', ...marker });
    const plain = page.EncodingType === 'url' ? decoded : (text: string): string => text;
    for (const { Key, VersionId, Size = 0, ETag = '', LastModified = new Date() } of page.Versions ?? []) {
      if (Key === undefined || VersionId === undefined) continue;
      const etag = ETag.replaceAll('"', '');
      yield { key: plain(Key), versionId: VersionId, size: Size, etag, modified: LastModified };
    }
    const { NextKeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    const more = page.IsTruncated === true && NextKeyMarker !== undefined;
    marker = more ? { KeyMarker: plain(NextKeyMarker), VersionIdMarker } : undefined;
  }
}

const list = (client: S3Client, input: ConstructorParameters<typeof ListObjectVersionsCommand>[0]) =>
  client.send(new ListObjectVersionsCommand(input));

/** As forms are encoded: a plus is a space. What S3 would not write stays as it is: the run of it fails, and says so. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, less what a listing does not tell: who put it, from where. */
function objectCreated({ bucket, account, region }: UploadsOptions, landing: Landed): OutboxEvent {
  const { key, versionId, size, etag, modified } = landing;
  return {
    id: randomUUID(),
    source: 'aws.s3',
    detailType: 'Object Created',
    time: `${modified.toISOString().slice(0, 19)}Z`,
    account,
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size, etag, 'version-id': versionId },
      'source-ip-address': 'unknown',
      reason: 'PutObject',
    },
  };
}

/** Nothing seen where there is no such file, or it speaks of another bucket: what is given out twice is done once. */
function readSeen(file: string, bucket: string): Set<string> {
  try {
    const parsed = Seen.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return new Set(parsed.success && parsed.data.bucket === bucket ? parsed.data.runs : []);
  } catch {
    return new Set();
  }
}

/** Whole or not at all. */
function writeSeen(file: string, bucket: string, runs: ReadonlySet<string>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify({ bucket, runs: [...runs] })}\n`);
  renameSync(`${file}.new`, file);
}
