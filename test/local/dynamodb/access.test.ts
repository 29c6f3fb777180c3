import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../../local/dynamodb/service.ts';
import { bootCloud, type TestCloud } from '../support/cloud.ts';
import { allow, LAMBDA, lambda, policy, ROOT, role, type Statement } from '../support/templates.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/runs';
const viaDynamoDb = (more: Statement = {}) =>
  allow('kms:Decrypt', {
    Condition: {
      StringEquals: {
        'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com',
        'kms:EncryptionContext:aws:dynamodb:tableName': 'runs',
        'kms:EncryptionContext:aws:dynamodb:subscriberId': '000000000000',
      },
    },
    ...more,
  });

let cloud: TestCloud | undefined;
afterEach(async () => {
  expect(cloud?.defects).toEqual([]);
  await cloud?.close();
  cloud = undefined;
});

/** A client that calls as a function whose role has these statements. */
async function boot(...statements: readonly Statement[]): Promise<DynamoDBClient> {
  const table = {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'runs',
      AttributeDefinitions: ['run', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: 'run', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      SSESpecification: { SSEEnabled: true, KMSMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
  };
  cloud = await bootCloud(
    {
      Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: policy(allow('kms:*', { Principal: { AWS: ROOT } })) } },
      Runs: table,
      Worker: lambda('WorkerRole'),
      WorkerRole: role(LAMBDA, statements),
    },
    {
      services: async (means) => {
        const service = await createDynamoDbService({ ...means, keyRing: means.kms.keyRing });
        await service.provision(means.deployment);
        return [service];
      },
    },
  );
  return new DynamoDBClient(cloud.client({ kind: 'function', name: 'S-Worker' }));
}

const TableName = 'runs';
const Key = { run: { S: 'r1' } };
const byRun = (run: string) => ({
  KeyConditionExpression: 'run = :r',
  ExpressionAttributeValues: { ':r': { S: run } },
});
const CALLS = {
  GetItem: (client: DynamoDBClient) => client.send(new GetItemCommand({ TableName, Key })),
  PutItem: (client: DynamoDBClient) => client.send(new PutItemCommand({ TableName, Item: Key })),
  UpdateItem: (client: DynamoDBClient) => client.send(new UpdateItemCommand({ TableName, Key })),
  DeleteItem: (client: DynamoDBClient) => client.send(new DeleteItemCommand({ TableName, Key })),
  Query: (client: DynamoDBClient) => client.send(new QueryCommand({ TableName, ...byRun('r1') })),
  Scan: (client: DynamoDBClient) => client.send(new ScanCommand({ TableName })),
  BatchGetItem: (client: DynamoDBClient) =>
    client.send(new BatchGetItemCommand({ RequestItems: { runs: { Keys: [Key] } } })),
  BatchWriteItem: (client: DynamoDBClient) =>
    client.send(new BatchWriteItemCommand({ RequestItems: { runs: [{ PutRequest: { Item: Key } }] } })),
  DescribeTable: (client: DynamoDBClient) => client.send(new DescribeTableCommand({ TableName })),
};
const denied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } };

describe('every operation', () => {
  it.each(Object.entries(CALLS))('[B19] %s needs its own permission on the table, and no other', async (name, call) => {
    const client = await boot(allow(`dynamodb:${name}`, { Resource: TABLE }), viaDynamoDb());
    await call(client);
    for (const [other, refused] of Object.entries(CALLS)) {
      if (other !== name) await expect(refused(client), other).rejects.toMatchObject(denied);
    }
  });

  it.each(Object.entries(CALLS))(
    '[P07] %s needs the key of the table as well, but to describe it',
    async (name, call) => {
      const client = await boot(allow(`dynamodb:${name}`, { Resource: TABLE }));
      if (name === 'DescribeTable') await call(client);
      else
        await expect(call(client)).rejects.toMatchObject({
          ...denied,
          message: expect.stringContaining('kms:Decrypt'),
        });
    },
  );

  it('[B19] needs both on that very table', async () => {
    const elsewhere = await boot(allow('dynamodb:*', { Resource: `${TABLE}-other` }), viaDynamoDb());
    await expect(CALLS.GetItem(elsewhere)).rejects.toMatchObject(denied);
  });

  it('[B19] on an index needs the permission on the index', async () => {
    const client = await boot(allow('dynamodb:Query', { Resource: `${TABLE}/index/by-state` }), viaDynamoDb());
    const onIndex = {
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': { S: 'x' } },
    };
    await client.send(new QueryCommand({ TableName, IndexName: 'by-state', ...onIndex }));
    await expect(CALLS.Query(client)).rejects.toMatchObject(denied);
  });
});

describe('conditions', () => {
  const under = (Condition: object) => boot(allow('dynamodb:*', { Condition }), viaDynamoDb());

  it('[B19] on dynamodb:LeadingKeys bound what may be reached to one partition', async () => {
    const client = await under({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['r1'] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    });
    const other = { run: { S: 'r2' } };
    await CALLS.GetItem(client);
    await CALLS.PutItem(client);
    await CALLS.Query(client);
    await CALLS.BatchGetItem(client);
    await expect(CALLS.Scan(client)).rejects.toMatchObject(denied);
    await expect(client.send(new GetItemCommand({ TableName, Key: other }))).rejects.toMatchObject(denied);
    await expect(client.send(new QueryCommand({ TableName, ...byRun('r2') }))).rejects.toMatchObject(denied);
    const mixed = new BatchGetItemCommand({ RequestItems: { runs: { Keys: [Key, other] } } });
    await expect(client.send(mixed)).rejects.toMatchObject(denied);
    const written = new BatchWriteItemCommand({ RequestItems: { runs: [{ DeleteRequest: { Key: other } }] } });
    await expect(client.send(written)).rejects.toMatchObject(denied);
  });

  it('[B19] on dynamodb:Attributes see through placeholders and into every expression', async () => {
    const client = await under({ 'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['run', 'state'] } });
    const set = (UpdateExpression: string, names: Record<string, string> = {}) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression,
          ExpressionAttributeValues: { ':v': { S: 'v' } },
          ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
        }),
      );
    await set('SET #s = if_not_exists(#s, :v)', { '#s': 'state' });
    await expect(set('SET secret = :v')).rejects.toMatchObject(denied);
    await expect(set('SET #s = :v', { '#s': 'secret' })).rejects.toMatchObject(denied);
    const read = (ProjectionExpression: string) =>
      client.send(new GetItemCommand({ TableName, Key, ProjectionExpression }));
    await read('run');
    await expect(read('run, secret.part[0]')).rejects.toMatchObject(denied);
    const condition = { ConditionExpression: 'attribute_exists(secret)', Item: Key, TableName };
    await expect(client.send(new PutItemCommand(condition))).rejects.toMatchObject(denied);
    await expect(
      client.send(new PutItemCommand({ TableName, Item: { ...Key, secret: { S: 'v' } } })),
    ).rejects.toMatchObject(denied);
  });

  it('on dynamodb:Select tell who asks for everything', async () => {
    const client = await under({ StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } });
    await client.send(new GetItemCommand({ TableName, Key, ProjectionExpression: 'run' }));
    await CALLS.PutItem(client);
    await expect(CALLS.GetItem(client)).rejects.toMatchObject(denied);
    await expect(CALLS.Scan(client)).rejects.toMatchObject(denied);
  });
});
