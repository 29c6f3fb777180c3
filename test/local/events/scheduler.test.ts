import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { parseExpression } from '../../../local/events/schedule-expression.ts';
import { listExecutions } from '../../../local/states/journal/executions.ts';
import { temporaryFolder } from '../support/assembly.ts';
import { allow, policy } from '../support/templates.ts';
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
const GROUP = 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/sweeps';
const pass = { QueryLanguage: 'JSONata', StartAt: 'Done', States: { Done: { Type: 'Succeed' } } };

/** Trusts the service for its group alone. */
const starter = (group = GROUP, statements = [allow('states:StartExecution', { Resource: MACHINE })]) => ({
  Starter: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceArn': group } },
      }),
      Policies: [{ PolicyName: 'access', PolicyDocument: policy(...statements) }],
    },
  },
});
const dead = { Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } } };
const schedule = (more: object = {}, target: object = {}) => ({
  Sweeps: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'sweeps' } },
  Ledger: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: 'ledger',
      GroupName: 'sweeps',
      ScheduleExpression: 'cron(0 3 1 1 ? 2100)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ...more,
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
        RoleArn: { 'Fn::GetAtt': ['Starter', 'Arn'] },
        Input: JSON.stringify({
          StateMachineArn: MACHINE,
          Name: 'ledger-<aws.scheduler.execution-id>',
          Input: '{"dataset":"ledger","at":"<aws.scheduler.scheduled-time>"}',
        }),
        DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
        ...target,
      },
    },
  },
});

describe('the scheduler', () => {
  it('starts an execution under the name and with the input that the schedule says, when it comes due', async () => {
    const own = await keep(rig({ ...machine('Flow', pass), ...starter(), ...schedule() }));
    await own.idle();
    expect(listExecutions(own.store)).toHaveLength(0);
    own.trigger('ledger');
    own.trigger('ledger');
    await own.idle();
    const found = listExecutions(own.store);
    expect(new Set(found.map(({ name }) => name)).size).toBe(2);
    for (const { name, input } of found) {
      expect(name).toMatch(/^ledger-[0-9a-f-]{36}$/);
      expect(JSON.parse(input)).toEqual({ dataset: 'ledger', at: expect.stringMatching(/^\d{4}-.*Z$/) });
    }
  });

  it('comes due by itself, again and again, and goes on after a restart', async () => {
    const folder = temporaryFolder();
    const resources = { ...machine('Flow', pass), ...starter(), ...schedule({ ScheduleExpression: 'rate(1 minute)' }) };
    const own = await rig(resources, { folder });
    // A minute at the scale of the rig is 60 ms.
    await expect.poll(() => listExecutions(own.store).length, { timeout: 10_000 }).toBeGreaterThan(1);
    await own.close();
    const again = await keep(rig(resources, { folder }));
    const before = listExecutions(again.store).length;
    await expect.poll(() => listExecutions(again.store).length, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  it.each([
    ['of another group', starter(`${GROUP}-other`)],
    ['that may not start it', starter(GROUP, [allow('sqs:SendMessage')])],
  ])('starts nothing in a role %s', async (_, own) => {
    const made = await keep(rig({ ...machine('Flow', pass), ...own, ...dead, ...schedule() }));
    made.trigger('ledger');
    await made.idle();
    expect(listExecutions(made.store)).toHaveLength(0);
  });

  it('sends what it cannot deliver to the dead letters, in the role of the schedule', async () => {
    const own = await keep(
      rig({ ...machine('Flow', pass), ...starter(GROUP, [allow('sqs:SendMessage')]), ...dead, ...schedule() }),
    );
    own.trigger('ledger');
    await own.idle();
    const { Messages = [] } = await own.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/dead',
        MessageAttributeNames: ['All'],
      }),
    );
    expect(Messages).toHaveLength(1);
    expect(Messages[0]?.MessageAttributes?.ERROR_CODE?.StringValue).toMatch(/^AccessDenied/);
  });

  it.each<[string, object, object]>([
    ['another target', {}, { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' }],
    ['a flexible window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }, {}],
    ['another time zone', { ScheduleExpressionTimezone: 'Europe/Berlin' }, {}],
    ['the last day of a month', { ScheduleExpression: 'cron(0 3 L * ? *)' }, {}],
    ['a group that nobody made', { GroupName: 'other' }, {}],
  ])('refuses %s rather than ignoring it', async (_, more, target) => {
    const resources = { ...machine('Flow', pass), ...starter(), ...schedule(more, target) };
    await expect(rig(resources)).rejects.toMatchObject({ code: 'not-implemented' });
  });
});

describe('the expression of a schedule', () => {
  const next = (text: string, after: string): string | undefined => {
    const at = parseExpression(text, 1, 'S').next(Date.parse(after));
    return at === undefined ? undefined : new Date(at).toISOString();
  };

  it.each([
    ['rate(2 hours)', '2026-03-01T12:00:30Z', '2026-03-01T14:00:30.000Z'],
    ['at(2026-03-01T13:00:00)', '2026-03-01T12:00:00Z', '2026-03-01T13:00:00.000Z'],
    ['at(2026-03-01T13:00:00)', '2026-03-01T13:00:00Z', undefined],
    ['cron(0 3 * * ? *)', '2026-03-01T03:00:00Z', '2026-03-02T03:00:00.000Z'],
    ['cron(0/15 8-9 ? * MON-FRI *)', '2026-02-27T09:45:00Z', '2026-03-02T08:00:00.000Z'],
    ['cron(30 6 29 2 ? *)', '2026-03-01T00:00:00Z', '2028-02-29T06:30:00.000Z'],
    ['cron(0 0 1 JAN,JUL ? 2027)', '2026-03-01T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2020)', '2026-03-01T00:00:00Z', undefined],
  ])('%s comes after %s at %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it.each(['every day', 'rate(0 minutes)', 'cron(0 3 * * * *)', 'cron(60 3 * * ? *)', 'cron(0 3 * * ?)'])(
    'refuses %s',
    (text) => {
      expect(() => parseExpression(text, 1, 'S')).toThrowError(expect.objectContaining({ code: 'not-implemented' }));
    },
  );
});
