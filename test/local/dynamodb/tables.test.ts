import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbService, type DynamoDbService } from '../../../local/dynamodb/service.ts';
import { bootCloud, type TestCloud } from '../support/cloud.ts';

const resources = {
  Key: { Type: 'AWS::KMS::Key' },
  Runs: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'runs',
      AttributeDefinitions: [
        { AttributeName: 'run', AttributeType: 'S' },
        { AttributeName: 'chunk', AttributeType: 'N' },
        { AttributeName: 'state', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'run', KeyType: 'HASH' },
        { AttributeName: 'chunk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
  },
  Plain: {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      TableName: 'plain',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      Replicas: [{ Region: { Ref: 'AWS::Region' } }],
    },
  },
};

let service: DynamoDbService;
let cloud: TestCloud;
let client: DynamoDBClient;

async function boot(folder?: string): Promise<void> {
  cloud = await bootCloud(resources, {
    ...(folder === undefined ? {} : { folder }),
    services: async (means) => {
      service = await createDynamoDbService({ ...means, keyRing: means.kms.keyRing });
      await service.provision(means.deployment);
      return [service];
    },
  });
  client = new DynamoDBClient(cloud.client({ kind: 'root' }));
}
beforeEach(() => boot());
afterEach(async () => {
  expect(cloud.defects).toEqual([]);
  await cloud.close();
});

const key = (run: string, chunk = 1) => ({ run: { S: run }, chunk: { N: String(chunk) } });
const put = (run: string, chunk: number, more: object = {}) =>
  client.send(new PutItemCommand({ TableName: 'runs', Item: { ...key(run, chunk), ...more } }));
const get = async (run: string, chunk = 1) =>
  (await client.send(new GetItemCommand({ TableName: 'runs', Key: key(run, chunk), ConsistentRead: true }))).Item;

describe('tables', () => {
  it('are those of the templates', async () => {
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['plain', 'runs']);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'runs' }));
    expect(Table).toMatchObject({
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/runs',
      TableStatus: 'ACTIVE',
      SSEDescription: { KMSMasterKeyArn: cloud.deployment.find('AWS::KMS::Key', 'Key').arn },
    });
  });

  it('keep their items across a restart', async () => {
    await put('r1', 1, { state: { S: 'running' } });
    const { folder } = cloud;
    await cloud.close();
    await boot(folder);
    expect(await get('r1')).toEqual({ ...key('r1'), state: { S: 'running' } });
  });

  it('are reached over a socket that nobody else can open', () => {
    const home = join(cloud.folder, 'dynamodb');
    expect(statSync(home).mode & 0o777).toBe(0o700);
    const sockets = readdirSync(home)
      .map((name) => statSync(join(home, name)))
      .filter((each) => each.isSocket());
    expect(sockets.map(({ mode }) => mode & 0o777)).toEqual([0o600]);
  });

  it('[B18] cannot be read once their key is gone', async () => {
    await put('r1', 1);
    const kms = new KMSClient(cloud.client({ kind: 'root' }));
    await kms.send(new DisableKeyCommand({ KeyId: cloud.deployment.find('AWS::KMS::Key', 'Key').arn }));
    await expect(get('r1')).rejects.toMatchObject({ name: 'DisabledException' });
  });
});

describe('items', () => {
  it('are written, changed, read and deleted', async () => {
    await put('r1', 1, { state: { S: 'running' } });
    const changed = await client.send(
      new UpdateItemCommand({
        TableName: 'arn:aws:dynamodb:us-east-1:000000000000:table/runs',
        Key: key('r1'),
        UpdateExpression: 'SET #state = :sealed ADD attempts :one',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':sealed': { S: 'sealed' }, ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    expect(changed.Attributes).toEqual({ ...key('r1'), state: { S: 'sealed' }, attempts: { N: '1' } });
    expect(await get('r1')).toEqual(changed.Attributes);
    await client.send(new DeleteItemCommand({ TableName: 'runs', Key: key('r1') }));
    expect(await get('r1')).toBeUndefined();
  });

  it('are queried and scanned, page by page', async () => {
    for (const chunk of [3, 1, 2]) await put('r1', chunk, { state: { S: chunk === 2 ? 'sealed' : 'running' } });
    await put('r2', 1, { state: { S: 'running' } });
    const byRun = {
      TableName: 'runs',
      KeyConditionExpression: 'run = :run',
      ExpressionAttributeValues: { ':run': { S: 'r1' } },
    };
    const first = await client.send(new QueryCommand({ ...byRun, Limit: 2 }));
    const second = await client.send(new QueryCommand({ ...byRun, ExclusiveStartKey: first.LastEvaluatedKey }));
    const chunks = [...(first.Items ?? []), ...(second.Items ?? [])].map(({ chunk }) => chunk?.N);
    expect(chunks).toEqual(['1', '2', '3']);
    const byState = await client.send(
      new QueryCommand({
        TableName: 'runs',
        IndexName: 'by-state',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':s': { S: 'running' } },
      }),
    );
    expect(byState.Count).toBe(3);
    const scanned = await client.send(
      new ScanCommand({
        TableName: 'runs',
        FilterExpression: 'chunk > :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
    expect(scanned.Count).toBe(2);
  });

  it('are written and read in batches over several tables', async () => {
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          runs: [{ PutRequest: { Item: key('r1') } }, { PutRequest: { Item: key('r2') } }],
          plain: [{ PutRequest: { Item: { id: { S: 'p' } } } }],
        },
      }),
    );
    await client.send(new BatchWriteItemCommand({ RequestItems: { runs: [{ DeleteRequest: { Key: key('r2') } }] } }));
    const { Responses } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { runs: { Keys: [key('r1'), key('r2')] }, plain: { Keys: [{ id: { S: 'p' } }] } },
      }),
    );
    expect(Responses).toEqual({ runs: [key('r1')], plain: [{ id: { S: 'p' } }] });
  });

  it('[B07] are written once under a condition, and the refusal shows the item when it is asked for', async () => {
    const claim = (owner: string, ReturnValuesOnConditionCheckFailure?: 'ALL_OLD') =>
      client.send(
        new PutItemCommand({
          TableName: 'runs',
          Item: { ...key('r1'), owner: { S: owner } },
          ConditionExpression: 'attribute_not_exists(run)',
          ...(ReturnValuesOnConditionCheckFailure === undefined ? {} : { ReturnValuesOnConditionCheckFailure }),
        }),
      );
    await claim('one');
    await expect(claim('two')).rejects.toThrow(ConditionalCheckFailedException);
    const plain = await claim('two').catch((error: unknown) => error);
    expect(plain).toMatchObject({ message: 'The conditional request failed', Item: undefined });
    await expect(claim('two', 'ALL_OLD')).rejects.toMatchObject({ Item: { ...key('r1'), owner: { S: 'one' } } });
    const missing = new UpdateItemCommand({
      TableName: 'runs',
      Key: key('r9'),
      UpdateExpression: 'SET a = :a',
      ConditionExpression: 'attribute_exists(run)',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const nothing = await client.send(missing).catch((error: unknown) => error);
    expect(nothing).toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
  });

  it('show each loser of a race the item that won, never a later one', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `owner-${index}`);
    const outcomes = await Promise.all(
      names.map(async (owner) => {
        const attempt = client.send(
          new PutItemCommand({
            TableName: 'runs',
            Item: { ...key('race'), owner: { S: owner } },
            ConditionExpression: 'attribute_not_exists(run)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return attempt.then(
          () => ({ won: true, seen: owner }),
          (error: ConditionalCheckFailedException) => ({ won: false, seen: error.Item?.owner?.S }),
        );
      }),
    );
    const winners = outcomes.filter(({ won }) => won);
    expect(winners).toHaveLength(1);
    expect(new Set(outcomes.map(({ seen }) => seen))).toEqual(new Set(winners.map(({ seen }) => seen)));
  });

  it('[B07] expire when they are told to, and not when they were renewed', async () => {
    await put('old', 1, { expiresAt: { N: '1000' } });
    await put('new', 1, { expiresAt: { N: '1001' } });
    await put('none', 1);
    await put('text', 1, { expiresAt: { S: '1000' } });
    expect(await service.expire(1_000_999)).toBe(1);
    const left = await client.send(new ScanCommand({ TableName: 'runs', ProjectionExpression: 'run' }));
    expect(left.Items?.map(({ run }) => run?.S).sort()).toEqual(['new', 'none', 'text']);
  });
});

describe('what is not served', () => {
  it('is refused by name: an operation, a legacy parameter', async () => {
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: 'runs', Item: key('r1') } }],
    });
    await expect(client.send(transaction)).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The embedded cloud does not implement DynamoDB.TransactWriteItems.',
    });
    const legacy = new GetItemCommand({ TableName: 'runs', Key: key('r1'), AttributesToGet: ['run'] });
    await expect(client.send(legacy)).rejects.toMatchObject({
      message: expect.stringContaining('the parameter AttributesToGet'),
    });
  });

  it('is answered as DynamoDB answers: a table that is not there, a wrong key, an expression that is none', async () => {
    const absent = new GetItemCommand({ TableName: 'absent', Key: key('r1') });
    await expect(client.send(absent)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const partial = new GetItemCommand({ TableName: 'runs', Key: { run: { S: 'r1' } } });
    await expect(client.send(partial)).rejects.toMatchObject({ name: 'ValidationException' });
    const without = new QueryCommand({
      TableName: 'runs',
      KeyConditionExpression: 'chunk = :c',
      ExpressionAttributeValues: { ':c': { N: '1' } },
    });
    await expect(client.send(without)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('run'),
    });
  });
});
