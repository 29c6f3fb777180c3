/**
 * Where an execution stands: one frame for its own graph, and one below it for every branch and every item in progress.
 * A frame is written before what it says is acted on; after a crash the state that it names is entered again.
 */
import type { SQLOutputValue } from 'node:sqlite';
import type { Store } from '../../store.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';

export interface Frame {
  readonly id: number;
  readonly execution: string;
  /** Index of the branch or item; 0 for the execution's own graph. */
  readonly ordinal: number;
  /** Which graph of the machine it walks. */
  readonly graph: string;
  /** `$states.context.Map.Item`, inside an item. */
  readonly item: Json | undefined;
  status: 'running' | 'succeeded' | 'failed';
  state: string;
  /** Milliseconds since the epoch. */
  enteredAt: number;
  input: Json;
  /** Variables of this scope; those of the scopes around are in their own frames. */
  variables: JsonObject;
  /** Attempts used of each retrier of the state. */
  retries: readonly number[];
  /** When a wait or the delay before a retry ends. */
  wakeAt: number | undefined;
  /** Id of the last event of this frame: `previousEventId` of its next one. */
  lastEvent: number;
  /** Once it has succeeded. */
  output: Json | undefined;
}

export type NewFrame = Pick<Frame, 'execution' | 'ordinal' | 'graph' | 'item' | 'state' | 'enteredAt' | 'input'> & {
  readonly parent: number | undefined;
  readonly lastEvent: number;
};

export function createFrames(store: Store): void {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS states_frames (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution TEXT NOT NULL REFERENCES states_executions (arn) ON DELETE CASCADE,
      parent INTEGER REFERENCES states_frames (id) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL, graph TEXT NOT NULL, item TEXT, status TEXT NOT NULL, state TEXT NOT NULL,
      entered_at INTEGER NOT NULL, input TEXT NOT NULL, variables TEXT NOT NULL, retries TEXT NOT NULL,
      wake_at INTEGER, last_event INTEGER NOT NULL, output TEXT
    );
    CREATE INDEX IF NOT EXISTS states_frames_execution ON states_frames (execution);
    CREATE INDEX IF NOT EXISTS states_frames_parent ON states_frames (parent, ordinal);
  `);
}

export function insertFrame(store: Store, frame: NewFrame): void {
  store
    .prepare(`INSERT INTO states_frames (execution, parent, ordinal, graph, item, status, state, entered_at, input,
      variables, retries, last_event) VALUES (?, ?, ?, ?, ?, 'running', ?, ?, ?, '{}', '[]', ?)`)
    .run(
      frame.execution,
      frame.parent ?? null,
      frame.ordinal,
      frame.graph,
      frame.item === undefined ? null : JSON.stringify(frame.item),
      frame.state,
      frame.enteredAt,
      JSON.stringify(frame.input),
      frame.lastEvent,
    );
}

/** The execution's own frame. */
export function rootFrame(store: Store, execution: string): Frame | undefined {
  const row = store.prepare('SELECT * FROM states_frames WHERE execution = ? AND parent IS NULL').get(execution);
  return row && read(row);
}

/** Branches or items of the state that `frame` is in, in order. */
export function childFrames(store: Store, frame: Frame): Frame[] {
  return store.prepare('SELECT * FROM states_frames WHERE parent = ? ORDER BY ordinal').all(frame.id).map(read);
}

/** With everything below them. */
export function dropChildFrames(store: Store, frame: Frame): void {
  store.prepare('DELETE FROM states_frames WHERE parent = ?').run(frame.id);
}

export function saveFrame(store: Store, frame: Frame): void {
  store
    .prepare(`UPDATE states_frames SET status = ?, state = ?, entered_at = ?, input = ?, variables = ?, retries = ?,
      wake_at = ?, last_event = ?, output = ? WHERE id = ?`)
    .run(
      frame.status,
      frame.state,
      frame.enteredAt,
      JSON.stringify(frame.input),
      JSON.stringify(frame.variables),
      JSON.stringify(frame.retries),
      frame.wakeAt ?? null,
      frame.lastEvent,
      frame.output === undefined ? null : JSON.stringify(frame.output),
      frame.id,
    );
}

/** Redrive: what did not succeed stands again at the beginning of its state, with all its retries. */
export function reviveFrames(store: Store, execution: string): void {
  store
    .prepare(`UPDATE states_frames SET status = 'running', retries = '[]', wake_at = NULL
      WHERE execution = ? AND status <> 'succeeded'`)
    .run(execution);
}

function read(row: Record<string, SQLOutputValue>): Frame {
  const variables = parseJson(String(row.variables));
  const retries = parseJson(String(row.retries));
  return {
    id: Number(row.id),
    execution: String(row.execution),
    ordinal: Number(row.ordinal),
    graph: String(row.graph),
    item: row.item === null ? undefined : parseJson(String(row.item)),
    status: row.status === 'succeeded' || row.status === 'failed' ? row.status : 'running',
    state: String(row.state),
    enteredAt: Number(row.entered_at),
    input: parseJson(String(row.input)),
    variables: isObject(variables) ? variables : {},
    retries: Array.isArray(retries) ? retries.map(Number) : [],
    wakeAt: row.wake_at === null ? undefined : Number(row.wake_at),
    lastEvent: Number(row.last_event),
    output: row.output === null ? undefined : parseJson(String(row.output)),
  };
}
