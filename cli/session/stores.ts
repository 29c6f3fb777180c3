/** What the operator reads, through the same adapters that the stages use. */
import { S3ObjectStore } from '../../functions/aws/object-store.ts';
import { DynamoRunStore } from '../../functions/aws/run-store.ts';
import type { Run } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';
import { type ReportStores, type RunReport, reportOn } from './report.ts';

export function storesOf({ s3 }: Pick<Clients, 's3'>, { buckets }: Connection): ReportStores {
  return {
    audit: new S3ObjectStore({ client: s3, bucket: buckets.audit }),
    quarantine: new S3ObjectStore({ client: s3, bucket: buckets.quarantine }),
  };
}

/** `undefined` while ingestion has not claimed the run yet. */
export function readRun(
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  connection: Connection,
  run: string,
): Promise<Run | undefined> {
  return new DynamoRunStore(dynamodb, connection.tables.runs).read(run);
}

/** @throws Problem `run-unknown`. */
export async function readReport(clients: Clients, connection: Connection, run: string): Promise<RunReport> {
  const found = await readRun(clients, connection, run);
  if (found === undefined) throw new Problem('run-unknown', { instance: run });
  return reportOn(found, storesOf(clients, connection));
}

const POLL_MS = 150;

/** Resolves when the run is sealed; with what is known so far when `timeoutMs` is over. */
export async function waitForRun(
  clients: Clients,
  connection: Connection,
  run: string,
  timeoutMs: number,
): Promise<Run | undefined> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const found = await readRun(clients, connection, run);
    if (found?.state === 'sealed' || Date.now() >= until) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
