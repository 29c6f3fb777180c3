/** What a rule delivers to, and in whose name: a state machine by the target's role; a queue or a function by its own policy. */
import type { Invoker } from '../functions/invoker.ts';
import type { Callers } from '../iam/callers.ts';
import { ApiError, type Authorizer } from '../service.ts';
import type { QueueSender } from '../sqs/service.ts';
import type { DeployedMachine, Engine } from '../states/engine.ts';
import { requireInput } from '../states/service.ts';
import type { Rule, Target } from './rule.ts';

const EVENTS = 'events.amazonaws.com';

export interface TargetOptions {
  readonly callers: Callers;
  readonly authorizer: Authorizer;
  readonly engine: Engine;
  /** By ARN. */
  readonly machines: ReadonlyMap<string, DeployedMachine>;
  readonly sender: QueueSender;
  readonly invoker: Invoker;
}

export interface Targets {
  deliver(rule: Rule, target: Target, payload: string): Promise<void>;
  bury(rule: Rule, queueArn: string, payload: string, attributes: Readonly<Record<string, string>>): void;
}

export function createTargets(options: TargetOptions): Targets {
  const { callers, authorizer, engine, machines, sender, invoker } = options;

  const startExecution = (rule: Rule, target: Target, payload: string): void => {
    const machine = machines.get(target.arn);
    if (!machine) throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${target.arn}'`, 400);
    if (target.roleArn === undefined)
      throw new ApiError('AccessDenied', `The target of ${rule.name} has no role.`, 403);
    const caller = callers.ofServiceInRole(target.roleArn, EVENTS, rule.arn);
    authorizer.require(caller, {
      action: 'states:StartExecution',
      resource: machine.arn,
      context: {},
      resourceAccount: caller.accountId,
    });
    requireInput(payload);
    engine.start(machine, undefined, payload);
  };

  return {
    deliver: async (rule, target, payload) => {
      const service = target.arn.split(':')[2];
      if (service === 'states') startExecution(rule, target, payload);
      else if (service === 'sqs') sender.send(callers.ofService(EVENTS, rule.arn), target.arn, payload, {});
      else if (service === 'lambda') {
        // Lambda's own queue for asynchronous invocations is not modelled: a failure is retried as the rule says.
        const { failed } = await invoker.invoke(callers.ofService(EVENTS, rule.arn), target.arn, payload);
        if (failed) throw new ApiError('FunctionError', 'The function failed.', 500);
      } else throw new ApiError('ResourceNotFound', `A target of ${service} is not served.`, 501);
    },
    bury: (rule, queueArn, payload, attributes) => {
      sender.send(callers.ofService(EVENTS, rule.arn), queueArn, payload, attributes);
    },
  };
}
