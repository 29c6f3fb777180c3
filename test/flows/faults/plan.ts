/** What is done to which call of a run, and the hook that does it. */
import type { Fault, FaultCall, FaultHook } from '../../../local/gateway/fault.ts';

/**
 * `egress S3.PutObject 3`: the third such call that this function makes in one run. Calls that a function makes side by side
 * change places; how many of a kind it makes does not.
 */
export type Call = string;

/** From this call on, so many of its kind. */
interface Planned {
  readonly at: Call;
  readonly fault: Fault;
  readonly times?: number;
}
export type Plan = readonly Planned[];

export interface FaultKind {
  readonly name: string;
  readonly fault: Fault;
  readonly times?: number;
}

/** Attempts of the SDK at one call (functions/aws/client-options.ts): after so many the stage itself fails. */
const SDK_ATTEMPTS = 4;

/** Every fault that one call can meet; the SDK sends most of these calls again. */
export const SINGLE: readonly FaultKind[] = [
  { name: 'throttle', fault: { kind: 'throttle' } },
  { name: 'timeout', fault: { kind: 'timeout' } },
  { name: 'fail-before', fault: { kind: 'fail-before' } },
  { name: 'fail-after', fault: { kind: 'fail-after' } },
  { name: 'lose-after', fault: { kind: 'fail-after', lost: true } },
  { name: 'kill-before', fault: { kind: 'kill' } },
  { name: 'kill-after', fault: { kind: 'kill', afterEffect: true } },
];
/** Beyond what the SDK retries: the stage throws, in a worker that lives on, and the state machine sends it again. */
const EXHAUSTED: FaultKind = { name: 'fail-after, four times', fault: { kind: 'fail-after' }, times: SDK_ATTEMPTS };
export const EVERY: readonly FaultKind[] = [...SINGLE, EXHAUSTED];
/** Those that a stage itself sees: behind the SDK, the others look like one of these. */
export const SEEN_BY_STAGES: readonly FaultKind[] = [
  ...SINGLE.filter(({ name }) => name.startsWith('kill') || name === 'lose-after'),
  EXHAUSTED,
];

/** Counts the calls of one run, notes them, and does what is planned. */
export class Injector {
  readonly calls: Call[] = [];
  /** Planned, and not met yet. */
  readonly #pending: Map<Call, { readonly fault: Fault; readonly times: number }>;
  readonly #counts = new Map<string, number>();

  constructor(plan: Plan) {
    this.#pending = new Map(plan.map(({ at, fault, times = 1 }) => [at, { fault, times }]));
  }

  get unmet(): readonly Call[] {
    return [...this.#pending.keys()];
  }

  readonly hook: FaultHook = (call) => {
    const kind = kindOf(call);
    if (kind === undefined) return undefined;
    const ordinal = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, ordinal);
    const at = `${kind} ${ordinal}`;
    this.calls.push(at);
    const planned = this.#pending.get(at);
    if (planned === undefined) return undefined;
    this.#pending.delete(at);
    const { fault, times } = planned;
    if (times > 1) this.#pending.set(`${kind} ${ordinal + 1}`, { fault, times: times - 1 });
    return fault;
  };
}

/** `undefined` for people: what they do again is theirs. */
function kindOf({ caller, operation }: FaultCall): string | undefined {
  if (caller.kind !== 'function') return undefined;
  return `${caller.name.slice(caller.name.lastIndexOf('-') + 1)} ${operation}`;
}

export const actorOf = (call: Call): string => call.slice(0, call.indexOf(' '));

/** The calls of an actor to one operation. */
export const callsOf = (calls: readonly Call[], actor: string, operation: string): Call[] =>
  calls.filter((call) => call.startsWith(`${actor} ${operation} `));
