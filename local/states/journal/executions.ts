/** Executions, as they are kept: one row each, from start to end, and the definitions that they run. */
import { createHash } from 'node:crypto';
import type { SQLOutputValue } from 'node:sqlite';
import type { Store } from '../../store.ts';

/** `PENDING` is a child of a Distributed Map that has not been started yet. */
export type ExecutionStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  /** Hex SHA-256 of the definition that it was started with: a changed template leaves a running execution alone. */
  readonly definition: string;
  readonly roleArn: string;
  readonly kind: 'STANDARD' | 'EXPRESS';
  /** Where it starts: the machine's own graph, or the item processor of a Distributed Map. */
  readonly graph: string;
  readonly status: ExecutionStatus;
  /** JSON text. */
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Milliseconds since the epoch, like every time here. */
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly deadline: number | undefined;
  readonly redriveCount: number;
  readonly redrivenAt: number | undefined;
  /** The Map Run whose child this is, its place there, and how many items it carries. */
  readonly mapRun: string | undefined;
  readonly ordinal: number;
  readonly items: number;
}

export type NewExecution = Omit<
  Execution,
  'status' | 'output' | 'error' | 'cause' | 'stoppedAt' | 'redriveCount' | 'redrivenAt'
> & { readonly status: 'PENDING' | 'RUNNING' };

export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export function createExecutions(store: Store): void {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS states_definitions (digest TEXT PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS states_executions (
      arn TEXT PRIMARY KEY, name TEXT NOT NULL, machine_arn TEXT NOT NULL, machine_name TEXT NOT NULL,
      definition TEXT NOT NULL REFERENCES states_definitions (digest), role_arn TEXT NOT NULL, kind TEXT NOT NULL,
      graph TEXT NOT NULL, status TEXT NOT NULL, input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT,
      started_at INTEGER NOT NULL, stopped_at INTEGER, deadline INTEGER, redrive_count INTEGER NOT NULL DEFAULT 0,
      redriven_at INTEGER, map_run TEXT, ordinal INTEGER NOT NULL, items INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS states_executions_machine ON states_executions (machine_arn, started_at);
    CREATE INDEX IF NOT EXISTS states_executions_map_run ON states_executions (map_run, status, ordinal);
    CREATE INDEX IF NOT EXISTS states_executions_running ON states_executions (status) WHERE status = 'RUNNING';
  `);
}

/** Returns the digest under which the definition is kept. */
export function keepDefinition(store: Store, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  store.prepare('INSERT OR IGNORE INTO states_definitions (digest, text) VALUES (?, ?)').run(digest, text);
  return digest;
}

export function definitionText(store: Store, digest: string): string {
  const row = store.prepare('SELECT text FROM states_definitions WHERE digest = ?').get(digest);
  if (!row) throw new Error('a running execution lost its definition');
  return String(row.text);
}

export function insertExecution(store: Store, execution: NewExecution): void {
  store
    .prepare(`INSERT INTO states_executions (arn, name, machine_arn, machine_name, definition, role_arn, kind, graph,
      status, input, started_at, deadline, map_run, ordinal, items) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      execution.arn,
      execution.name,
      execution.machineArn,
      execution.machineName,
      execution.definition,
      execution.roleArn,
      execution.kind,
      execution.graph,
      execution.status,
      execution.input,
      execution.startedAt,
      execution.deadline ?? null,
      execution.mapRun ?? null,
      execution.ordinal,
      execution.items,
    );
}

export function findExecution(store: Store, arn: string): Execution | undefined {
  const row = store.prepare('SELECT * FROM states_executions WHERE arn = ?').get(arn);
  return row && read(row);
}

/** Of every machine where `machineArn` is undefined; the newest first. Children of a Map Run are listed by their run. */
export function listExecutions(
  store: Store,
  filter: {
    readonly machineArn?: string | undefined;
    readonly mapRun?: string | undefined;
    readonly status?: string | undefined;
  } = {},
): Execution[] {
  const rows = store
    .prepare(`SELECT * FROM states_executions
      WHERE (:machine IS NULL OR machine_arn = :machine) AND map_run IS :run AND (:status IS NULL OR status = :status)
      ORDER BY started_at DESC, rowid DESC`)
    .all({ machine: filter.machineArn ?? null, run: filter.mapRun ?? null, status: filter.status ?? null });
  return rows.map(read);
}

/** Children of a Map Run in the order of their items. */
export function childExecutions(store: Store, mapRun: string): Execution[] {
  return store.prepare('SELECT * FROM states_executions WHERE map_run = ? ORDER BY ordinal').all(mapRun).map(read);
}

/** Children that have not come to an end, in the order of their items. */
export function unfinishedChildren(store: Store, mapRun: string): string[] {
  return store
    .prepare(
      "SELECT arn FROM states_executions WHERE map_run = ? AND status IN ('PENDING', 'RUNNING') ORDER BY ordinal",
    )
    .all(mapRun)
    .map((row) => String(row.arn));
}

/** How many items the failed children carried. */
export function failedItems(store: Store, mapRun: string): number {
  const row = store
    .prepare(
      "SELECT sum(items) AS failed FROM states_executions WHERE map_run = ? AND status IN ('FAILED', 'TIMED_OUT')",
    )
    .get(mapRun);
  return Number(row?.failed ?? 0);
}

export function runningExecutions(store: Store): Execution[] {
  return store
    .prepare("SELECT * FROM states_executions WHERE status = 'RUNNING' AND map_run IS NULL ORDER BY rowid")
    .all()
    .map(read);
}

export function endExecution(store: Store, arn: string, ending: Ending, at: number): void {
  store
    .prepare('UPDATE states_executions SET status = ?, output = ?, error = ?, cause = ?, stopped_at = ? WHERE arn = ?')
    .run(ending.status, ending.output ?? null, ending.error ?? null, ending.cause ?? null, at, arn);
}

/** A child of a Map Run begins. */
export function beginExecution(store: Store, arn: string, at: number, deadline: number | undefined): void {
  store
    .prepare("UPDATE states_executions SET status = 'RUNNING', started_at = ?, deadline = ? WHERE arn = ?")
    .run(at, deadline ?? null, arn);
}

/** Back to RUNNING under the same ARN; the execution's time limit starts anew. */
export function reopenExecution(store: Store, arn: string, at: number, deadline: number | undefined): void {
  store
    .prepare(`UPDATE states_executions SET status = 'RUNNING', output = NULL, error = NULL, cause = NULL,
      stopped_at = NULL, redrive_count = redrive_count + 1, redriven_at = ?, deadline = ? WHERE arn = ?`)
    .run(at, deadline ?? null, arn);
}

const STATUSES: readonly ExecutionStatus[] = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
const optionalText = (value: SQLOutputValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);
const optionalNumber = (value: SQLOutputValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

function read(row: Record<string, SQLOutputValue>): Execution {
  return {
    arn: String(row.arn),
    name: String(row.name),
    machineArn: String(row.machine_arn),
    machineName: String(row.machine_name),
    definition: String(row.definition),
    roleArn: String(row.role_arn),
    kind: row.kind === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    graph: String(row.graph),
    status: STATUSES.find((status) => status === row.status) ?? 'FAILED',
    input: String(row.input),
    output: optionalText(row.output),
    error: optionalText(row.error),
    cause: optionalText(row.cause),
    startedAt: Number(row.started_at),
    stoppedAt: optionalNumber(row.stopped_at),
    deadline: optionalNumber(row.deadline),
    redriveCount: Number(row.redrive_count),
    redrivenAt: optionalNumber(row.redriven_at),
    mapRun: optionalText(row.map_run),
    ordinal: Number(row.ordinal),
    items: Number(row.items),
  };
}
