/** What keeps data: storage, tables, keys and secrets of one deployment, over one store. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../shared/ports.ts';
import { createDynamoDbService } from './dynamodb/service.ts';
import type { Iam } from './iam/iam.ts';
import { createKmsService } from './kms/service.ts';
import { createS3Service } from './s3/service.ts';
import { createSecretsService } from './secrets/service.ts';
import type { Deployment, Service } from './service.ts';
import type { Store } from './store.ts';
import { createStsService } from './sts/service.ts';

export interface Holdings {
  readonly s3: Service;
  /** All of them, and STS. */
  readonly services: readonly Service[];
  /** Applies lifecycles and times to live as of now. */
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
    services: [s3, kms.service, secrets.service, dynamoDb.service, sts],
    expire: async () => {
      s3.expire(clock.now());
      await dynamoDb.expire(clock.now());
    },
    close: () => dynamoDb.close(),
  };
}
