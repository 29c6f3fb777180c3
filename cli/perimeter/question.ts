/** One request as it would be made, asked for several actions at once, and the policies that have a say in it. */
import type { ContextValue, RequestContext } from '../../shared/policy/context.ts';
import type { CompiledPolicy } from '../../shared/policy/document.ts';
import type { Principal } from '../../shared/policy/principal.ts';
import type { Party } from './parties.ts';
import type { Layer, PolicyEntry } from './policies.ts';
import type { Deviation, Target } from './targets/target.ts';

/** `deployed`: all policies together, as AWS decides. A layer: its policies alone, every other taken to be open. */
export type View = 'deployed' | Layer;

/** A policy of the templates, or one that stands for what is open. */
export type Voice = PolicyEntry | CompiledPolicy;

export interface Question {
  readonly view: View;
  readonly party: Party;
  readonly target: Target;
  readonly deviation: Deviation | undefined;
  readonly principal: Principal;
  readonly context: RequestContext;
  readonly actions: readonly string[];
  /** In the order of `actions`. */
  readonly expected: readonly boolean[];
  readonly voices: {
    readonly identity: readonly Voice[];
    readonly boundary?: Voice;
    readonly resource?: Voice;
    /** Whether a grant to everybody is added to the resource's policy. */
    readonly careless: boolean;
    readonly endpoint?: Voice;
  };
}

/** Condition keys of the caller under those of the request. */
export class Overlay {
  readonly #over: ReadonlyMap<string, ContextValue | undefined>;
  readonly #base: RequestContext;
  constructor(over: ReadonlyMap<string, ContextValue | undefined>, base: RequestContext) {
    this.#over = over;
    this.#base = base;
  }
  get(key: string): ContextValue | undefined {
    return this.#over.has(key) ? this.#over.get(key) : this.#base.get(key);
  }
}

/** One line to read: `ingestion: s3:PutObject on vault/segments/RUN/000000.json, over plain HTTP`. */
export function describeCase(question: Question, action: string): string {
  const { party, target, deviation, view } = question;
  const alone = view === 'deployed' ? '' : ` (the ${view} alone)`;
  return `${party.id}: ${action} on ${target.id}${deviation ? `, ${deviation.id}` : ''}${alone}`;
}
