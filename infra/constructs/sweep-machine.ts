/**
 * The state machine of a sweep. What it holds are references and counts (functions/sweep/protocol/messages.ts); whatever fails, the report
 * comes last, and says so.
 *
 * Variables: `execution`, `dataset`, `startedAt`, `ending`. Those of the Distributed Map's children: `item`.
 */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { SWEEP_EVENT, type SweepStep } from '../../shared/names.ts';
import { invoke, jsonata } from './invoke.ts';

type Functions = Readonly<Record<SweepStep, lambda.IFunction>>;

const REQUEST = jsonata("{'execution': $execution, 'dataset': $dataset}");
const REPORT = jsonata("{'execution': $execution, 'dataset': $dataset, 'startedAt': $startedAt, 'ending': $ending}");
/** The list of one sweep has up to 8192 partitions; what the children give back is dropped, as it would not fit into a state. */
const NOTHING = '';

export class SweepMachine extends Construct {
  readonly definition: sfn.IChainable;

  constructor(scope: Construct, id: string, functions: Functions, bucket: s3.Bucket) {
    super(scope, id);
    const ended = reporting(this, functions.report);
    const failed = (state: tasks.LambdaInvoke): tasks.LambdaInvoke => {
      state.addCatch(ended, { errors: [sfn.Errors.ALL], assign: { ending: 'failed' } });
      return state;
    };
    const compare = failed(invoke(this, 'compare', functions.compare, REQUEST));
    const locate = failed(invoke(this, 'locate', functions.locate, REQUEST)).next(ended);
    const settle = sfn.Wait.jsonata(this, 'settle', {
      comment: 'What is on its way between settled sides arrives meanwhile',
      time: sfn.WaitTime.seconds(jsonata('$states.input.delaySeconds')),
    });
    compare.next(
      sfn.Choice.jsonata(this, 'after-compare')
        .when(sfn.Condition.jsonata(jsonata("$states.input.outcome = 'incomplete'")), ended)
        .otherwise(settle.next(locate)),
    );
    const plan = failed(invoke(this, 'plan', functions.plan, REQUEST));
    plan.next(
      sfn.Choice.jsonata(this, 'after-plan')
        .when(
          sfn.Condition.jsonata(jsonata("$states.input.outcome = 'planned'")),
          this.#partitions(functions, bucket, compare),
        )
        .otherwise(ended),
    );
    this.definition = sfn.Pass.jsonata(this, 'begin', {
      comment: 'The dataset, from a schedule or a person',
      assign: {
        execution: jsonata('$states.context.Execution.Id'),
        startedAt: jsonata('$states.context.Execution.StartTime'),
        dataset: jsonata('$states.input.dataset'),
        ending: 'completed',
      },
    }).next(plan);
  }

  /** One child execution per partition. The first that cannot be read decides the sweep: reading on would only burden the engines. */
  #partitions(functions: Functions, bucket: s3.Bucket, next: sfn.State): sfn.State {
    const map = sfn.DistributedMap.jsonata(this, 'partitions', {
      label: 'partitions',
      mapExecutionType: sfn.StateMachineType.STANDARD,
      jsonataMaxConcurrency: jsonata('$states.input.workers'),
      toleratedFailureCount: 0,
      itemReader: new sfn.S3JsonItemReader({ bucket: bucket as s3.IBucket, key: jsonata('$states.input.items.key') }),
      itemSelector: {
        execution: jsonata('$execution'),
        dataset: jsonata('$dataset'),
        side: jsonata('$states.context.Map.Item.Value.side'),
        partition: jsonata('$states.context.Map.Item.Value.partition'),
      },
      outputs: NOTHING,
    });
    const hash = invoke(this, 'hash', functions.hash, jsonata('$item'));
    const outcome = (name: string): sfn.Condition =>
      sfn.Condition.jsonata(jsonata(`$states.input.outcome = '${name}'`));
    hash.next(
      sfn.Choice.jsonata(this, 'after-hash')
        .when(outcome('done'), sfn.Succeed.jsonata(this, 'hashed', { outputs: NOTHING }))
        // Time was up: another invocation goes on where this one stopped.
        .when(outcome('continued'), hash)
        .otherwise(
          sfn.Fail.jsonata(this, 'unread', {
            comment: 'Why stands in the store of the sweep, and in its report',
            error: 'Parapet.PartitionUnread',
          }),
        ),
    );
    map.itemProcessor(sfn.Pass.jsonata(this, 'partition', { assign: { item: jsonata('$states.input') } }).next(hash), {
      mode: sfn.ProcessorMode.DISTRIBUTED,
      executionType: sfn.ProcessorType.STANDARD,
    });
    // What was read before still counts for the coverage that the report shows.
    map.addCatch(next, { errors: [sfn.Errors.ALL] });
    map.next(next);
    return map;
  }
}

/** Statuses that an execution can end in without its report, and how the report names each. */
export const UNREPORTED = { FAILED: 'failed', TIMED_OUT: 'timed-out', ABORTED: 'aborted' } as const;

/** Reports what the sweep could not: an execution that was aborted, that timed out, or that failed in a way that no catch sees. */
export class SweepClosingMachine extends Construct {
  readonly definition: sfn.IChainable;

  constructor(scope: Construct, id: string, report: lambda.IFunction) {
    super(scope, id);
    this.definition = sfn.Pass.jsonata(this, 'begin', {
      assign: {
        execution: jsonata('$states.input.detail.executionArn'),
        startedAt: jsonata('$fromMillis($states.input.detail.startDate)'),
        dataset: jsonata('$parse($states.input.detail.input).dataset'),
        ending: jsonata(`$lookup(${JSON.stringify(UNREPORTED)}, $states.input.detail.status)`),
      },
    }).next(reporting(this, report));
  }
}

/** The report, and the event that says it to others. */
function reporting(scope: Construct, report: lambda.IFunction): sfn.State {
  const tell = tasks.EventBridgePutEvents.jsonata(scope, 'tell', {
    entries: [
      {
        source: SWEEP_EVENT.source,
        detailType: SWEEP_EVENT.detailType,
        detail: sfn.TaskInput.fromText(jsonata('$states.input.event')),
      },
    ],
    outputs: jsonata('$states.input'),
  });
  tell.addRetry({ errors: [sfn.Errors.ALL], maxAttempts: 5 });
  tell.next(sfn.Succeed.jsonata(scope, 'done'));
  const task = invoke(scope, 'report', report, REPORT);
  task.next(tell);
  return task;
}
