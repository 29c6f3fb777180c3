/** Executions, machines and events as the API of Step Functions describes them. Times are seconds since the epoch. */
import type { DeployedMachine } from './engine.ts';
import type { Execution } from './journal/executions.ts';
import type { HistoryEvent } from './journal/history.ts';
import { isObject, type Json } from './json.ts';

const seconds = (at: number): number => at / 1_000;

export function listedExecution(execution: Execution): Record<string, unknown> {
  const { stoppedAt, redrivenAt, mapRun } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machineArn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: seconds(stoppedAt) }),
    ...(mapRun === undefined ? {} : { mapRunArn: mapRun, itemCount: execution.items }),
    redriveCount: execution.redriveCount,
    ...(redrivenAt === undefined ? {} : { redriveDate: seconds(redrivenAt) }),
  };
}

/** @param blocker why it cannot be redriven, if it cannot */
export function describedExecution(execution: Execution, blocker: string | undefined): Record<string, unknown> {
  const { output, error, cause } = execution;
  const { itemCount: _, ...listed } = listedExecution(execution);
  return {
    ...listed,
    input: execution.input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    redriveStatus: blocker === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(blocker === undefined ? {} : { redriveStatusReason: blocker }),
  };
}

export function describedMachine(machine: DeployedMachine): Record<string, unknown> {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    status: 'ACTIVE',
    definition: machine.definition,
    roleArn: machine.roleArn,
    type: 'STANDARD',
    creationDate: 0,
  };
}

/** Members of an event's details that are execution data, which the caller may leave out. */
const DATA = new Set(['input', 'output', 'parameters', 'error', 'cause', 'assignedVariables']);

export function renderedEvent(event: HistoryEvent, withData: boolean): Record<string, unknown> {
  const { detailsMember, details } = event;
  const shown: Json =
    withData || !isObject(details)
      ? details
      : Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name)));
  return {
    id: event.id,
    previousEventId: event.previousEventId,
    type: event.type,
    timestamp: seconds(event.timestamp),
    ...(detailsMember === undefined ? {} : { [detailsMember]: shown }),
  };
}
