/** The operations: what each asks for, and how it is passed on. */
import type * as z from 'zod';
import { type JsonOperation, jsonOperation } from '../gateway/json-service.ts';
import { ApiError, type Caller } from '../service.ts';
import { type Access, keyText, leadingKeys } from './access.ts';
import type { Engine, EngineAnswer } from './engine.ts';
import { attributesOf, leadingValueOf } from './expressions.ts';
import type { ItemLocks } from './item-locks.ts';
import type { Item } from './parameters.ts';
import * as parameters from './parameters.ts';
import type { Table } from './tables.ts';

export interface DynamoDb {
  readonly engine: Engine;
  readonly tables: ReadonlyMap<string, Table>;
  readonly access: Access;
  readonly locks: ItemLocks;
}

/** A table may be named by its ARN. */
const nameOf = (table: string): string => /^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/.exec(table)?.[1] ?? table;

/** dynalite's answer, or its error with the name alone: it writes `com.amazonaws.dynamodb.v20120810#<name>`. */
async function pass(answer: Promise<EngineAnswer>): Promise<object> {
  const { status, body } = await answer;
  const content: unknown = body === '' ? {} : JSON.parse(body);
  const members = new Map(Object.entries(typeof content === 'object' && content !== null ? content : {}));
  if (status === 200) return Object.fromEntries(members);
  const type =
    String(members.get('__type') ?? '')
      .split('#')
      .at(-1) ?? '';
  throw new ApiError(type, String(members.get('message') ?? members.get('Message') ?? ''), status);
}

type WithTable = { readonly TableName: string };

export function getItem({ engine, tables, access }: DynamoDb): JsonOperation {
  return jsonOperation(parameters.GetItem, (input, { caller }) => {
    const tableName = nameOf(input.TableName);
    const { ProjectionExpression, ExpressionAttributeNames = {} } = input;
    const named = attributesOf([ProjectionExpression], ExpressionAttributeNames);
    access.require({
      caller,
      action: 'GetItem',
      tableName,
      context: {
        'dynamodb:LeadingKeys': leadingKeys(tables.get(tableName), [input.Key]),
        'dynamodb:Attributes': [...new Set([...Object.keys(input.Key), ...named])],
        'dynamodb:Select': ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
        'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      },
    });
    return pass(engine.call('GetItem', { ...input, TableName: tableName }));
  });
}

type Conditional = Omit<z.output<typeof parameters.DeleteItem>, 'Key'> & {
  readonly UpdateExpression?: string | undefined;
};

/** PutItem, UpdateItem and DeleteItem differ in where their key stands. */
function conditionalWrite(
  { engine, tables, access, locks }: DynamoDb,
  action: 'PutItem' | 'UpdateItem' | 'DeleteItem',
  input: Conditional,
  item: Item,
  caller: Caller,
): Promise<object> {
  const tableName = nameOf(input.TableName);
  const table = tables.get(tableName);
  const { ReturnValuesOnConditionCheckFailure: wanted, ...passed } = input;
  const named = attributesOf([input.ConditionExpression, input.UpdateExpression], input.ExpressionAttributeNames ?? {});
  access.require({
    caller,
    action,
    tableName,
    context: {
      'dynamodb:LeadingKeys': leadingKeys(table, [item]),
      'dynamodb:Attributes': [...new Set([...Object.keys(item), ...named])],
      'dynamodb:ReturnValues': input.ReturnValues,
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    },
  });
  const key = keyIn(table, item);
  return locks.hold([lockName(tableName, key)], async () => {
    const answer = await engine.call(action, { ...passed, TableName: tableName });
    if (answer.status === 200 || wanted !== 'ALL_OLD' || !answer.body.includes('ConditionalCheckFailedException')) {
      return pass(Promise.resolve(answer));
    }
    const found = await engine.call('GetItem', { TableName: tableName, Key: key, ConsistentRead: true });
    throw new ConditionFailed(JSON.parse(found.body).Item);
  });
}

/** ConditionalCheckFailedException with the item that the condition failed on, where there is one. */
export class ConditionFailed extends ApiError {
  readonly item: unknown;
  constructor(item: unknown) {
    super('ConditionalCheckFailedException', 'The conditional request failed', 400);
    this.item = item;
  }
}

export const putItem = (dynamoDb: DynamoDb): JsonOperation =>
  jsonOperation(parameters.PutItem, (input, { caller }) =>
    conditionalWrite(dynamoDb, 'PutItem', input, input.Item, caller),
  );
export const updateItem = (dynamoDb: DynamoDb): JsonOperation =>
  jsonOperation(parameters.UpdateItem, (input, { caller }) =>
    conditionalWrite(dynamoDb, 'UpdateItem', input, input.Key, caller),
  );
export const deleteItem = (dynamoDb: DynamoDb): JsonOperation =>
  jsonOperation(parameters.DeleteItem, (input, { caller }) =>
    conditionalWrite(dynamoDb, 'DeleteItem', input, input.Key, caller),
  );

/** `dynamodb:Select` where the request does not say it itself. */
function selectOf(input: {
  readonly Select?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly IndexName?: string | undefined;
}): string {
  if (input.Select !== undefined) return input.Select;
  if (input.ProjectionExpression !== undefined) return 'SPECIFIC_ATTRIBUTES';
  return input.IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}

export function query({ engine, tables, access }: DynamoDb): JsonOperation {
  return jsonOperation(parameters.Query, (input, { caller }) => {
    const tableName = nameOf(input.TableName);
    const table = tables.get(tableName);
    const names = input.ExpressionAttributeNames ?? {};
    const partitionKey = input.IndexName === undefined ? table?.partitionKey : table?.indexes.get(input.IndexName);
    const placeholder =
      partitionKey === undefined ? undefined : leadingValueOf(input.KeyConditionExpression, partitionKey, names);
    const leading = keyText(placeholder === undefined ? undefined : input.ExpressionAttributeValues?.[placeholder]);
    // Without its partition key a query is refused anyway; here before a condition on the key could be found absent.
    if (partitionKey !== undefined && leading === undefined) {
      throw new ApiError('ValidationException', `Query condition missed key schema element: ${partitionKey}`);
    }
    const { KeyConditionExpression, FilterExpression, ProjectionExpression } = input;
    access.require({
      caller,
      action: 'Query',
      tableName,
      indexName: input.IndexName,
      context: {
        'dynamodb:LeadingKeys': leading === undefined ? [] : [leading],
        'dynamodb:Attributes': attributesOf([KeyConditionExpression, FilterExpression, ProjectionExpression], names),
        'dynamodb:Select': selectOf(input),
        'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      },
    });
    return pass(engine.call('Query', { ...input, TableName: tableName }));
  });
}

export function scan({ engine, access }: DynamoDb): JsonOperation {
  return jsonOperation(parameters.Scan, (input, { caller }) => {
    const tableName = nameOf(input.TableName);
    const names = input.ExpressionAttributeNames ?? {};
    access.require({
      caller,
      action: 'Scan',
      tableName,
      indexName: input.IndexName,
      context: {
        'dynamodb:Attributes': attributesOf([input.FilterExpression, input.ProjectionExpression], names),
        'dynamodb:FullTableScan': 'true',
        'dynamodb:Select': selectOf(input),
        'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      },
    });
    return pass(engine.call('Scan', { ...input, TableName: tableName }));
  });
}

export function batchGetItem({ engine, tables, access }: DynamoDb): JsonOperation {
  return jsonOperation(parameters.BatchGetItem, (input, { caller }) => {
    const requests = Object.entries(input.RequestItems).map(([table, each]) => [nameOf(table), each] as const);
    for (const [tableName, { Keys, ProjectionExpression, ExpressionAttributeNames = {} }] of requests) {
      const named = attributesOf([ProjectionExpression], ExpressionAttributeNames);
      access.require({
        caller,
        action: 'BatchGetItem',
        tableName,
        context: {
          'dynamodb:LeadingKeys': leadingKeys(tables.get(tableName), Keys),
          'dynamodb:Attributes': [...new Set([...Keys.flatMap((key) => Object.keys(key)), ...named])],
          'dynamodb:Select': ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
          'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
        },
      });
    }
    return pass(engine.call('BatchGetItem', { ...input, RequestItems: Object.fromEntries(requests) }));
  });
}

export function batchWriteItem({ engine, tables, access, locks }: DynamoDb): JsonOperation {
  return jsonOperation(parameters.BatchWriteItem, (input, { caller }) => {
    const requests = Object.entries(input.RequestItems).map(([table, each]) => [nameOf(table), each] as const);
    const locked = requests.flatMap(([tableName, writes]) => {
      const items = writes.map(({ PutRequest, DeleteRequest }): Item => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      const table = tables.get(tableName);
      access.require({
        caller,
        action: 'BatchWriteItem',
        tableName,
        context: {
          'dynamodb:LeadingKeys': leadingKeys(table, items),
          'dynamodb:Attributes': [...new Set(items.flatMap((item) => Object.keys(item)))],
          'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
        },
      });
      return items.map((item) => lockName(tableName, keyIn(table, item)));
    });
    const passed = { ...input, RequestItems: Object.fromEntries(requests) };
    return locks.hold(locked, () => pass(engine.call('BatchWriteItem', passed)));
  });
}

export function describeTable({ engine, tables, access }: DynamoDb): JsonOperation {
  return jsonOperation(parameters.DescribeTable, async (input: WithTable, { caller }) => {
    const tableName = nameOf(input.TableName);
    access.require({ caller, action: 'DescribeTable', tableName });
    const answer = new Map(Object.entries(await pass(engine.call('DescribeTable', { TableName: tableName }))));
    const table = tables.get(tableName);
    const described = answer.get('Table');
    // dynalite knows neither this account nor keys.
    return {
      Table: {
        ...(typeof described === 'object' ? described : {}),
        TableArn: table?.arn,
        ...(table?.keyId === undefined
          ? {}
          : { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.keyId } }),
      },
    };
  });
}

export function listTables({ engine }: DynamoDb, authorise: (caller: Caller) => void): JsonOperation {
  return jsonOperation(parameters.ListTables, (input, { caller }) => {
    authorise(caller);
    return pass(engine.call('ListTables', input));
  });
}

/** The key's attributes out of an item, in the order of the schema. */
function keyIn(table: Table | undefined, item: Item): Item {
  const names =
    table === undefined ? [] : [table.partitionKey, ...(table.sortKey === undefined ? [] : [table.sortKey])];
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}

const lockName = (tableName: string, key: Item): string => `${tableName} ${JSON.stringify(key)}`;
