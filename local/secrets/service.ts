/** The secrets of the embedded cloud: Secrets Manager's API over values that are encrypted under their KMS keys. */
import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../../shared/ports.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Authorizer, Deployment, KeyRing, Service } from '../service.ts';
import type { Store } from '../store.ts';
import { generateSecretString } from './generate.ts';
import * as operations from './operations.ts';
import { createRotations, type Rotations } from './rotation.ts';
import { type DeclaredSecret, readSecrets } from './secrets.ts';
import { createVault } from './vault.ts';

export interface SecretsServiceOptions {
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
  readonly region: string;
}

export interface SecretsService {
  readonly service: Service;
  readonly rotations: Rotations;
  /** Makes the secrets of the deployment, with a first value each. Repeating it changes nothing; values stay. */
  provision(deployment: Deployment): void;
}

export function createSecretsService(options: SecretsServiceOptions): SecretsService {
  const vault = createVault(options);
  let declared: readonly DeclaredSecret[] = [];
  let deployed: Deployment | undefined;
  const rotations = createRotations({ ...options, vault, all: () => declared, deployment: () => deployed });
  const secrets: operations.Secrets = { ...options, vault, rotations, all: () => declared };
  return {
    rotations,
    service: jsonService({
      signingName: 'secretsmanager',
      name: 'SecretsManager',
      target: 'secretsmanager',
      contentType: 'application/x-amz-json-1.1',
      operations: {
        DescribeSecret: operations.describeSecret(secrets),
        GetSecretValue: operations.getSecretValue(secrets),
        ListSecretVersionIds: operations.listSecretVersionIds(secrets),
        RotateSecret: operations.rotateSecret(secrets),
        PutSecretValue: operations.putSecretValue(secrets),
        UpdateSecretVersionStage: operations.updateSecretVersionStage(secrets),
      },
    }),
    provision: (deployment) => {
      declared = readSecrets(deployment);
      deployed = deployment;
      options.store.transaction(() => {
        for (const secret of declared) {
          if (vault.exists(secret)) continue;
          const { first } = secret;
          const text = 'text' in first ? first.text : generateSecretString(first.generate, options.random);
          const id = randomUUID();
          vault.write(secret, id, { kind: 'string', bytes: Buffer.from(text) }, undefined);
          vault.setStage(secret, 'AWSCURRENT', id);
        }
      });
    },
  };
}
