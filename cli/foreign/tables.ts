/** Tables at another endpoint: keys, encryption, time to live, backups. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  KeyType,
  PutResourcePolicyCommand,
  ScalarAttributeType,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { DeployedResource, Deployment } from '../../local/service.ts';
import { Problem } from '../../shared/problem.ts';
import { type Asking, isNamed } from './asking.ts';
import { carriedPolicy } from './carried.ts';
import { propertiesOf } from './properties.ts';

const TableProperties = z.strictObject({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(ScalarAttributeType) })),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(KeyType) })),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  SSESpecification: z
    .strictObject({ SSEEnabled: z.literal(true), SSEType: z.literal('KMS'), KMSMasterKeyId: z.string() })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
  PointInTimeRecoverySpecification: z.strictObject({ PointInTimeRecoveryEnabled: z.boolean() }).optional(),
  DeletionProtectionEnabled: z.boolean().default(false),
  ResourcePolicy: z.strictObject({ PolicyDocument: z.unknown().optional() }).optional(),
});
type Wanted = z.output<typeof TableProperties>;

export interface TableOptions {
  readonly url: string;
  /** ARNs of keys: in the templates → there. */
  readonly arns: ReadonlyMap<string, string>;
}

export async function makeTables(
  client: DynamoDBClient,
  deployment: Deployment,
  options: TableOptions,
  asking: Asking,
): Promise<void> {
  const [other] = deployment.ofType('AWS::DynamoDB::GlobalTable');
  if (other)
    throw new Problem('not-implemented', { detail: `${other.logicalId}: a global table at another endpoint.` });
  await Promise.all(
    deployment.ofType('AWS::DynamoDB::Table').map(async (table) => {
      const wanted = propertiesOf(table, TableProperties);
      const arn = await asking.need('DynamoDB CreateTable', table.logicalId, () =>
        exists(client, table, wanted, options.arns),
      );
      if (arn !== undefined) await furnish(client, { table, wanted, arn }, options, asking);
    }),
  );
}

/** Makes it where it is not; resolves with its ARN when it is active. */
async function exists(
  client: DynamoDBClient,
  { logicalId, physicalId: TableName }: DeployedResource,
  wanted: Wanted,
  arns: TableOptions['arns'],
): Promise<string> {
  const found = await describe(client, TableName);
  if (found === undefined) {
    try {
      await client.send(new CreateTableCommand(creation(TableName, wanted, arns)));
    } catch (error) {
      // Another start was faster.
      if (!isNamed(error, 'ResourceInUseException')) throw error;
    }
  }
  const table = await active(client, TableName);
  const shape = (keys: Wanted['KeySchema'] | typeof table.KeySchema): string =>
    (keys ?? []).map(({ AttributeName, KeyType: type }) => `${type} ${AttributeName}`).join(', ');
  if (shape(table.KeySchema) !== shape(wanted.KeySchema)) {
    const detail = `${logicalId}: the table ${TableName} there has the keys ${shape(table.KeySchema)}.`;
    throw new Problem('configuration-invalid', { detail });
  }
  return table.TableArn ?? TableName;
}

function creation(TableName: string, wanted: Wanted, arns: TableOptions['arns']): CreateTableCommandInput {
  const { AttributeDefinitions, KeySchema, BillingMode, SSESpecification: sse, DeletionProtectionEnabled } = wanted;
  const key = sse && (arns.get(sse.KMSMasterKeyId) ?? sse.KMSMasterKeyId);
  return {
    TableName,
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    ...(DeletionProtectionEnabled ? { DeletionProtectionEnabled } : {}),
    ...(key === undefined ? {} : { SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key } }),
  };
}

async function describe(client: DynamoDBClient, TableName: string) {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

const POLL_MS = 200;
/** AWS takes seconds. */
const ATTEMPTS = 300;

async function active(client: DynamoDBClient, name: string) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const table = await describe(client, name);
    if (table?.TableStatus === 'ACTIVE') return table;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Problem('endpoint-failed', { detail: `The table ${name} did not become active.` });
}

async function furnish(
  client: DynamoDBClient,
  given: { readonly table: DeployedResource; readonly wanted: Wanted; readonly arn: string },
  { url, arns }: TableOptions,
  asking: Asking,
): Promise<void> {
  const { table, wanted, arn } = given;
  const { logicalId, physicalId: TableName } = table;
  const { TimeToLiveSpecification, PointInTimeRecoverySpecification, ResourcePolicy } = wanted;
  if (TimeToLiveSpecification) {
    await asking.want('DynamoDB UpdateTimeToLive', logicalId, 'what has expired stays', async () => {
      const { TimeToLiveDescription: found } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
      if (found?.TimeToLiveStatus === 'ENABLED' || found?.TimeToLiveStatus === 'ENABLING') return;
      await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    });
  }
  if (PointInTimeRecoverySpecification) {
    await asking.want('DynamoDB UpdateContinuousBackups', logicalId, 'the table has no backups', () =>
      client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification })),
    );
  }
  const policy = ResourcePolicy && carriedPolicy(ResourcePolicy.PolicyDocument, { url, arns });
  if (policy === undefined) return;
  await asking.want('DynamoDB PutResourcePolicy', logicalId, 'nothing there refuses plain HTTP', () =>
    client.send(new PutResourcePolicyCommand({ ResourceArn: arn, Policy: policy })),
  );
}
