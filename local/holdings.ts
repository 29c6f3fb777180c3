/** What keeps data: storage, tables, keys and secrets of one deployment, over one store. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../shared/ports.ts';
import { createDynamoDbService } from './dynamodb/service.ts';
import type { ForeignEndpoint, Provisioned } from './functions/environment.ts';
import type { Iam } from './iam/iam.ts';
import { createKmsService } from './kms/service.ts';
import { createS3Service } from './s3/service.ts';
import type { Rotations } from './secrets/rotation.ts';
import { createSecretsService } from './secrets/service.ts';
import { ApiError, type Deployment, type Service } from './service.ts';
import type { Store } from './store.ts';
import { createStsService } from './sts/service.ts';

export interface Holdings {
  /** `undefined` where storage is another endpoint's. */
  readonly s3: Service | undefined;
  /** `undefined` where secrets are another endpoint’s. */
  readonly rotations: Rotations | undefined;
  /** All of them, and STS. */
  readonly services: readonly Service[];
  /** Applies lifecycles, times to live and schedules of rotations as of now. */
  expire(): Promise<void>;
  close(): Promise<void>;
}

/** Makes everything that the deployment declares; what is there already stays as it is. */
export async function openHoldings(deployment: Deployment, store: Store, iam: Iam, clock: Clock): Promise<Holdings> {
  const { accountId, region } = deployment;
  const { authorizer, credentials, roles } = iam;
  const shared = { store, authorizer, clock, random: randomBytes, accountId, region };
  const kms = createKmsService(shared);
  const { keyRing } = kms;
  const s3 = createS3Service({ ...shared, keyRing });
  const secrets = createSecretsService({ ...shared, keyRing });
  const dynamoDb = await createDynamoDbService({ ...shared, keyRing });
  const sts = createStsService({ authorizer, credentials, roles, clock, accountId });
  try {
    kms.provision(deployment);
    s3.provision(deployment);
    secrets.provision(deployment);
    await dynamoDb.provision(deployment);
  } catch (error) {
    await dynamoDb.close();
    throw error;
  }
  return {
    s3,
    rotations: secrets.rotations,
    services: [s3, kms.service, secrets.service, dynamoDb.service, sts],
    expire: async () => {
      secrets.rotations.tick();
      s3.expire(clock.now());
      await dynamoDb.expire(clock.now());
    },
    close: () => dynamoDb.close(),
  };
}

/** What stays here when another endpoint keeps the data: STS, and the keys that the other one cannot make. */
export function openRemainder(
  { url, kept = new Set() }: ForeignEndpoint & Partial<Provisioned>,
  deployment: Deployment,
  store: Store,
  iam: Iam,
  clock: Clock,
): Holdings {
  const { accountId, region } = deployment;
  const { authorizer, credentials, roles } = iam;
  const services = [createStsService({ authorizer, credentials, roles, clock, accountId })];
  if (kept.size > 0) {
    const kms = createKmsService({ store, authorizer, clock, random: randomBytes, accountId, region });
    const ofType = (type: string) =>
      deployment.ofType(type).filter(({ arn }) => type !== 'AWS::KMS::Key' || kept.has(arn));
    kms.provision({ ...deployment, ofType });
    services.push(kms.service);
  }
  const names = ['s3', 'dynamodb', 'kms', 'secretsmanager'];
  const missing = names.filter((name) => !services.some(({ signingName }) => signingName === name));
  return {
    s3: undefined,
    rotations: undefined,
    services: [...services, ...missing.map((name) => elsewhere(name, url))],
    expire: async () => undefined,
    close: async () => undefined,
  };
}

/** Whoever asks here says nothing of where the data is: the answer does. */
const elsewhere = (signingName: string, url: string): Service => ({
  signingName,
  operation: () => `${signingName}.Elsewhere`,
  handle: async () => {
    throw new ApiError('NotImplemented', `PARAPET_ENDPOINT_URL was given: ${signingName} is at ${url}.`, 501);
  },
});
