import { afterEach, describe, expect, it } from 'vitest';
import { listExecutions } from '../../../local/states/journal/executions.ts';
import { machine, type Rig, rig } from '../events/support.ts';
import { allow, role } from '../support/templates.ts';

const open: Rig[] = [];
afterEach(async () => {
  for (const own of open.splice(0)) await own.close();
});

const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
const task = (entries: unknown) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Tell',
  States: {
    Tell: {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Arguments: { Entries: entries },
      Output: '{% $states.result.FailedEntryCount %}',
      End: true,
    },
  },
});
const entry = { Source: 'parapet', DetailType: 'Told', Detail: { n: '{% $states.input.n %}' } };
const pass = { QueryLanguage: 'JSONata', StartAt: 'Done', States: { Done: { Type: 'Succeed' } } };

async function told(entries: unknown, source = 'parapet') {
  const own = await rig({
    ...machine('Flow', task(entries), [
      allow('events:PutEvents', { Resource: BUS, Condition: { StringEquals: { 'events:source': source } } }),
    ]),
    ...machine('Heard', pass),
    Starter: role('events.amazonaws.com', [allow('states:StartExecution')]),
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'rule',
        EventPattern: { source: ['parapet'], 'detail-type': ['Told'] },
        Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Heard', 'Arn'] }, RoleArn: { 'Fn::GetAtt': ['Starter', 'Arn'] } }],
      },
    },
  });
  open.push(own);
  const flow = own.machines.find(({ name }) => name === 'Flow');
  if (flow === undefined) throw new Error('no machine');
  own.engine.start(flow, 'one', '{"n":7}');
  await own.idle();
  const all = listExecutions(own.store);
  return {
    flow: all.find(({ machineName }) => machineName === 'Flow'),
    heard: all.filter(({ machineName }) => machineName === 'Heard').map(({ input }) => JSON.parse(input)),
  };
}

describe('a task that puts events', () => {
  it('puts them on the bus as the machine’s role, with the execution among the resources', async () => {
    const { flow, heard } = await told([entry]);
    expect(flow).toMatchObject({ status: 'SUCCEEDED', output: '0' });
    expect(heard).toMatchObject([{ source: 'parapet', 'detail-type': 'Told', detail: { n: 7 } }]);
    expect(heard[0].resources[0]).toBe(flow?.arn);
  });

  it('fails where the role may not', async () => {
    const { flow, heard } = await told([entry], 'somebody-else');
    expect(flow).toMatchObject({ status: 'FAILED', error: 'EventBridge.EventBridgeException' });
    expect(heard).toEqual([]);
  });

  it('fails where an event is not one of the default bus', async () => {
    expect((await told([{ ...entry, EventBusName: 'mine' }])).flow?.status).toBe('FAILED');
  });
});
