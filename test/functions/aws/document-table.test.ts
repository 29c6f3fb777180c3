import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { DynamoDbDocumentTable } from '../../../functions/aws/document-table.ts';

type Answer = readonly [status: number, body: object];

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A table whose service gives these answers, one after the other; what it was asked is kept. */
async function tableAnswering(answers: readonly Answer[]) {
  const asked: object[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const [status, body] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, {}];
      asked.push(JSON.parse(Buffer.concat(parts).toString()));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  closing.push(() => {
    client.destroy();
    server.close();
  });
  return { table: new DynamoDbDocumentTable(client, 'grants'), asked };
}

const throttled: Answer = [400, { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' }];

describe('a table of documents', () => {
  it('asks consistently, for the attributes alone, by placeholders', async () => {
    const { table, asked } = await tableAnswering([[200, { Items: [{ id: { S: '1' } }] }]]);
    const page = await table.page({ segment: 2, segments: 5, after: { id: { S: '0' } }, attributes: ['id', 'a.b[0]'] });
    expect(page).toEqual({ documents: [{ id: { S: '1' } }], after: undefined });
    expect(asked).toEqual([
      {
        TableName: 'grants',
        ConsistentRead: true,
        Segment: 2,
        TotalSegments: 5,
        ExclusiveStartKey: { id: { S: '0' } },
        ProjectionExpression: '#a0,#a1',
        ExpressionAttributeNames: { '#a0': 'id', '#a1': 'a.b[0]' },
      },
    ]);
  });

  it('asks again when it is throttled, and for what was left of a batch', async () => {
    const left = { grants: { Keys: [{ id: { S: '2' } }], ConsistentRead: true } };
    const { table, asked } = await tableAnswering([
      throttled,
      [200, { Responses: { grants: [{ id: { S: '1' } }] }, UnprocessedKeys: left }],
      [200, { Responses: { grants: [{ id: { S: '2' } }] } }],
    ]);
    const keys = [{ id: { S: '1' } }, { id: { S: '2' } }];
    expect(await table.get(keys, [])).toEqual(keys);
    expect(asked).toHaveLength(3);
  });

  it.each<[string, Answer, object]>([
    ['a table that is not there', [400, { __type: 'x#ResourceNotFoundException' }], { code: 'not-found' }],
    ['a role that may not', [400, { __type: 'x#AccessDeniedException' }], { code: 'access-denied' }],
    ['a service that fails', [500, { __type: 'x#InternalServerError' }], { reason: 'unavailable' }],
  ])('says so when it meets %s', async (_name, answer, expected) => {
    const { table } = await tableAnswering([answer]);
    await expect(table.describe()).rejects.toMatchObject(expected);
  });
});
