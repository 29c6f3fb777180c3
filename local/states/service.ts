/** The API of Step Functions (https://docs.aws.amazon.com/step-functions/latest/apireference/). */
import * as z from 'zod';
import { jsonOperation, jsonService } from '../gateway/json-service.ts';
import { ApiError, type ApiRequest, type Authorizer, type Service } from '../service.ts';
import type { Store } from '../store.ts';
import { describedExecution, describedMachine, listedExecution, renderedEvent } from './answers.ts';
import type { DeployedMachine, Engine } from './engine.ts';
import { type Execution, findExecution, listExecutions } from './journal/executions.ts';
import { readHistory } from './journal/history.ts';
import { MAXIMUM_PAYLOAD_BYTES } from './json.ts';
import { redriveBlocker } from './redrive.ts';

export interface StatesServiceOptions {
  readonly store: Store;
  readonly engine: Engine;
  /** By ARN. */
  readonly machines: ReadonlyMap<string, DeployedMachine>;
  readonly authorizer: Authorizer;
  readonly now: () => number;
}

const executionArn = z.string();
const page = { maxResults: z.int().min(0).max(1_000).optional(), nextToken: z.string().optional() };
/** "A name must not contain" white space, brackets, wildcards, special or control characters (StartExecution). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const EXECUTION_NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/;

export function createStatesService(options: StatesServiceOptions): Service {
  const { store, engine, machines, now } = options;

  const authorize = (request: ApiRequest, action: string, resource: string): void =>
    options.authorizer.require(request.caller, {
      action: `states:${action}`,
      resource,
      context: {},
      resourceAccount: request.caller.accountId,
    });

  const machine = (request: ApiRequest, action: string, arn: string): DeployedMachine => {
    authorize(request, action, arn);
    const found = machines.get(arn);
    if (!found) throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`, 400);
    return found;
  };

  const execution = (request: ApiRequest, action: string, arn: string): Execution => {
    authorize(request, action, arn);
    const found = findExecution(store, arn);
    if (!found) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`, 400);
    return found;
  };

  return jsonService({
    signingName: 'states',
    name: 'States',
    target: 'AWSStepFunctions',
    contentType: 'application/x-amz-json-1.0',
    operations: {
      StartExecution: jsonOperation(
        z.strictObject({ stateMachineArn: z.string(), name: z.string().optional(), input: z.string().default('{}') }),
        ({ stateMachineArn, name, input }, request) => {
          const target = machine(request, 'StartExecution', stateMachineArn);
          if (name !== undefined) requireName(name);
          requireInput(input);
          const started = engine.start(target, name, input);
          return { executionArn: started.arn, startDate: started.startedAt / 1_000 };
        },
      ),

      DescribeExecution: jsonOperation(
        z.strictObject({ executionArn, includedData: z.literal('ALL_DATA').optional() }),
        (input, request) => {
          const found = execution(request, 'DescribeExecution', input.executionArn);
          return describedExecution(found, redriveBlocker(found, now()));
        },
      ),

      ListExecutions: jsonOperation(
        z.strictObject({
          ...page,
          stateMachineArn: z.string().optional(),
          mapRunArn: z.string().optional(),
          statusFilter: z.string().optional(),
        }),
        ({ stateMachineArn, mapRunArn, statusFilter, maxResults, nextToken }, request) => {
          if (mapRunArn !== undefined) authorize(request, 'ListExecutions', mapRunArn);
          else machine(request, 'ListExecutions', stateMachineArn ?? '');
          const all = listExecutions(store, { machineArn: stateMachineArn, mapRun: mapRunArn, status: statusFilter });
          const { items, next } = paged(all, maxResults, nextToken);
          return { executions: items.map(listedExecution), ...next };
        },
      ),

      GetExecutionHistory: jsonOperation(
        z.strictObject({
          ...page,
          executionArn,
          reverseOrder: z.boolean().default(false),
          includeExecutionData: z.boolean().default(true),
        }),
        (input, request) => {
          const { arn } = execution(request, 'GetExecutionHistory', input.executionArn);
          const limit = input.maxResults || 100;
          const offset = offsetOf(input.nextToken);
          const events = readHistory(store, arn, { limit: limit + 1, offset, reverse: input.reverseOrder });
          return {
            events: events.slice(0, limit).map((event) => renderedEvent(event, input.includeExecutionData)),
            ...(events.length > limit ? { nextToken: String(offset + limit) } : {}),
          };
        },
      ),

      StopExecution: jsonOperation(
        z.strictObject({
          executionArn,
          error: z.string().max(256).optional(),
          cause: z.string().max(32_768).optional(),
        }),
        ({ executionArn: arn, error, cause }, request) => {
          execution(request, 'StopExecution', arn);
          return { stopDate: (engine.stop(arn, error, cause).stoppedAt ?? now()) / 1_000 };
        },
      ),

      RedriveExecution: jsonOperation(
        z.strictObject({ executionArn, clientToken: z.string().optional() }),
        ({ executionArn: arn }, request) => {
          execution(request, 'RedriveExecution', arn);
          return { redriveDate: (engine.redrive(arn).redrivenAt ?? now()) / 1_000 };
        },
      ),

      DescribeStateMachine: jsonOperation(
        z.strictObject({ stateMachineArn: z.string(), includedData: z.literal('ALL_DATA').optional() }),
        (input, request) => describedMachine(machine(request, 'DescribeStateMachine', input.stateMachineArn)),
      ),

      ListStateMachines: jsonOperation(z.strictObject(page), ({ maxResults, nextToken }, request) => {
        authorize(request, 'ListStateMachines', '*');
        const { items, next } = paged([...machines.values()], maxResults, nextToken);
        const listed = items.map(({ arn, name }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD',
          creationDate: 0,
        }));
        return { stateMachines: listed, ...next };
      }),
    },
  });
}

/** @throws ApiError `InvalidName` */
export function requireName(name: string): void {
  if (!EXECUTION_NAME.test(name)) throw new ApiError('InvalidName', 'Invalid Name', 400);
}

/** @throws ApiError `InvalidExecutionInput` */
export function requireInput(input: string): void {
  const refuse = (why: string): never => {
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: ${why}`, 400);
  };
  if (Buffer.byteLength(input) > MAXIMUM_PAYLOAD_BYTES) refuse(`more than ${MAXIMUM_PAYLOAD_BYTES} bytes`);
  try {
    JSON.parse(input);
  } catch {
    refuse('not JSON');
  }
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  if (/^\d{1,9}$/.test(token)) return Number(token);
  throw new ApiError('InvalidToken', 'Invalid Token', 400);
}

function paged<T>(all: readonly T[], limit: number | undefined, token: string | undefined) {
  const from = offsetOf(token);
  const to = from + (limit || 100);
  return { items: all.slice(from, to), next: to < all.length ? { nextToken: String(to) } : {} };
}
