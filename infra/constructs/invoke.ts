import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { STAGE_TIMEOUT } from './boundary-function.ts';

/** Name of the error by which a stage says that repeating may cure it. */
const TRANSIENT = 'Transient';

export const jsonata = (expression: string): string => `{% ${expression} %}`;

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
  // A throttle, a time-out, a lost connection (shared/transient.ts), behind the SDK's own retries: KMS and DynamoDB throttle by quotas
  // that many runs share, so that waiting helps, and runs that wait must not come back all at once. Ten minutes at the most.
  task.addRetry({
    errors: [TRANSIENT],
    interval: Duration.seconds(2),
    maxAttempts: 10,
    backoffRate: 2,
    maxDelay: Duration.seconds(120),
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
