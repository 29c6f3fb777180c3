/** Parameters of the operations that are served. What is not listed (the legacy ones, say) is refused by name. */
import * as z from 'zod';

/** An attribute's value is dynalite's to judge. */
const Value = z.record(z.string(), z.unknown());
export type AttributeValue = z.infer<typeof Value>;
export const Item = z.record(z.string(), Value);
export type Item = z.infer<typeof Item>;

const TableName = z.string();
const Names = z.record(z.string(), z.string()).optional();
const Values = Item.optional();
const Expression = z.string().optional();
const ReturnConsumedCapacity = z.string().optional();
const ReturnItemCollectionMetrics = z.string().optional();

const Conditional = {
  TableName,
  ConditionExpression: Expression,
  ExpressionAttributeNames: Names,
  ExpressionAttributeValues: Values,
  ReturnValues: z.string().optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(['NONE', 'ALL_OLD']).optional(),
  ReturnConsumedCapacity,
  ReturnItemCollectionMetrics,
};
const Paged = {
  TableName,
  IndexName: z.string().optional(),
  FilterExpression: Expression,
  ProjectionExpression: Expression,
  ExpressionAttributeNames: Names,
  ExpressionAttributeValues: Values,
  Select: z.string().optional(),
  Limit: z.number().optional(),
  ConsistentRead: z.boolean().optional(),
  ExclusiveStartKey: Item.optional(),
  ReturnConsumedCapacity,
};
const KeysAndAttributes = z.strictObject({
  Keys: z.array(Item),
  ConsistentRead: z.boolean().optional(),
  ProjectionExpression: Expression,
  ExpressionAttributeNames: Names,
});
const WriteRequest = z.strictObject({
  PutRequest: z.strictObject({ Item }).optional(),
  DeleteRequest: z.strictObject({ Key: Item }).optional(),
});

export const GetItem = z.strictObject({
  TableName,
  Key: Item,
  ConsistentRead: z.boolean().optional(),
  ProjectionExpression: Expression,
  ExpressionAttributeNames: Names,
  ReturnConsumedCapacity,
});
export const PutItem = z.strictObject({ ...Conditional, Item });
export const UpdateItem = z.strictObject({ ...Conditional, Key: Item, UpdateExpression: Expression });
export const DeleteItem = z.strictObject({ ...Conditional, Key: Item });
export const Query = z.strictObject({
  ...Paged,
  KeyConditionExpression: z.string(),
  ScanIndexForward: z.boolean().optional(),
});
export const Scan = z.strictObject({
  ...Paged,
  Segment: z.number().optional(),
  TotalSegments: z.number().optional(),
});
export const BatchGetItem = z.strictObject({
  RequestItems: z.record(z.string(), KeysAndAttributes),
  ReturnConsumedCapacity,
});
export const BatchWriteItem = z.strictObject({
  RequestItems: z.record(z.string(), z.array(WriteRequest)),
  ReturnConsumedCapacity,
  ReturnItemCollectionMetrics,
});
export const DescribeTable = z.strictObject({ TableName });
export const ListTables = z.strictObject({
  ExclusiveStartTableName: z.string().optional(),
  Limit: z.number().optional(),
});
