import { randomBytes } from 'node:crypto';
import { SecretsManagerRotatingSecret } from '../../aws/rotating-secret.ts';
import { secretsClient } from '../../aws/secrets-client.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { requireSecret } from '../protocol/require-secret.ts';
import { parseRotationRequest, rotate } from '../protocol/rotation.ts';
import { saltRotation } from './salts.ts';

const environment = readEnvironment(['deployment', 'tokenSalts']);
const client = secretsClient();
const rotation = saltRotation(environment.deployment, randomBytes);

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('salt-rotation', context, async () => {
    const request = parseRotationRequest(event);
    requireSecret(request, [environment.tokenSalts]);
    const secret = new SecretsManagerRotatingSecret(client, environment.tokenSalts);
    return { outcome: await rotate(request, secret, rotation) };
  });
