/**
 * The states that both machines are made of: the boundaries in their order, and the seal. What they hold are references and counts
 * (shared/messages.ts); what they decide is only which boundary comes next.
 *
 * Variables: `upload` (null in custody), `custody` (null for an upload), `execution` (owner of the lease), `run`, `submission` (null for an
 * upload), `manifest`, `cursor` (of
 * a stage that goes on), `ending` and `failure` (the error's name, on its way to the seal), `redrives` (how many had been when it failed).
 */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { StageResult } from '../../shared/messages.ts';
import { type Actor, STAGES, type Stage } from '../../shared/names.ts';
import { invoke, jsonata } from './invoke.ts';

export type Boundary = Exclude<Stage, 'seal'>;
type Outcome = StageResult['outcome'];
type Functions = Readonly<Partial<Record<Actor, lambda.IFunction>>>;

export const BOUNDARIES = STAGES.filter((stage): stage is Boundary => stage !== 'seal');

/** An object whose members are left out where their variable is null: a field that is absent, not one that is null. */
const request = (members: string, optional: readonly string[]): string =>
  jsonata(`$merge([${[members, ...optional.map((name) => `$${name} ? {'${name}': $${name}} : {}`)].join(', ')}])`);

export const hasOutcome = (...outcomes: Outcome[]): sfn.Condition =>
  sfn.Condition.jsonata(jsonata(`$states.input.outcome in [${outcomes.map((each) => `'${each}'`).join(', ')}]`));

const orNull = (member: string): string =>
  jsonata(`$exists($states.result.Payload.${member}) ? $states.result.Payload.${member} : null`);

/**
 * What is kept of a StageResult (shared/messages.ts). Which run it is, and which submission the records are of, the first that answers
 * says, and nobody after it: a stage that was compromised cannot make the next one act for another's.
 */
const HANDOVER = { manifest: orNull('manifest'), cursor: orNull('cursor') };
export const FIRST_ANSWER = {
  ...HANDOVER,
  run: jsonata('$states.result.Payload.run'),
  submission: orNull('submission'),
};

/** How an execution begins, and begins again. */
export const BEGINNING = {
  run: null,
  submission: null,
  manifest: null,
  cursor: null,
  ending: 'completed',
  failure: null,
};
const REDRIVES = jsonata('$states.context.Execution.RedriveCount');
const FAILED = { ending: 'failed', failure: jsonata('$states.errorOutput.Error'), redrives: REDRIVES };

export class BoundaryStates {
  readonly seal: sfn.IChainable;
  readonly settled: sfn.State;
  readonly #scope: Construct;
  readonly #functions: Functions;

  /** @param failed what follows when the seal of a failure is written. */
  constructor(scope: Construct, functions: Functions, failed: sfn.State) {
    this.#scope = scope;
    this.#functions = functions;
    this.settled = sfn.Succeed.jsonata(scope, 'settled', {
      comment: 'Another execution has done, or is doing, this run',
    });
    const whatEnded = ['run', 'upload', 'custody'];
    const payload = jsonata(
      `$merge([{'execution': $execution, 'ending': $ending}, ${[
        ...whatEnded.map((name) => `$${name} ? {'${name}': $${name}} : {}`),
        "$failure ? {'error': $failure} : {}",
      ].join(', ')}])`,
    );
    const seal = this.task('seal', payload);
    seal.next(
      sfn.Choice.jsonata(scope, 'after-seal')
        .when(sfn.Condition.jsonata(jsonata("$ending = 'completed'")), sfn.Succeed.jsonata(scope, 'done'))
        .otherwise(failed),
    );
    this.seal = seal;
  }

  /** These boundaries, each with what follows it: the next, itself again, or the seal. */
  chain<Name extends Boundary>(names: readonly Name[]): Readonly<Record<Name, sfn.State>> {
    const made = names.map((stage) => [stage, this.#boundary(stage)] as const);
    made.forEach(([stage, task], index) => {
      task.next(this.#after(stage, task, made[index + 1]?.[1] ?? this.seal));
    });
    return Object.fromEntries(made) as unknown as Record<Name, sfn.State>;
  }

  /** Invokes a function of this machine's; where it fails for good, `caught` follows. */
  task(actor: Actor, payload: string, assign?: Record<string, string>, caught?: sfn.IChainable): tasks.LambdaInvoke {
    const target = this.#functions[actor];
    if (target === undefined) throw new Error(`this machine does not invoke ${actor}`);
    const task = invoke(this.#scope, actor, target, payload, assign);
    // Not caught here: aborts and time-outs of the execution, and what States.ALL leaves out (DataLimitExceeded, Runtime); those reach
    // the seal by the rule on the execution's status.
    if (caught !== undefined) task.addCatch(caught, { errors: [sfn.Errors.ALL], assign: FAILED });
    return task;
  }

  unknownOutcome(actor: Actor): sfn.IChainable {
    return sfn.Pass.jsonata(this.#scope, `unknown-outcome-of-${actor}`, {
      assign: { ...FAILED, failure: 'Parapet.UnknownOutcome' },
    }).next(this.seal);
  }

  #boundary(stage: Boundary): tasks.LambdaInvoke {
    const ingesting = stage === 'ingestion';
    const payload = request("{'execution': $execution}", [
      ...(ingesting ? ['upload'] : ['run', 'manifest']),
      ...(stage === 'egress' ? ['submission'] : []),
      'cursor',
    ]);
    // Whatever happened, the seal comes last.
    return this.task(stage, payload, ingesting ? FIRST_ANSWER : HANDOVER, this.seal);
  }

  #after(stage: Boundary, self: sfn.State, next: sfn.IChainable): sfn.Choice {
    return sfn.Choice.jsonata(this.#scope, `after-${stage}`)
      .when(hasOutcome('passed'), next)
      .when(hasOutcome('continued'), self)
      .when(hasOutcome('emptied', 'refused'), this.seal)
      .when(hasOutcome('settled'), this.settled)
      .otherwise(this.unknownOutcome(stage));
  }
}

/** The state of a machine that has failed and been sealed as such, once and for all. */
export function failedState(scope: Construct): sfn.State {
  return sfn.Fail.jsonata(scope, 'failed', {
    comment: 'The cause stays in the log: it may quote input',
    error: jsonata('$failure'),
    cause: 'See the log of the stage',
  });
}

export function unknownInput(scope: Construct): sfn.State {
  return sfn.Fail.jsonata(scope, 'unknown-input', { error: 'Parapet.UnknownInput' });
}

/**
 * The same for a machine that a redrive takes up again. A redrive goes on at the state that failed: a Fail state would fail again, a
 * Choice is evaluated again (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html). Until then its expression
 * fails, and with it the execution.
 */
export function failedUntilRedriven(scope: Construct, again: sfn.State): sfn.State {
  const redriven = '$states.context.Execution.RedriveCount > $redrives';
  return sfn.Choice.jsonata(scope, 'failed', {
    comment: 'Fails, naming what failed; the cause stays in the log, as it may quote input. A redrive begins anew',
  }).when(sfn.Condition.jsonata(jsonata(`${redriven} ? true : $error($failure)`)), again);
}
