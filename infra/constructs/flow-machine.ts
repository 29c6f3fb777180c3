/**
 * The state machine of the flow. What it holds are references and counts (shared/messages.ts); what it decides is only
 * which boundary comes next.
 *
 * Variables: `upload` (or null in custody), `custody` (or null for an upload), `execution` (owner of the lease), `run`, `manifest`, `cursor` (of a stage that
 * goes on), `ending` and `error` (of a failure on its way to the seal).
 */
import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { StageResult } from '../../shared/messages.ts';
import { type Actor, CUSTODY, STAGES, type Stage } from '../../shared/names.ts';
import { STAGE_TIMEOUT } from './boundary-function.ts';

type Boundary = Exclude<Stage, 'seal'>;
type Outcome = StageResult['outcome'];

const BOUNDARIES = STAGES.filter((stage): stage is Boundary => stage !== 'seal');

export const jsonata = (expression: string): string => `{% ${expression} %}`;
/** An object whose members are left out where their variable is null: a field that is absent, not one that is null. */
const request = (members: string, optional: readonly string[]): string =>
  jsonata(`$merge([${[members, ...optional.map((name) => `$${name} ? {'${name}': $${name}} : {}`)].join(', ')}])`);

const hasOutcome = (...outcomes: Outcome[]): sfn.Condition =>
  sfn.Condition.jsonata(jsonata(`$states.input.outcome in [${outcomes.map((each) => `'${each}'`).join(', ')}]`));

export class FlowMachine extends Construct {
  readonly definition: sfn.Chain;
  readonly #functions: Readonly<Record<Actor, lambda.IFunction>>;

  constructor(scope: Construct, id: string, functions: Readonly<Record<Actor, lambda.IFunction>>) {
    super(scope, id);
    this.#functions = functions;

    const done = sfn.Succeed.jsonata(this, 'done');
    const settled = sfn.Succeed.jsonata(this, 'settled', {
      comment: 'Another execution has done, or is doing, this run',
    });
    const failed = sfn.Fail.jsonata(this, 'failed', {
      comment: 'The cause stays in the log: it may quote input',
      error: jsonata('$error'),
      cause: 'See the log of the stage',
    });
    const seal = this.#task(
      'seal',
      request("{'execution': $execution, 'ending': $ending}", ['run', 'upload', 'custody', 'error']),
    );
    seal.next(
      sfn.Choice.jsonata(this, 'after-seal')
        .when(sfn.Condition.jsonata(jsonata("$ending = 'completed'")), done)
        .otherwise(failed),
    );

    const tasksOf = Object.fromEntries(BOUNDARIES.map((stage) => [stage, this.#boundary(stage, seal)])) as Record<
      Boundary,
      tasks.LambdaInvoke
    >;
    BOUNDARIES.forEach((stage, index) => {
      const next = BOUNDARIES[index + 1];
      tasksOf[stage].next(this.#after(stage, tasksOf[stage], next ? tasksOf[next] : seal, seal, settled));
    });

    const custody = this.#custody(tasksOf, { seal, settled, failed });
    const begin = sfn.Pass.jsonata(this, 'begin', {
      comment: 'The event of EventBridge, or a request to the custodian',
      assign: {
        execution: jsonata('$states.context.Execution.Id'),
        upload: jsonata(uploadOf('$states.input')),
        custody: jsonata(quarantinedOf('$states.input')),
        run: null,
        manifest: null,
        cursor: null,
        ending: 'completed',
        error: null,
      },
    });
    this.definition = begin.next(
      sfn.Choice.jsonata(this, 'kind')
        .when(sfn.Condition.jsonata(jsonata('$exists($states.input.custody)')), custody)
        .when(sfn.Condition.jsonata(jsonata('$exists($states.input.detail.object)')), tasksOf.ingestion)
        .otherwise(sfn.Fail.jsonata(this, 'unknown-input', { error: 'Parapet.UnknownInput' })),
    );
  }

  #boundary(stage: Boundary, seal: sfn.State): tasks.LambdaInvoke {
    const payload = request("{'execution': $execution}", [
      ...(stage === 'ingestion' ? ['upload'] : ['run', 'manifest']),
      'cursor',
    ]);
    const task = this.#task(stage, payload, ANSWER);
    // Whatever happened, the seal comes last. Not caught here: aborts and time-outs of the execution, and what States.ALL
    // leaves out (DataLimitExceeded, Runtime); those reach the seal by the rule on the execution's status.
    task.addCatch(seal, {
      errors: [sfn.Errors.ALL],
      assign: { ending: 'failed', error: jsonata('$states.errorOutput.Error') },
    });
    return task;
  }

  #after(stage: Boundary, self: sfn.State, next: sfn.State, seal: sfn.State, settled: sfn.State): sfn.Choice {
    return sfn.Choice.jsonata(this, `after-${stage}`)
      .when(hasOutcome('passed'), next)
      .when(hasOutcome('continued'), self)
      .when(hasOutcome('emptied', 'refused'), seal)
      .when(hasOutcome('settled'), settled)
      .otherwise(this.#unknownOutcome(stage, seal));
  }

  #unknownOutcome(actor: Actor, seal: sfn.State): sfn.Chain {
    return sfn.Pass.jsonata(this, `unknown-outcome-of-${actor}`, {
      assign: { ending: 'failed', error: 'Parapet.UnknownOutcome' },
    }).next(seal);
  }

  /**
   * Release and discard, each a run of its own. The custodian's answer stands for that of the stage before the boundary
   * which turned the records away: they enter again there, and no rule is passed over.
   */
  #custody(
    boundaries: Readonly<Record<Boundary, sfn.State>>,
    ends: { seal: sfn.State; settled: sfn.State; failed: sfn.State },
  ): sfn.State {
    const task = this.#task(CUSTODY, jsonata("{'execution': $execution, 'custody': $states.input.custody}"), ANSWER);
    // What could not be done is sealed as well, under the run that the segment names. Asking again resumes it.
    const nameable = sfn.Choice.jsonata(this, 'after-failed-custody')
      .when(sfn.Condition.jsonata(jsonata('$custody != null')), ends.seal)
      .otherwise(ends.failed);
    task.addCatch(nameable, {
      errors: [sfn.Errors.ALL],
      assign: { ending: 'failed', error: jsonata('$states.errorOutput.Error') },
    });
    const after = sfn.Choice.jsonata(this, `after-${CUSTODY}`);
    BOUNDARIES.forEach((stage, index) => {
      const next = BOUNDARIES[index + 1];
      if (!next) return;
      const answered = `$states.input.outcome = 'passed' and $states.input.stage = '${stage}'`;
      after.when(sfn.Condition.jsonata(jsonata(answered)), boundaries[next]);
    });
    task.next(
      after
        .when(hasOutcome('emptied', 'refused'), ends.seal)
        .when(hasOutcome('settled'), ends.settled)
        .otherwise(this.#unknownOutcome(CUSTODY, ends.seal)),
    );
    return task;
  }

  #task(actor: Actor, payload: string, assign?: Record<string, string>): tasks.LambdaInvoke {
    return invoke(this, actor, this.#functions[actor], payload, assign);
  }
}

const orNull = (member: string): string =>
  jsonata(`$exists($states.result.Payload.${member}) ? $states.result.Payload.${member} : null`);

/** What is kept of a StageResult (shared/messages.ts). */
const ANSWER = { run: jsonata('$states.result.Payload.run'), manifest: orNull('manifest'), cursor: orNull('cursor') };

/** UploadReference of shared/messages.ts, out of an `Object Created` event; null for anything else. */
export const uploadOf = (event: string): string =>
  [
    `$exists(${event}.detail.object) ? {`,
    `'bucket': ${event}.detail.bucket.name,`,
    `'key': ${event}.detail.object.key,`,
    `'versionId': ${event}.detail.object.\`version-id\`,`,
    `'size': ${event}.detail.object.size,`,
    `'sourceAddress': ${event}.detail.\`source-ip-address\`,`,
    `'time': ${event}.time`,
    '} : null',
  ].join(' ');

/** QuarantineReference of shared/messages.ts, out of a request to the custodian; null for anything that names nothing. */
export const quarantinedOf = (event: string): string =>
  [
    `($asked := ${event}.custody;`,
    "$named := $type($asked.run) = 'string' and $length($string($asked.run)) = 32;",
    "$named and $asked.upload = 'copy' ? {'run': $asked.run, 'upload': 'copy'} :",
    "$named and $type($asked.attempt) = 'string' and $length($string($asked.attempt)) = 16",
    `and $asked.stage in ${JSON.stringify(STAGES)} and $type($asked.chunk) = 'number' ?`,
    "{'run': $asked.run, 'stage': $asked.stage, 'attempt': $asked.attempt, 'chunk': $asked.chunk}",
    ': null)',
  ].join(' ');

/** Invokes a function; its answer becomes the state's output. */
export function invoke(
  scope: Construct,
  name: string,
  target: lambda.IFunction,
  payload: string,
  assign?: Record<string, string>,
): tasks.LambdaInvoke {
  const task = tasks.LambdaInvoke.jsonata(scope, name, {
    lambdaFunction: target,
    payload: sfn.TaskInput.fromText(payload),
    outputs: jsonata('$states.result.Payload'),
    retryOnServiceExceptions: false,
    taskTimeout: sfn.Timeout.duration(STAGE_TIMEOUT.plus(Duration.seconds(30))),
    ...(assign ? { assign } : {}),
  });
  // Lambda's own trouble first: it is short, and says nothing about the work.
  task.addRetry({
    errors: [
      'Lambda.ClientExecutionTimeoutException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    interval: Duration.seconds(1),
    maxAttempts: 6,
    backoffRate: 2,
    maxDelay: Duration.seconds(60),
    jitterStrategy: sfn.JitterType.FULL,
  });
  // A refusal is an answer, not an error: every error here is worth another attempt, which resumes what is committed.
  task.addRetry({
    errors: [sfn.Errors.ALL],
    interval: Duration.seconds(2),
    maxAttempts: 3,
    backoffRate: 2,
    jitterStrategy: sfn.JitterType.FULL,
  });
  return task;
}
