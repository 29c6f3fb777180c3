/** Map Runs: what a Distributed Map state started. Its children are executions of their own. */
import type { SQLOutputValue } from 'node:sqlite';
import type { Store } from '../../store.ts';
import type { Frame } from './frames.ts';

export interface MapRun {
  readonly arn: string;
  readonly execution: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  /** Items read, before they were put into batches. */
  readonly items: number;
  readonly startedAt: number;
}

export function createMapRuns(store: Store): void {
  // `frame` says whose state it is part of; a retry of the state lets go of it and starts another.
  store.db.exec(`CREATE TABLE IF NOT EXISTS states_map_runs (
    arn TEXT PRIMARY KEY,
    execution TEXT NOT NULL REFERENCES states_executions (arn) ON DELETE CASCADE,
    frame INTEGER UNIQUE REFERENCES states_frames (id) ON DELETE SET NULL,
    status TEXT NOT NULL, items INTEGER NOT NULL, started_at INTEGER NOT NULL
  )`);
}

export function insertMapRun(store: Store, frame: Frame, run: MapRun): void {
  store
    .prepare('INSERT INTO states_map_runs (arn, execution, frame, status, items, started_at) VALUES (?, ?, ?, ?, ?, ?)')
    .run(run.arn, run.execution, frame.id, run.status, run.items, run.startedAt);
}

/** The run that the state of this frame has started. */
export function mapRunOf(store: Store, frame: Frame): MapRun | undefined {
  const row = store.prepare('SELECT * FROM states_map_runs WHERE frame = ?').get(frame.id);
  return row && read(row);
}

export function setMapRunStatus(store: Store, arn: string, status: MapRun['status']): void {
  store.prepare('UPDATE states_map_runs SET status = ? WHERE arn = ?').run(status, arn);
}

/** The state is left or begins anew. */
export function releaseMapRun(store: Store, frame: Frame): void {
  store.prepare('UPDATE states_map_runs SET frame = NULL WHERE frame = ?').run(frame.id);
}

/** Every Map Run of an execution that still belongs to a state. */
export function attachedMapRuns(store: Store, execution: string): MapRun[] {
  return store
    .prepare('SELECT * FROM states_map_runs WHERE execution = ? AND frame IS NOT NULL')
    .all(execution)
    .map(read);
}

function read(row: Record<string, SQLOutputValue>): MapRun {
  return {
    arn: String(row.arn),
    execution: String(row.execution),
    status: row.status === 'SUCCEEDED' || row.status === 'FAILED' ? row.status : 'RUNNING',
    items: Number(row.items),
    startedAt: Number(row.started_at),
  };
}
