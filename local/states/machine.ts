/** A definition, checked and laid flat: every graph in it (the machine, each branch, each item processor) by its key. */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import { graphSchema, type MapState, machineSchema, type State, stateSchema } from './definition.ts';
import { checkExpression, isExpression } from './expression.ts';
import { isObject, type Json, parseJson } from './json.ts';

export interface Graph {
  readonly key: string;
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Machine {
  readonly graphs: ReadonlyMap<string, Graph>;
  /** The whole execution's, where the definition has one. */
  readonly timeoutSeconds: number | undefined;
}

export const ROOT = '';
/** State names are unique in a machine, so the name and the position say which graph. */
export const branchKey = (state: string, index: number): string => `branch ${index} of ${state}`;
export const processorKey = (state: string): string => `items of ${state}`;

export function isDistributed(state: MapState): boolean {
  return state.ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED';
}

export function graphOf(machine: Machine, key: string): Graph {
  const graph = machine.graphs.get(key);
  if (!graph) throw new Error(`the machine has no graph '${key}'`);
  return graph;
}

const LAMBDA_INVOKE = /^arn:[\w-]+:states:::lambda:invoke$/;
const LAMBDA_FUNCTION = /^arn:[\w-]+:lambda:[^:]+:\d+:function:.+$/;
const PUT_EVENTS = /^arn:[\w-]+:states:::events:putEvents$/;
const INVOKE_ARGUMENTS = new Set(['FunctionName', 'Payload', 'InvocationType', 'Qualifier']);

/** What a task calls, and how; `undefined` for a resource that is not served. */
export function taskIntegration(resource: string): 'invoke' | 'function' | 'putEvents' | undefined {
  if (LAMBDA_INVOKE.test(resource)) return 'invoke';
  if (PUT_EVENTS.test(resource)) return 'putEvents';
  return LAMBDA_FUNCTION.test(resource) ? 'function' : undefined;
}

/**
 * Throws `configuration-invalid` where the definition is wrong, `not-implemented` where it is right but uses what the
 * embedded cloud does not serve. `name` is the machine's.
 */
export function parseMachine(name: string, text: string): Machine {
  const document = documentOf(name, text);
  const machine = parsed(machineSchema, document, `State machine ${name}`);
  const graphs = new Map<string, Graph>();
  addGraph(graphs, { name, key: ROOT, jsonata: machine.QueryLanguage === 'JSONata', outer: new Set() }, machine);
  return { graphs, timeoutSeconds: machine.TimeoutSeconds };
}

export function documentOf(name: string, text: string): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new Problem('configuration-invalid', { detail: `State machine ${name}: not JSON.`, cause });
  }
}

interface Place {
  readonly name: string;
  readonly key: string;
  /** Whether states without a QueryLanguage of their own are JSONata. */
  readonly jsonata: boolean;
  /** Variables of the graphs around, which an inner one may read and not assign. */
  readonly outer: ReadonlySet<string>;
}

function addGraph(graphs: Map<string, Graph>, place: Place, source: unknown): void {
  const { StartAt, States } = parsed(graphSchema, source, `State machine ${place.name}`);
  const states = new Map<string, State>();
  for (const [stateName, member] of Object.entries(States)) {
    const where = `State machine ${place.name}, state '${stateName}'`;
    requireJsonata(place, member, where);
    const state = parsed(stateSchema, member, where);
    refuseUnserved(state, where);
    states.set(stateName, state);
  }
  graphs.set(place.key, { key: place.key, startAt: StartAt, states });
  const assigned = assignedNames(states, place);
  const outer = new Set([...place.outer, ...assigned]);
  for (const [stateName, state] of states) {
    const inner = { ...place, outer };
    if (state.Type === 'Parallel') {
      for (const [index, branch] of state.Branches.entries()) {
        addGraph(graphs, { ...inner, key: branchKey(stateName, index) }, branch);
      }
    } else if (state.Type === 'Map') {
      // The children of a Distributed Map are executions of their own and see no outer variable.
      const seen = isDistributed(state) ? new Set<string>() : outer;
      addGraph(graphs, { ...inner, outer: seen, key: processorKey(stateName) }, state.ItemProcessor);
    }
  }
}

function requireJsonata(place: Place, member: unknown, where: string): void {
  const own = z.looseObject({ QueryLanguage: z.string().optional() }).safeParse(member).data?.QueryLanguage;
  if ((own ?? (place.jsonata ? 'JSONata' : 'JSONPath')) === 'JSONata') return;
  throw new Problem('not-implemented', { detail: `${where}: JSONPath; only JSONata states are run here.` });
}

/** An inner scope may not assign a variable of an outer one (Step Functions, "Passing data with variables"). */
function assignedNames(states: ReadonlyMap<string, State>, place: Place): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [stateName, state] of states) {
    const assigns = [
      'Assign' in state ? state.Assign : undefined,
      ...('Catch' in state ? state.Catch.map((catcher) => catcher.Assign) : []),
      ...(state.Type === 'Choice' ? state.Choices.map((rule) => rule.Assign) : []),
    ];
    for (const variable of assigns.flatMap((assign) => Object.keys(assign ?? {}))) {
      if (place.outer.has(variable)) {
        throw new Problem('configuration-invalid', {
          detail: `State machine ${place.name}, state '${stateName}': assigns '${variable}' of an outer scope.`,
        });
      }
      names.add(variable);
    }
  }
  return names;
}

function refuseUnserved(state: State, where: string): void {
  const refuse = (detail: string): never => {
    throw new Problem('not-implemented', { detail: `${where}: ${detail}` });
  };
  checkExpressions(state, where);
  if (state.Type === 'Task') {
    if (!taskIntegration(state.Resource)) refuse(`Resource ${state.Resource}`);
    const named = isObject(state.Arguments) && taskIntegration(state.Resource) === 'invoke' ? state.Arguments : {};
    for (const argument of Object.keys(named)) {
      if (!INVOKE_ARGUMENTS.has(argument)) refuse(`argument ${argument} of lambda:invoke`);
    }
    if ((named.InvocationType ?? 'RequestResponse') !== 'RequestResponse') refuse('InvocationType');
  } else if (state.Type === 'Map' && !isDistributed(state)) {
    const { ItemReader, ItemBatcher, ResultWriter, ToleratedFailureCount, ToleratedFailurePercentage } = state;
    const distributedOnly = {
      ItemReader,
      ItemBatcher,
      ResultWriter,
      ToleratedFailureCount,
      ToleratedFailurePercentage,
    };
    for (const [field, value] of Object.entries(distributedOnly)) {
      if (value !== undefined) refuse(`${field} outside a Distributed Map`);
    }
  }
}

function checkExpressions(value: unknown, where: string): void {
  if (typeof value === 'string' && isExpression(value)) {
    try {
      checkExpression(value);
    } catch (cause) {
      throw new Problem('configuration-invalid', { detail: `${where}: ${value} is not JSONata 2.0.6.`, cause });
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) checkExpressions(member, where);
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const unknownField = result.error.issues.some((issue) => issue.code === 'unrecognized_keys');
  const detail = `${where}: ${z.prettifyError(result.error)}`;
  throw new Problem(unknownField ? 'not-implemented' : 'configuration-invalid', { detail });
}
