import { randomBytes } from 'node:crypto';
import { SecretsManagerRotatingSecret } from '../../aws/rotating-secret.ts';
import { SecretsManagerSource } from '../../aws/secret-source.ts';
import { secretsClient } from '../../aws/secrets-client.ts';
import { systemClock } from '../../runtime/clock.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { requireSecret } from '../protocol/require-secret.ts';
import { parseRotationRequest, type Rotation, rotate } from '../protocol/rotation.ts';
import { databaseRotation } from './database.ts';
import { databases } from './engines.ts';
import { readKeepers } from './keepers.ts';

const environment = readEnvironment(['databaseSecrets']);
const client = secretsClient();
const keepers = readKeepers(environment.databaseSecrets);

const rotationBy = (arn: string): Rotation =>
  databaseRotation({
    databases: databases(randomBytes),
    random: randomBytes,
    // Never from memory: the keeper's own secret may have been rotated a moment ago.
    keeper: { arn, read: () => new SecretsManagerSource(client, arn, systemClock).read({ fresh: true }) },
  });

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('database-rotation', context, async () => {
    const request = parseRotationRequest(event);
    requireSecret(request, [...keepers.keys()]);
    const secret = new SecretsManagerRotatingSecret(client, request.SecretId);
    return { outcome: await rotate(request, secret, rotationBy(keepers.get(request.SecretId) ?? '')) };
  });
