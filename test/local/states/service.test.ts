import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  PublishStateMachineVersionCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { machine, type Rig, rig } from '../events/support.ts';
import { allow, ROOT, role } from '../support/templates.ts';

let own: Rig;
afterEach(() => own.close());

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:S-Work';
const work = (more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Work',
  States: {
    Work: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: FUNCTION, Payload: '{% $states.input %}' },
      Output: '{% $states.result.Payload %}',
      End: true,
      ...more,
    },
  },
});
const invoke = allow('lambda:InvokeFunction', { Resource: FUNCTION });
const code = {
  Work: 'export const handler = async (event) => { if (event.fail) throw new Error("no"); if (event.long) await new Promise((r) => setTimeout(r, 60_000)); return event; };',
};

const start = async (input: object, name?: string) => {
  const stateMachineArn = own.arn('AWS::StepFunctions::StateMachine', 'Flow');
  const started = await own.sfn.send(
    new StartExecutionCommand({
      stateMachineArn,
      input: JSON.stringify(input),
      ...(name === undefined ? {} : { name }),
    }),
  );
  return started.executionArn ?? '';
};
const described = (executionArn: string) => own.sfn.send(new DescribeExecutionCommand({ executionArn }));

describe('the API of Step Functions, by its real client', () => {
  it('starts, describes and lists an execution, and gives its history in pages', async () => {
    own = await rig(machine('Flow', work(), [invoke]), { code });
    const executionArn = await start({ a: 1 }, 'first');
    await own.idle();
    expect(await described(executionArn)).toMatchObject({
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:Flow:first',
      name: 'first',
      status: 'SUCCEEDED',
      input: '{"a":1}',
      output: '{"a":1}',
      redriveStatus: 'NOT_REDRIVABLE',
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
    });
    const stateMachineArn = own.arn('AWS::StepFunctions::StateMachine', 'Flow');
    const { executions } = await own.sfn.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: 'SUCCEEDED' }),
    );
    expect(executions?.map((each) => each.executionArn)).toEqual([executionArn]);

    const first = await own.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 5 }));
    const { nextToken } = first;
    const second = await own.sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken }));
    expect([...(first.events ?? []), ...(second.events ?? [])].map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(first.events?.[2]?.taskScheduledEventDetails).toMatchObject({ resource: 'invoke', resourceType: 'lambda' });
    const { events } = await own.sfn.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, includeExecutionData: false }),
    );
    expect(events?.[0]?.executionSucceededEventDetails).toEqual({ outputDetails: { truncated: false } });
  });

  it('redrives what failed and stops what runs', async () => {
    own = await rig(machine('Flow', work(), [invoke]), { code });
    const failed = await start({ fail: true });
    await own.idle();
    expect(await described(failed)).toMatchObject({ status: 'FAILED', error: 'Error', redriveStatus: 'REDRIVABLE' });
    await own.sfn.send(new RedriveExecutionCommand({ executionArn: failed }));
    await own.idle();
    expect(await described(failed)).toMatchObject({ status: 'FAILED', redriveCount: 1 });

    const stopped = await start({ long: true });
    await own.sfn.send(new StopExecutionCommand({ executionArn: stopped, error: 'Enough', cause: 'because' }));
    expect(await described(stopped)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'because' });
  });

  it('answers mistakes as Step Functions does', async () => {
    own = await rig(machine('Flow', work(), [invoke]), { code });
    const stateMachineArn = own.arn('AWS::StepFunctions::StateMachine', 'Flow');
    const send = (input: object) => own.sfn.send(new StartExecutionCommand({ stateMachineArn, ...input }));
    await expect(send({ input: 'x' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(send({ input: JSON.stringify('x'.repeat(262_144)) })).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
    });
    await expect(send({ name: 'a b' })).rejects.toMatchObject({ name: 'InvalidName' });
    await expect(described(`${stateMachineArn}:none`)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    await expect(
      own.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: `${stateMachineArn}x` })),
    ).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    await expect(own.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
      message: expect.stringContaining('States.PublishStateMachineVersion'),
    });
    const { stateMachines } = await own.sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map(({ name }) => name)).toEqual(['Flow']);
  });

  it('[S03] asks whether the caller may, for each action on its own resource', async () => {
    const reader = role(ROOT, [
      allow('states:DescribeExecution', { Resource: 'arn:aws:states:us-east-1:000000000000:execution:Flow:*' }),
    ]);
    own = await rig({ ...machine('Flow', work(), [invoke]), Reader: reader }, { code });
    const executionArn = await start({});
    await own.idle();
    const { sfn } = own.as('Reader');
    expect((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status).toBe('SUCCEEDED');
    const stateMachineArn = own.arn('AWS::StepFunctions::StateMachine', 'Flow');
    for (const refused of [
      sfn.send(new StartExecutionCommand({ stateMachineArn })),
      sfn.send(new GetExecutionHistoryCommand({ executionArn })),
      sfn.send(new StopExecutionCommand({ executionArn })),
      sfn.send(new RedriveExecutionCommand({ executionArn })),
      sfn.send(new ListExecutionsCommand({ stateMachineArn })),
      sfn.send(new DescribeStateMachineCommand({ stateMachineArn })),
      sfn.send(new ListStateMachinesCommand({})),
    ]) {
      await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
    }
  });
});

describe('[S03] the role of a state machine', () => {
  it('must allow the invocation', async () => {
    own = await rig(machine('Flow', work()), { code });
    const executionArn = await start({});
    await own.idle();
    expect(await described(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringContaining('lambda:InvokeFunction'),
    });
  });

  it('must trust Step Functions', async () => {
    const { FlowRole: _, ...rest } = machine('Flow', work(), [invoke]);
    own = await rig({ ...rest, FlowRole: role('ec2.amazonaws.com', [invoke]) }, { code });
    const executionArn = await start({});
    await own.idle();
    expect(await described(executionArn)).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(own.defects).toEqual([]);
  });
});
