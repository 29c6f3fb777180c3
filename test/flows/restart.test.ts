import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../cli/session/clients.ts';
import { readConnection } from '../../cli/session/connection.ts';
import { readReport, readRun, waitForRun } from '../../cli/session/stores.ts';
import { S3ObjectStore } from '../../functions/aws/object-store.ts';
import { KEYS, type Stage, SUBMISSION_TOKEN_METADATA } from '../../shared/names.ts';
import { runIdOf } from '../../shared/run-id.ts';
import { grants } from './support.ts';
import { holderOf, parapet, startUp, type Up } from './up-process.ts';

const SEALED_WITHIN_MS = 120_000;
/** The least that S3 takes for a part that is not the last. */
const PART_BYTES = 5 * 1024 * 1024;

let folder: string;
let state: string;
let up: Up | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-restart-'));
  state = join(folder, 'state');
});
afterEach(async () => {
  await up?.kill();
  up = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('parapet up, killed', () => {
  it('begins after the restart what was uploaded just before', async () => {
    const { content } = grants('csv', { records: 40, faults: 0.2, seed: 'restart' });
    const file = join(folder, 'grants.csv');
    writeFileSync(file, content);
    up = await startUp(state);
    const Metadata = { [SUBMISSION_TOKEN_METADATA]: await tokenFor(file, up) };
    const { landingBucket: Bucket } = up.ready;
    const Key = 'uploads/grants.csv';
    const put = await up.s3.send(
      new PutObjectCommand({ Bucket, Key, Body: content, ContentType: 'text/csv', Metadata }),
    );
    await up.kill();
    expect(holderOf(state)).toBeUndefined();

    up = await startUp(state);
    const run = runIdOf({ bucket: Bucket, key: Key, versionId: put.VersionId ?? '' });
    expect(await outcomeOf(run, up)).toEqual({
      outcome: 'partly-exported',
      records: { received: 40, exported: 32, quarantined: 8 },
    });
    expect(await up.interrupt()).toBe(0);
  }, 120_000);

  it('finishes a run that was killed again and again, wherever it was', async () => {
    const records = 25_000;
    const { content } = grants('csv', { records, faults: 0.01, seed: 'restart', contacts: 100 });
    const file = join(folder, 'many.csv');
    writeFileSync(file, content);
    expect(statSync(file).size).toBeGreaterThan(6_000_000);
    up = await startUp(state);
    const run = await uploadInParts(file, Buffer.from(content), up);
    await until(up, async (seen) => (await seen.run(run)) !== undefined);
    for (const stage of ['ingestion', 'reconciliation', 'egress'] as const) {
      await until(up, (seen) => seen.committed(run, stage));
      await up.kill();
      up = await startUp(state);
    }
    expect(await outcomeOf(run, up)).toEqual({
      outcome: 'partly-exported',
      records: { received: records, exported: 24_750, quarantined: 250 },
    });
  }, 240_000);

  it('leaves no process behind when only its launcher is killed, as on a machine with an older Node', async () => {
    up = await startUp(state, ['--import', join(import.meta.dirname, 'old-node.mjs')]);
    const holder = holderOf(state);
    expect(holder).toBeDefined();
    await up.kill();
    while (holderOf(state) === holder) await new Promise((resolve) => setTimeout(resolve, 5));
    up = await startUp(state);
    expect(holderOf(state)).not.toBe(holder);
  }, 120_000);
});

function tokenFor(file: string, { ready }: Up): Promise<string> {
  return parapet('token', file, '--connection', ready.connection);
}

/** As the AWS CLI uploads what is larger than a few megabytes; such an object has no digest of the whole in its head. */
async function uploadInParts(file: string, content: Buffer, to: Up): Promise<string> {
  const target = { Bucket: to.ready.landingBucket, Key: 'uploads/many.csv' };
  const Metadata = { [SUBMISSION_TOKEN_METADATA]: await tokenFor(file, to) };
  const { UploadId } = await to.s3.send(
    new CreateMultipartUploadCommand({ ...target, ContentType: 'text/csv', Metadata }),
  );
  const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
  for (let from = 0; from < content.length; from += PART_BYTES) {
    const PartNumber = Parts.length + 1;
    const Body = content.subarray(from, from + PART_BYTES);
    const { ETag } = await to.s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  const { VersionId } = await to.s3.send(
    new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
  );
  return runIdOf({ bucket: target.Bucket, key: target.Key, versionId: VersionId ?? '' });
}

interface Seen {
  run(run: string): ReturnType<typeof readRun>;
  /** Whether the stage has committed anything. */
  committed(run: string, stage: Stage): Promise<boolean>;
}

async function until({ ready }: Up, holds: (seen: Seen) => Promise<boolean>): Promise<void> {
  const connection = readConnection(ready.connection);
  const operator = connect(connection, 'operator');
  const audit = new S3ObjectStore({ client: operator.s3, bucket: connection.buckets.audit });
  const seen: Seen = {
    run: (run) => readRun(operator, connection, run),
    committed: async (run, stage) => {
      for await (const _ of audit.list(KEYS.auditStagePrefix(stage, run))) return true;
      return false;
    },
  };
  try {
    while (!(await holds(seen))) await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    operator.close();
  }
}

async function outcomeOf(run: string, { ready }: Up) {
  const connection = readConnection(ready.connection);
  const operator = connect(connection, 'operator');
  try {
    await waitForRun(operator, connection, run, SEALED_WITHIN_MS);
    const { outcome, records } = await readReport(operator, connection, run);
    return { outcome, records };
  } finally {
    operator.close();
  }
}
