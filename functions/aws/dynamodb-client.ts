import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientOptions } from './client-options.ts';

export function dynamoDBClient(): DynamoDBClient {
  return new DynamoDBClient(clientOptions());
}
