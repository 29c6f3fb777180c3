/** Keys, tables and secrets that come to be by calls: what the embedded services refuse, as there the templates make them. */
import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { DynamoDbService } from '../../../local/dynamodb/service.ts';
import type { KmsService } from '../../../local/kms/service.ts';
import type { SecretsService } from '../../../local/secrets/service.ts';
import { ApiError } from '../../../local/service.ts';
import type { Declared } from './declared.ts';

export type Creations = Readonly<Record<string, (input: unknown) => object | Promise<object>>>;

const Key = z.strictObject({ KeySpec: z.string(), KeyUsage: z.string(), Description: z.string() });
const Alias = z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() });

export function keyCreation(declared: Declared, kms: KmsService): Creations {
  const { accountId, region } = declared;
  return {
    CreateKey: (input) => {
      const id = randomUUID();
      const { arn } = declared.put(
        'AWS::KMS::Key',
        id,
        `arn:aws:kms:${region}:${accountId}:key/${id}`,
        Key.parse(input),
      );
      kms.provision(declared);
      return { KeyMetadata: { KeyId: id, Arn: arn } };
    },
    CreateAlias: (input) => {
      const alias = Alias.parse(input);
      declared.put('AWS::KMS::Alias', alias.AliasName, '', alias);
      kms.provision(declared);
      return {};
    },
    EnableKeyRotation: () => ({}),
  };
}

const NewTable = z.looseObject({
  TableName: z.string(),
  SSESpecification: z.strictObject({ Enabled: z.boolean(), SSEType: z.literal('KMS'), KMSMasterKeyId: z.string() }),
});
const TimeToLive = z.strictObject({
  TableName: z.string(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }),
});
const Named = z.looseObject({ TableName: z.string() });

export function tableCreation(declared: Declared, dynamoDb: DynamoDbService): Creations {
  const { accountId, region } = declared;
  const TYPE = 'AWS::DynamoDB::Table';
  return {
    CreateTable: async (input) => {
      const { TableName: name, SSESpecification: sse, ...rest } = NewTable.parse(input);
      if (declared.get(TYPE, name)) throw new ApiError('ResourceInUseException', 'It is there.', 400);
      const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
      const SSESpecification = { SSEEnabled: sse.Enabled, SSEType: 'KMS', KMSMasterKeyId: sse.KMSMasterKeyId };
      declared.put(TYPE, name, arn, { ...rest, SSESpecification });
      await dynamoDb.provision(declared);
      return { TableDescription: { TableName: name, TableArn: arn, TableStatus: 'CREATING' } };
    },
    UpdateTimeToLive: async (input) => {
      const { TableName: name, ...rest } = TimeToLive.parse(input);
      if (declared.find(TYPE, name).properties.TimeToLiveSpecification !== undefined) {
        throw new ApiError('ValidationException', 'TimeToLive is already enabled', 400);
      }
      declared.put(TYPE, name, '', rest);
      await dynamoDb.provision(declared);
      return rest;
    },
    DescribeTimeToLive: (input) => {
      const ttl = declared.find(TYPE, Named.parse(input).TableName).properties.TimeToLiveSpecification;
      return { TimeToLiveDescription: { TimeToLiveStatus: ttl === undefined ? 'DISABLED' : 'ENABLED' } };
    },
    UpdateContinuousBackups: () => ({}),
  };
}

const NewSecret = z.strictObject({
  Name: z.string(),
  Description: z.string(),
  KmsKeyId: z.string(),
  SecretString: z.string(),
  ClientRequestToken: z.string(),
  Tags: z.array(z.unknown()),
});

export function secretCreation(declared: Declared, secrets: SecretsService): Creations {
  const { accountId, region } = declared;
  return {
    CreateSecret: (input) => {
      const { Name, Description, KmsKeyId, SecretString } = NewSecret.parse(input);
      const suffix = randomBytes(3).toString('hex');
      const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${Name}-${suffix}`;
      declared.put('AWS::SecretsManager::Secret', arn, arn, { Name, Description, KmsKeyId, SecretString });
      secrets.provision(declared);
      return { ARN: arn, Name };
    },
  };
}
