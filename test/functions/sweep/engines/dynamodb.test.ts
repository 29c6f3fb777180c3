import { engineCases } from '../../../conformance/engine.cases.ts';
import { dynamoDbHarness } from '../../../support/engines/dynamodb.ts';

engineCases('DynamoDB', dynamoDbHarness);
