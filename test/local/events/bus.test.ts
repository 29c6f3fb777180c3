import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { findExecution, listExecutions } from '../../../local/states/journal/executions.ts';
import { Problem } from '../../../shared/problem.ts';
import { allow, policy, role } from '../support/templates.ts';
import { machine, type Rig, rig } from './support.ts';

const open: Rig[] = [];
const keep = async (made: Promise<Rig>): Promise<Rig> => {
  const own = await made;
  open.push(own);
  return own;
};
afterEach(async () => {
  for (const own of open.splice(0)) await own.close();
});

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:Flow';
const pass = { QueryLanguage: 'JSONata', StartAt: 'Done', States: { Done: { Type: 'Succeed' } } };
const EVENTS = 'events.amazonaws.com';
const mayStart = role(EVENTS, [allow('states:StartExecution', { Resource: MACHINE })]);

const queue = (...principals: string[]) => ({
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
  DeadPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Dead' }],
      PolicyDocument: policy(
        ...principals.map((Service) => ({
          Effect: 'Allow',
          Principal: { Service },
          Action: 'sqs:SendMessage',
          Resource: { 'Fn::GetAtt': ['Dead', 'Arn'] },
        })),
      ),
    },
  },
});
const eventRule = (target: object, more: object = {}) => ({
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: { Name: 'rule', EventPattern: { source: ['test'] }, Targets: [{ Id: 'T', ...target }], ...more },
  },
});
const toMachine = { Arn: { 'Fn::GetAtt': ['Flow', 'Arn'] }, RoleArn: { 'Fn::GetAtt': ['Starter', 'Arn'] } };
const buried = { DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } } };

async function deadLetters(own: Rig) {
  const { Messages = [] } = await own.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/dead',
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages.map(({ Body, MessageAttributes }) => ({
    body: JSON.parse(Body ?? 'null'),
    code: MessageAttributes?.ERROR_CODE?.StringValue,
    condition: MessageAttributes?.EXHAUSTED_RETRY_CONDITION?.StringValue,
    attempts: MessageAttributes?.RETRY_ATTEMPTS?.StringValue,
  }));
}

describe('the event bus', () => {
  it('starts the state machine of a rule that matches with the whole event, and no other', async () => {
    const own = await keep(rig({ ...machine('Flow', pass), Starter: mayStart, ...eventRule(toMachine) }));
    own.emit('test', { n: 1 });
    own.emit('other', { n: 2 });
    await own.idle();
    const { executions = [] } = await own.sfn.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }));
    expect(executions).toHaveLength(1);
    const found = findExecution(own.store, executions[0]?.executionArn ?? '');
    expect(JSON.parse(found?.input ?? 'null')).toEqual({
      version: '0',
      id: 'event-1',
      source: 'test',
      'detail-type': 'Test',
      time: '2026-01-02T03:04:05Z',
      account: '000000000000',
      region: 'us-east-1',
      resources: [],
      detail: { n: 1 },
    });
  });

  it('delivers what was in the outbox before it started, and what was on its way when it stopped', async () => {
    const resources = { ...machine('Flow', pass), Starter: mayStart, ...eventRule(toMachine) };
    const first = await rig(resources, { started: false });
    first.emit('test', {});
    await first.close();
    const second = await keep(rig(resources, { folder: first.folder }));
    await second.idle();
    expect(listExecutions(second.store)).toHaveLength(1);
  });

  it('tells of every change of an execution, which another rule may take', async () => {
    const status = {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['SUCCEEDED', 'FAILED'], stateMachineArn: [{ suffix: ':Flow' }] },
      },
    };
    const own = await keep(
      rig({
        ...machine('Flow', pass),
        ...machine('Close', pass),
        Starter: role(EVENTS, [allow('states:StartExecution')]),
        ...eventRule({ ...toMachine, Arn: { 'Fn::GetAtt': ['Close', 'Arn'] } }, status),
      }),
    );
    const flow = own.machines.find(({ name }) => name === 'Flow');
    if (!flow) throw new Error('no machine');
    const started = own.engine.start(flow, 'one', '{"a":1}');
    await own.idle();
    const [closing, ...more] = listExecutions(own.store).filter(({ machineName }) => machineName === 'Close');
    expect(more).toEqual([]);
    const event = JSON.parse(closing?.input ?? 'null');
    expect(event).toMatchObject({ source: 'aws.states', resources: [started.arn] });
    expect(event.detail).toMatchObject({
      executionArn: started.arn,
      status: 'SUCCEEDED',
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"a":1}',
      stopDate: expect.any(Number),
    });
  });

  it('buries at once what IAM refuses', async () => {
    const own = await keep(
      rig({
        ...machine('Flow', pass),
        Starter: role(EVENTS, []),
        ...queue(EVENTS),
        ...eventRule({ ...toMachine, ...buried }),
      }),
    );
    own.emit('test', { n: 1 });
    await own.idle();
    expect(await deadLetters(own)).toEqual([
      { body: expect.objectContaining({ detail: { n: 1 } }), code: 'AccessDenied', attempts: '0' },
    ]);
    expect(listExecutions(own.store)).toEqual([]);
  });

  it('buries what still fails after the retries of the rule', async () => {
    const own = await keep(
      rig(
        {
          Permission: {
            Type: 'AWS::Lambda::Permission',
            Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Work' }, Principal: EVENTS },
          },
          ...queue(EVENTS),
          ...eventRule({
            Arn: { 'Fn::GetAtt': ['Work', 'Arn'] },
            RetryPolicy: { MaximumRetryAttempts: 2 },
            ...buried,
          }),
        },
        { code: { Work: 'export const handler = async () => { throw new Error("always"); };' } },
      ),
    );
    own.emit('test', {});
    await own.idle();
    expect(await deadLetters(own)).toMatchObject([
      { code: 'FunctionError', condition: 'MaximumRetryAttempts', attempts: '2' },
    ]);
  });

  it('does not bury into a queue whose policy refuses it: the event is reported as lost', async () => {
    const own = await keep(
      rig({
        ...machine('Flow', pass),
        Starter: role(EVENTS, []),
        ...queue('sns.amazonaws.com'),
        ...eventRule({ ...toMachine, ...buried }),
      }),
    );
    own.emit('test', {});
    await own.idle();
    expect(await deadLetters(own)).toEqual([]);
    expect(own.defects).toMatchObject([{ code: 'AccessDenied' }]);
  });

  it('sends to a queue by its policy', async () => {
    const own = await keep(rig({ ...queue(EVENTS), ...eventRule({ Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } }) }));
    own.emit('test', { n: 1 });
    await own.idle();
    expect(await deadLetters(own)).toMatchObject([{ body: { detail: { n: 1 } } }]);
  });

  it('lets a rule be whose events no service here tells of, whatever its target', async () => {
    const found = { source: ['aws.guardduty'], detail: { $or: [{ severity: [{ numeric: ['>=', 4] }] }] } };
    const topic = { Id: 'Alarms', Arn: 'arn:aws:sns:us-east-1:000000000000:alarms' };
    const rule = (source: string) => ({
      Type: 'AWS::Events::Rule',
      Properties: { EventPattern: { ...found, source: [source] }, Targets: [topic] },
    });
    const own = await keep(rig({ Findings: rule('aws.guardduty') }));
    expect(own.defects).toEqual([]);
    await expect(rig({ Uploads: rule('aws.s3') })).rejects.toThrow(Problem);
  });

  it('makes the disorder that is asked for: twice, and the last one first', async () => {
    const resources = { ...machine('Flow', pass), Starter: mayStart, ...eventRule(toMachine) };
    const own = await keep(rig(resources, { disorder: { copies: 2, reversed: true } }));
    for (const n of [1, 2]) own.emit('test', { n });
    await own.idle();
    const order = listExecutions(own.store).reverse();
    expect(order.map(({ input }) => JSON.parse(input).detail.n)).toEqual([2, 2, 1, 1]);
  });

  it.each<[string, Record<string, object>]>([
    ['a scheduled rule', { R: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 hour)' } } }],
    ['another bus', eventRule({ Arn: 'arn:aws:sqs:us-east-1:1:q' }, { EventBusName: 'mine' })],
    ['a transformer', eventRule({ Arn: 'arn:aws:sqs:us-east-1:1:q', InputTransformer: { InputTemplate: '1' } })],
    ['a target that is not served', eventRule({ Arn: 'arn:aws:sns:us-east-1:1:topic' })],
    ['a FIFO queue', { Q: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } }],
  ])('refuses %s rather than ignoring it', async (_, resources) => {
    await expect(rig(resources)).rejects.toMatchObject({ code: 'not-implemented' });
  });
});
