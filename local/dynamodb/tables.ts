/** The tables of a deployment, as their templates describe them. */
import * as z from 'zod';
import { Problem } from '../../shared/problem.ts';
import type { DeployedResource, Deployment } from '../service.ts';

export interface Table {
  readonly name: string;
  readonly arn: string;
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
  /** Partition keys of the indexes, by their names. */
  readonly indexes: ReadonlyMap<string, string>;
  /** Key id or ARN; `undefined` under the key that DynamoDB owns, which no caller needs a permission for. */
  readonly keyId: string | undefined;
  readonly ttlAttribute: string | undefined;
  readonly resourcePolicy: object | undefined;
  /** What CreateTable gets. */
  readonly creation: object;
}

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const Index = z.looseObject({ IndexName: z.string(), KeySchema, Projection: z.unknown() });
const Sse = z.looseObject({ SSEEnabled: z.boolean().optional(), KMSMasterKeyId: z.string().optional() });
const Policy = z.looseObject({ PolicyDocument: z.record(z.string(), z.unknown()) });
const Properties = z.looseObject({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema,
  GlobalSecondaryIndexes: z.array(Index).optional(),
  LocalSecondaryIndexes: z.array(Index).optional(),
  SSESpecification: Sse.optional(),
  TimeToLiveSpecification: z.looseObject({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
  ResourcePolicy: Policy.optional(),
  Replicas: z
    .array(z.looseObject({ Region: z.string(), SSESpecification: Sse.optional(), ResourcePolicy: Policy.optional() }))
    .default([]),
});

export function readTables(deployment: Deployment): readonly Table[] {
  const resources = [...deployment.ofType('AWS::DynamoDB::Table'), ...deployment.ofType('AWS::DynamoDB::GlobalTable')];
  return resources.map((resource) => readTable(resource, deployment.region));
}

function readTable(resource: DeployedResource, region: string): Table {
  const parsed = Properties.safeParse(resource.properties);
  if (!parsed.success) {
    const detail = `${resource.logicalId}: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')} of the table.`;
    throw new Problem('configuration-invalid', { detail });
  }
  const properties = parsed.data;
  // A global table says per replica what a table says once; the only region here is this one.
  const replica = properties.Replicas.find(({ Region }) => Region === region);
  const sse = replica?.SSESpecification ?? properties.SSESpecification;
  const indexes = [...(properties.GlobalSecondaryIndexes ?? []), ...(properties.LocalSecondaryIndexes ?? [])];
  const ttl = properties.TimeToLiveSpecification;
  const listed = (name: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'): object => {
    const list = properties[name];
    const kept = list?.map(({ IndexName, KeySchema: keys, Projection }) => ({
      IndexName,
      KeySchema: keys,
      Projection,
    }));
    return kept === undefined ? {} : { [name]: kept };
  };
  return {
    name: resource.physicalId,
    arn: resource.arn,
    partitionKey: keyOf(properties.KeySchema, 'HASH') ?? '',
    sortKey: keyOf(properties.KeySchema, 'RANGE'),
    indexes: new Map(indexes.map((index) => [index.IndexName, keyOf(index.KeySchema, 'HASH') ?? ''])),
    keyId: sse?.KMSMasterKeyId ?? (sse?.SSEEnabled === true ? 'alias/aws/dynamodb' : undefined),
    ttlAttribute: ttl?.Enabled === true ? ttl.AttributeName : undefined,
    resourcePolicy: (replica?.ResourcePolicy ?? properties.ResourcePolicy)?.PolicyDocument,
    creation: {
      TableName: resource.physicalId,
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      BillingMode: 'PAY_PER_REQUEST',
      ...listed('GlobalSecondaryIndexes'),
      ...listed('LocalSecondaryIndexes'),
    },
  };
}

const keyOf = (schema: z.infer<typeof KeySchema>, type: 'HASH' | 'RANGE'): string | undefined =>
  schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
