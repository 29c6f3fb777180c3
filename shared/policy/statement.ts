import { type Condition, compileConditions } from './condition/block.ts';
import type { RequestContext } from './context.ts';
import { members, textList } from './json.ts';
import { globMatcher, type Matcher, type Outcome, resourceMatcher } from './match.ts';
import { tokenise } from './pattern.ts';
import { compilePrincipal, compileSpared, type Naming, type Principal } from './principal.ts';

/**
 * Where a policy stands, which decides what its statements must say: an identity's names no principal, a resource's must, a
 * role's trust names no resource.
 */
export type PolicyKind = 'identity' | 'resource' | 'endpoint' | 'trust';

export interface AccessQuery {
  readonly principal: Principal;
  /** `s3:PutObject`; not case-sensitive. */
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** A statement that applies to a query. */
export interface Application {
  /** Never `nobody`. Statements without a principal (an identity's) name their `principal`. */
  readonly naming: Naming;
  /** The entries of Action that match; for NotAction the element's own name. */
  readonly actions: readonly string[];
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly index: number;
  readonly sid: string | undefined;
  /** As written, for listing what is never used. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Whether Action covers it; nothing else of the statement is asked. Whoever decides much can ask once for all. */
  concerns(action: string): boolean;
  apply(query: AccessQuery): Application | undefined;
}

const ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const ACTION = /^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/;
const NONE: readonly string[] = [];

/** Throws `SyntaxError` for whatever IAM would refuse when the policy is put. */
export function compileStatement(document: unknown, index: number, kind: PolicyKind, variables: boolean): Statement {
  const elements = new Map(members(document, 'Statement'));
  for (const name of elements.keys()) {
    if (!ELEMENTS.has(name)) throw new SyntaxError(`Statement has the unknown element ${name}.`);
  }
  const effect = elements.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw new SyntaxError('Effect is neither Allow nor Deny.');
  const sid = elements.get('Sid');
  const named = compileWho(elements, kind, effect);
  const action = compileActions(elements);
  const resource = compileResources(elements, kind, variables);
  const conditions = elements.has('Condition') ? compileConditions(elements.get('Condition'), variables) : [];
  // What cannot be decided must not open anything: it leaves an Allow out and lets a Deny stand.
  const holds = (outcome: Outcome): boolean => outcome ?? effect === 'Deny';
  return {
    effect,
    index,
    sid: typeof sid === 'string' ? sid : undefined,
    actions: action.written,
    resources: resource.written,
    concerns: (name) => action.matching(name.toLowerCase()).length > 0,
    apply: (query) => {
      const actions = action.matching(query.action.toLowerCase());
      if (actions.length === 0) return undefined;
      const naming = named(query.principal);
      if (naming === 'nobody') return undefined;
      if (!holds(resource.matches(query.resource, query.context))) return undefined;
      return conditions.every((condition: Condition) => holds(condition(query.context)))
        ? { naming, actions }
        : undefined;
    },
  };
}

function compileWho(
  elements: ReadonlyMap<string, unknown>,
  kind: PolicyKind,
  effect: string,
): (who: Principal) => Naming {
  const [name, element] = either(elements, 'Principal', 'NotPrincipal', kind !== 'identity');
  if (name === undefined) return () => 'principal';
  if (kind === 'identity') throw new SyntaxError('The policy of an identity names no principal.');
  if (name === 'Principal') return compilePrincipal(element);
  if (effect === 'Allow') throw new SyntaxError('NotPrincipal is not supported with Allow.');
  const spares = compileSpared(element);
  return (principal) => (spares(principal) ? 'nobody' : 'principal');
}

interface Actions {
  readonly written: readonly string[];
  matching(lowered: string): readonly string[];
}

function compileActions(elements: ReadonlyMap<string, unknown>): Actions {
  const [name = 'Action', element] = either(elements, 'Action', 'NotAction', true);
  const written = textList(element, name);
  const wrong = written.find((action) => !ACTION.test(action));
  if (wrong !== undefined) throw new SyntaxError(`${name} holds ${wrong}, which is no action.`);
  const tests = written.map((action) => ({
    action,
    matches: globMatcher(tokenise(action.toLowerCase(), { variables: false, wildcards: true })),
  }));
  const matching = (lowered: string): readonly string[] =>
    tests.filter(({ matches }) => matches(lowered, EMPTY)).map(({ action }) => action);
  if (name === 'Action') return { written, matching };
  const excepted = [`NotAction ${written.join(', ')}`];
  return { written: excepted, matching: (lowered) => (matching(lowered).length === 0 ? excepted : NONE) };
}

const EMPTY: RequestContext = new Map();

interface Resources {
  readonly written: readonly string[];
  readonly matches: Matcher;
}

function compileResources(elements: ReadonlyMap<string, unknown>, kind: PolicyKind, variables: boolean): Resources {
  const [name, element] = either(elements, 'Resource', 'NotResource', kind !== 'trust');
  if (name === undefined) return { written: ['*'], matches: () => true };
  if (kind === 'trust') throw new SyntaxError('The trust policy of a role names no resource.');
  const written = textList(element, name);
  const matchers = written.map((text) => resourceMatcher(tokenise(text, { variables, wildcards: true })));
  const matches: Matcher = (resource, context) => {
    const outcomes = matchers.map((matcher) => matcher(resource, context));
    if (outcomes.includes(true)) return true;
    return outcomes.includes(undefined) ? undefined : false;
  };
  if (name === 'Resource') return { written, matches };
  return {
    written: [`NotResource ${written.join(', ')}`],
    matches: (resource, context) => {
      const outcome = matches(resource, context);
      return outcome === undefined ? undefined : !outcome;
    },
  };
}

function either(
  elements: ReadonlyMap<string, unknown>,
  positive: string,
  negative: string,
  required: boolean,
): readonly [string | undefined, unknown] {
  const present = [positive, negative].filter((name) => elements.has(name));
  const [name] = present;
  if (present.length > 1) throw new SyntaxError(`Statement has both ${positive} and ${negative}.`);
  if (name === undefined && required) throw new SyntaxError(`Statement has neither ${positive} nor ${negative}.`);
  return [name, name === undefined ? undefined : elements.get(name)];
}
