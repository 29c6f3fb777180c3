import { describe, expect, it } from 'vitest';
import { isObject, type Json } from '../../../local/states/json.ts';
import { parseMachine } from '../../../local/states/machine.ts';
import { validateDefinition } from '../../../local/states/validation.ts';
import { functionArn, invoke, jsonata } from './support.ts';

const check = (definition: Json) => validateDefinition('Flow', JSON.stringify(definition));
const parse = (definition: Json) => parseMachine('Flow', JSON.stringify(definition));
const done = { Type: 'Succeed' };
const one = (state: Json, more: Record<string, Json> = {}) => jsonata({ One: state }, more);

describe('a definition', () => {
  it('is laid flat, with a key for every graph in it', () => {
    const machine = parse(
      jsonata({
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'A', States: { A: done } },
            { StartAt: 'B', States: { B: done } },
          ],
          Next: 'Each',
        },
        Each: { Type: 'Map', ItemProcessor: { StartAt: 'C', States: { C: done } }, End: true },
      }),
    );
    expect([...machine.graphs.keys()]).toEqual(['', 'branch 0 of Both', 'branch 1 of Both', 'items of Each']);
  });

  it('may hold empty strings, expressions of several lines and literal outputs', async () => {
    const arguments_ = { FunctionName: functionArn('f'), Payload: { empty: '', long: '{% (\n 1 +\n 2\n) %}' } };
    await check(one({ ...jsonObject(invoke('f')), Arguments: arguments_, Output: 'text' }));
  });

  it.each<[string, Json]>([
    ['a state that nothing names', one({ Type: 'Pass', Next: 'Missing' })],
    ['no end', one({ Type: 'Pass' })],
    ['an expression that is not JSONata 2.0.6', one({ Type: 'Pass', Output: '{% $a ?? 1 %}', End: true })],
    ['a condition that is literal text', one({ Type: 'Choice', Choices: [{ Condition: 'x', Next: 'One' }] })],
    [
      'an inner assignment of an outer variable',
      jsonata({
        Set: { Type: 'Pass', Assign: { x: 1 }, Next: 'Each' },
        Each: {
          Type: 'Map',
          ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', Assign: { x: 2 }, End: true } } },
          End: true,
        },
      }),
    ],
  ])('is refused as invalid with %s', async (_, definition) => {
    await expect(check(definition)).rejects.toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });

  it.each<[string, Json]>([
    ['JSONPath', { StartAt: 'One', States: { One: { Type: 'Succeed' } } }],
    ['one JSONPath state', one({ Type: 'Pass', QueryLanguage: 'JSONPath', End: true })],
    ['another integration', one({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true })],
    ['an SDK integration', one({ Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:getObject', End: true })],
    ['a task token', one({ ...jsonObject(invoke('f')), Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' })],
    ['a heartbeat', one({ ...jsonObject(invoke('f')), HeartbeatSeconds: 5 })],
    ['credentials', one({ ...jsonObject(invoke('f')), Credentials: { RoleArn: 'arn:aws:iam::1:role/x' } })],
    [
      'an asynchronous invocation',
      one({ ...jsonObject(invoke('f')), Arguments: { FunctionName: functionArn('f'), InvocationType: 'Event' } }),
    ],
    [
      'a reader of an inline Map',
      one({
        Type: 'Map',
        ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Arguments: { Bucket: 'b', Key: 'k' } },
        ItemProcessor: { StartAt: 'C', States: { C: done } },
        End: true,
      }),
    ],
  ])('is refused as not implemented with %s', async (_, definition) => {
    await expect(check(definition)).rejects.toThrow(expect.objectContaining({ code: 'not-implemented' }));
  });
});

function jsonObject(value: Json): Record<string, Json> {
  return isObject(value) ? { ...value } : {};
}
