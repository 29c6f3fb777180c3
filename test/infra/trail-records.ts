/** CloudTrail records as AWS writes them, and a DuckDB in which the queries for Athena run as they stand. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { TRAIL_COLUMNS, TRAIL_PARTITIONS } from '../../infra/queries/trail-columns.ts';

export const ACCOUNT = '111122223333';
/** What `current_date` is. */
export const TODAY = '2026-11-20';

export type TrailRecord = Readonly<Record<string, unknown>>;

/** A session in a role, as CloudTrail describes it. */
export function inRole(role: string, session = 'session', more: object = {}): object {
  return {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLE:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    accountId: ACCOUNT,
    accessKeyId: 'ASIAEXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLE',
        arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        accountId: ACCOUNT,
        userName: role,
      },
      attributes: { creationDate: '2026-11-01T00:00:00Z', mfaAuthenticated: 'false' },
    },
    ...more,
  };
}

export const byService = (service: string): object => ({ type: 'AWSService', invokedBy: service });

/** @param event `s3:GetObject`; @param time ISO 8601 in UTC. */
export function record(event: string, time: string, userIdentity: object, more: TrailRecord = {}): TrailRecord {
  const [service, eventName] = event.split(':');
  return {
    eventVersion: '1.11',
    userIdentity,
    eventTime: time,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-cli/2',
    requestID: '6cd3f4d2',
    eventID: `${event}@${time}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: false,
    recipientAccountId: ACCOUNT,
    ...more,
  };
}

export const object = (bucket: string, key: string, more: object = {}): TrailRecord => ({
  requestParameters: { bucketName: bucket, Host: `${bucket}.s3.amazonaws.com`, key, ...more },
  resources: [
    { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}/${key}` },
    { accountId: ACCOUNT, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
  ],
});

/** The three functions that Trino has and DuckDB names otherwise, or whose paths it writes otherwise. */
const TRINO = [
  `CREATE MACRO json_extract_scalar(text, path) AS json_extract_string(text, replace(replace(path, '["', '."'), '"]', '"'))`,
  'CREATE MACRO date_format(moment, format) AS strftime(moment, format)',
  'CREATE MACRO element_at(list, place) AS list_extract(list, place)',
];

export interface Trail {
  ask(sql: string, parameters: readonly string[]): Promise<Record<string, unknown>[]>;
  close(): void;
}

/** @param table Quoted: `"schema"."table"`. */
export async function trailOf(records: readonly TrailRecord[], table: string): Promise<Trail> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const macro of TRINO) await connection.run(macro);
  await load(connection, records, table);
  return {
    ask: async (sql, parameters) => {
      const dated = sql.replaceAll(/\bcurrent_date\b/g, `DATE '${TODAY}'`);
      return (await connection.runAndReadAll(dated, [...parameters])).getRowObjectsJson();
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function load(connection: DuckDBConnection, records: readonly TrailRecord[], table: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-trail-'));
  try {
    const file = join(folder, 'records.json');
    writeFileSync(file, records.map((each) => JSON.stringify(row(each))).join('\n'));
    const partitions = TRAIL_PARTITIONS.map((name) => [name, 'string'] as const);
    const columns = [...TRAIL_COLUMNS, ...partitions].map(([name, type]) => `'${name}': '${inDuckDb(type)}'`);
    await connection.run(`CREATE SCHEMA ${table.split('.')[0]}`);
    await connection.run(
      `CREATE TABLE ${table} AS SELECT * FROM read_json('${file}', format='newline_delimited', columns={${columns.join(', ')}})`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `array<struct<arn:string>>` → `STRUCT(arn VARCHAR)[]` */
function inDuckDb(hive: string): string {
  const list = /^array<(.*)>$/.exec(hive)?.[1];
  if (list !== undefined) return `${inDuckDb(list)}[]`;
  return hive
    .replaceAll('struct<', 'STRUCT(')
    .replaceAll('>', ')')
    .replaceAll(':', ' ')
    .replaceAll('string', 'VARCHAR');
}

/** Columns that the input format gives as JSON text. */
const TEXTS = new Set(['requestparameters', 'responseelements', 'additionaleventdata', 'serviceeventdetails']);

/** Names in lower case, as Hive has them, and the partitions that the file's path would give. */
function row(each: TrailRecord): Record<string, unknown> {
  const columns = Object.entries(each).map(([name, value]) => {
    const column = name.toLowerCase();
    return [column, TEXTS.has(column) ? JSON.stringify(value) : lowered(value)] as const;
  });
  const day = String(each.eventTime).slice(0, 10).replaceAll('-', '/');
  return { ...Object.fromEntries(columns), region: each.awsRegion, day };
}

function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toLowerCase(), lowered(member)]));
}
