/**
 * Every way in which one statement of the templates could be a little wrong: left out, or wider in one element; and, finer, one entry of
 * a list left out. Each mutant is one change to one statement.
 */
import { Problem } from '../../shared/problem.ts';
import type { Policies, PolicyEntry } from './policies.ts';
import { ACTIONS } from './table/actions.ts';

export interface Mutant {
  readonly entry: PolicyEntry;
  readonly index: number;
  /** `VaultBucket DenyUnnamedPrincipals` */
  readonly statement: string;
  /** `dropped`, `Action → *`, `Condition without aws:SourceVpc` */
  readonly change: string;
  /** `whole`: the statement dropped or one element widened. `part`: an entry of a list dropped. */
  readonly size: 'whole' | 'part';
  /** `undefined`: dropped. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

type Statement = Readonly<Record<string, unknown>>;
type Change = Pick<Mutant, 'change' | 'size' | 'document'>;

export function makeMutants({ all }: Policies): readonly Mutant[] {
  return all.flatMap((entry) =>
    entry.document.Statement.flatMap((statement, index) =>
      changesOf(statement, entry).map((change) => ({
        entry,
        index,
        statement: labelOf(entry, statement, index),
        ...change,
      })),
    ),
  );
}

const labelOf = (entry: PolicyEntry, { Sid }: Statement, index: number): string =>
  `${entry.id} ${typeof Sid === 'string' ? Sid : `#${index}`}`;

function changesOf(statement: Statement, entry: PolicyEntry): readonly Change[] {
  return [
    { change: 'dropped', size: 'whole', document: undefined },
    ...widerActions(statement, entry),
    ...widerResources(statement, entry),
    ...widerPrincipals(statement, entry),
    ...fewerConditions(statement),
    ...shorterLists(statement),
  ];
}

const whole = (change: string, document: Statement): Change => ({ change, size: 'whole', document });
const part = (change: string, document: Statement): Change => ({ change, size: 'part', document });

const texts = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value].flat());

/** The policy of a resource speaks of one service, whose every action is all that it can say. */
function widerActions(statement: Statement, { service }: PolicyEntry): readonly Change[] {
  const widest = service === undefined ? '*' : `${service}:*`;
  const written = texts(statement.Action);
  if (written.includes(widest) || written.includes('*')) return [];
  requireElement(statement, 'Action');
  return [whole(`Action → ${widest}`, { ...statement, Action: widest })];
}

const OF_OBJECTS: ReadonlySet<string> = new Set(ACTIONS.object);

/**
 * S3 takes no resource in a bucket's policy but the bucket and its objects; other policies of resources speak of their one resource
 * whatever they name.
 */
function widerResources(statement: Statement, entry: PolicyEntry): readonly Change[] {
  if (entry.kind === 'trust') return [];
  requireElement(statement, 'Resource');
  const written = texts(statement.Resource).map(String);
  if (written.includes('*')) return [];
  if (entry.layer !== 'resource') return [whole('Resource → *', { ...statement, Resource: '*' })];
  if (entry.service !== 's3') return [];
  const [bucket = ''] = (written[0] ?? '').split('/');
  // An action on objects has nothing wider than all of them, one on the bucket nothing wider than the bucket.
  const ofObjects = texts(statement.Action).some((action) => OF_OBJECTS.has(String(action)));
  const widest = ofObjects ? `${bucket}/*` : bucket;
  if (written.includes(widest)) return [];
  return [whole('Resource → every object', { ...statement, Resource: [bucket, widest] })];
}

function widerPrincipals(statement: Statement, entry: PolicyEntry): readonly Change[] {
  if (entry.kind === 'identity') return [];
  requireElement(statement, 'Principal');
  const { Principal } = statement;
  if (Principal === '*' || JSON.stringify(Principal) === '{"AWS":"*"}') return [];
  return [whole('Principal → *', { ...statement, Principal: '*' })];
}

function conditionsOf(statement: Statement): readonly (readonly [operator: string, key: string, value: unknown])[] {
  return members(statement.Condition).flatMap(([operator, keys]) =>
    members(keys).map(([key, value]) => [operator, key, value] as const),
  );
}

const members = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

/** The same conditions with one key's value in place of its own; without the key when there is none. */
function withCondition(statement: Statement, operator: string, key: string, value: unknown): Statement {
  const rest = conditionsOf(statement).filter(([op, name]) => op !== operator || name !== key);
  const conditions: Record<string, Record<string, unknown>> = {};
  const put = (op: string, name: string, to: unknown): void => {
    conditions[op] = { ...conditions[op], [name]: to };
  };
  for (const [op, name, to] of rest) put(op, name, to);
  if (value !== undefined) put(operator, key, value);
  return { ...statement, Condition: conditions };
}

function fewerConditions(statement: Statement): readonly Change[] {
  const conditions = conditionsOf(statement);
  if (conditions.length === 0) return [];
  const { Condition: _, ...without } = statement;
  if (conditions.length === 1) return [whole('without its Condition', without)];
  return [
    whole('without its Condition', without),
    ...conditions.map(([operator, key]) =>
      whole(`Condition without ${operator} ${key}`, withCondition(statement, operator, key, undefined)),
    ),
  ];
}

function shorterLists(statement: Statement): readonly Change[] {
  const shorter = (value: unknown): readonly (readonly [dropped: string, rest: readonly unknown[]])[] => {
    const items = texts(value);
    return items.length < 2
      ? []
      : items.map((item) => [String(item), items.filter((other) => other !== item)] as const);
  };
  return [
    ...['Action', 'Resource'].flatMap((element) =>
      shorter(statement[element]).map(([dropped, rest]) =>
        part(`${element} without ${dropped}`, { ...statement, [element]: rest }),
      ),
    ),
    ...conditionsOf(statement).flatMap(([operator, key, value]) =>
      shorter(value).map(([dropped, rest]) =>
        part(`${key} without ${dropped}`, withCondition(statement, operator, key, rest)),
      ),
    ),
    ...members(statement.Principal).flatMap(([family, names]) =>
      shorter(names).map(([dropped, rest]) =>
        part(`Principal without ${dropped}`, {
          ...statement,
          Principal: { ...Object(statement.Principal), [family]: rest },
        }),
      ),
    ),
  ];
}

/** NotAction, NotResource and NotPrincipal would need mutants of their own; there are none in the templates. */
function requireElement(statement: Statement, element: string): void {
  if (statement[element] !== undefined) return;
  throw new Problem('not-implemented', { detail: `No mutants are made of statements without ${element}.` });
}
