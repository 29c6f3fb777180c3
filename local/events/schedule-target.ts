/** What a schedule does, and in whose name: it starts an execution in its own role, as its group. */
import type { Callers } from '../iam/callers.ts';
import { ApiError, type Authorizer } from '../service.ts';
import type { QueueSender } from '../sqs/service.ts';
import type { DeployedMachine, Engine } from '../states/engine.ts';
import { requireInput, requireName } from '../states/service.ts';
import type { Schedule } from './schedule.ts';
import type { Due, SchedulerOptions } from './scheduler.ts';

const SCHEDULER = 'scheduler.amazonaws.com';

export interface ScheduleTargetOptions {
  readonly callers: Callers;
  readonly authorizer: Authorizer;
  readonly engine: Engine;
  /** By ARN. */
  readonly machines: ReadonlyMap<string, DeployedMachine>;
  readonly sender: QueueSender;
}

export function scheduleTarget(options: ScheduleTargetOptions): Pick<SchedulerOptions, 'deliver' | 'bury'> {
  const { callers, authorizer, engine, machines, sender } = options;
  return {
    deliver: (schedule, due) => {
      const { machineArn, name, input } = schedule.start;
      const caller = callers.ofServiceInRole(schedule.roleArn, SCHEDULER, schedule.groupArn);
      authorizer.require(caller, {
        action: 'states:StartExecution',
        resource: machineArn,
        context: {},
        resourceAccount: caller.accountId,
      });
      const machine = machines.get(machineArn);
      if (!machine)
        throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn}'`, 400);
      const [filledName, filledInput] = [
        name === undefined ? undefined : filled(name, schedule, due),
        filled(input, schedule, due),
      ];
      if (filledName !== undefined) requireName(filledName);
      requireInput(filledInput);
      try {
        engine.start(machine, filledName, filledInput);
      } catch (error) {
        // An attempt whose answer was lost has started it.
        if (!(error instanceof ApiError && error.code === 'ExecutionAlreadyExists')) throw error;
      }
    },
    bury: (schedule, queueArn, due, error) => {
      const caller = callers.ofServiceInRole(schedule.roleArn, SCHEDULER, schedule.groupArn);
      sender.send(caller, queueArn, filled(JSON.stringify(schedule.start), schedule, due), {
        ERROR_CODE: error.code,
        ERROR_MESSAGE: error.message,
        EXECUTION_ID: due.id,
        RETRY_ATTEMPTS: String(due.attempts),
        SCHEDULE_ARN: schedule.arn,
        SCHEDULED_TIME: timeOf(due),
        TARGET_ARN: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
      });
    },
  };
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
const filled = (text: string, schedule: Schedule, due: Due): string =>
  text
    .replaceAll('<aws.scheduler.execution-id>', due.id)
    .replaceAll('<aws.scheduler.scheduled-time>', timeOf(due))
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.attempt-number>', String(due.attempts + 1));

const timeOf = (due: Due): string => new Date(due.at).toISOString().replace(/\.\d+Z$/, 'Z');
