import { CUSTODY, ROTATIONS, STAGES, SWEEP_ACTORS } from '../../shared/names.ts';
import { isProblemCode } from '../../shared/problem.ts';

/**
 * What a log line may hold, and of what form. A field that is not here is not printed, and neither is a value of another
 * form: the log is an allow-list, not a scrubber (requirement S16). No form admits free text.
 */
const FORMS = {
  stage: (value: unknown) => [...STAGES, CUSTODY, ...SWEEP_ACTORS, ...ROTATIONS].some((stage) => stage === value),
  run: digest,
  sweep: digest,
  side: word,
  partition: count,
  execution: (value: unknown) => typeof value === 'string' && /^arn:aws[\w-]*:states:[\w:-]{1,400}$/.test(value),
  request: (value: unknown) => typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value),
  event: word,
  outcome: word,
  ending: word,
  code: (value: unknown) => typeof value === 'string' && isProblemCode(value),
  error: identifier,
  operation: identifier,
  reason: word,
  engine: word,
  rule: word,
  chunk: count,
  attempt: count,
  received: count,
  passed: count,
  quarantined: count,
  exported: count,
  generation: count,
  treeSize: count,
  bytes: count,
  durationMs: count,
  remainingMs: count,
  digest,
  cold: (value: unknown) => typeof value === 'boolean',
  frames: (value: unknown) => Array.isArray(value) && value.length <= 20 && value.every(frame),
} as const satisfies Record<string, (value: unknown) => boolean>;

export type LogFields = { readonly [Name in keyof typeof FORMS]?: string | number | boolean | readonly string[] };
export type LogLevel = 'info' | 'warning' | 'error';

export interface Logger {
  log(level: LogLevel, event: string, fields?: LogFields): void;
  /** The same logger with these fields on every line. */
  with(fields: LogFields): Logger;
}

/** Writes one JSON object per line. `write` gets the line without its end; Lambda sends standard output to the log group. */
export function createLogger(write: (line: string) => void, now: () => number, base: LogFields = {}): Logger {
  return {
    log: (level, event, fields = {}) =>
      write(JSON.stringify({ time: new Date(now()).toISOString(), level, ...admitted({ ...base, ...fields, event }) })),
    with: (fields) => createLogger(write, now, { ...base, ...fields }),
  };
}

/** The declared fields whose values have the declared form, in the order of the declaration. */
export function admitted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, holds] of Object.entries(FORMS)) {
    if (fields[name] !== undefined && holds(fields[name])) result[name] = fields[name];
  }
  return result;
}

/**
 * Where an error arose, without its message, which may quote what was read, and may even look like frames. A stack in which
 * the message does not stand as it is now tells nothing.
 */
export function stackFrames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const at = error.stack.indexOf(error.message);
  if (at === -1) return [];
  return error.stack
    .slice(at + error.message.length)
    .split('\n')
    .map((line) => line.trim())
    .filter(frame)
    .slice(0, 20);
}

function digest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{32}([0-9a-f]{32})?$/.test(value);
}

/** A word that the code spells out: `passed`, `rule-pack-failed`. Too short and too plain to carry a name or a number. */
function word(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z]{2,20}([.-][a-z]{1,20}){0,4}$/.test(value);
}

function identifier(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z.-]{1,60}$/.test(value);
}

function count(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function frame(value: unknown): boolean {
  return typeof value === 'string' && /^at [\w.<>[\] /:()@$-]{1,300}$/.test(value) && /:\d+:\d+\)?$/.test(value);
}
