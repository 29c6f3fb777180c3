/** Secrets at another endpoint, found again by their names: the end of a secret's ARN is the endpoint's own. */
import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutResourcePolicyCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { generateSecretString } from '../../local/secrets/generate.ts';
import { type DeclaredSecret, readSecrets } from '../../local/secrets/secrets.ts';
import type { Deployment } from '../../local/service.ts';
import { Problem } from '../../shared/problem.ts';
import { type Asking, isNamed } from './asking.ts';
import { carriedPolicy } from './carried.ts';
import { propertiesOf } from './properties.ts';

/** Everything that `readSecrets` understands, and nothing else. */
const Known = z.strictObject({
  Name: z.unknown().optional(),
  Description: z.unknown().optional(),
  KmsKeyId: z.unknown().optional(),
  SecretString: z.unknown().optional(),
  GenerateSecretString: z.unknown().optional(),
  Tags: z.unknown().optional(),
});

/** @returns ARNs: in the templates → there */
export async function makeSecrets(
  client: SecretsManagerClient,
  deployment: Deployment,
  options: { readonly url: string; readonly arns: ReadonlyMap<string, string> },
  asking: Asking,
): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  for (const resource of deployment.ofType('AWS::SecretsManager::Secret')) propertiesOf(resource, Known);
  await Promise.all(
    readSecrets(deployment).map(async (secret) => {
      const resource = deployment.ofType('AWS::SecretsManager::Secret').find(({ arn }) => arn === secret.arn);
      const logicalId = resource?.logicalId ?? secret.name;
      const arn = await asking.need('SecretsManager CreateSecret', logicalId, () =>
        exists(client, secret, options.arns),
      );
      if (arn === undefined) return;
      made.set(secret.arn, arn);
      const policy = secret.policy && carriedPolicy(secret.policy, options);
      if (policy === undefined) return;
      await asking.want('SecretsManager PutResourcePolicy', logicalId, 'the policy of the secret does not hold', () =>
        client.send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy: policy, BlockPublicPolicy: true })),
      );
    }),
  );
  return made;
}

/** Makes it where it is not, with a value that nobody sees; one that is there keeps its value. */
async function exists(
  client: SecretsManagerClient,
  { name: Name, description: Description, keyId, tags, first }: DeclaredSecret,
  arns: ReadonlyMap<string, string>,
): Promise<string> {
  try {
    const found = await client.send(new DescribeSecretCommand({ SecretId: Name }));
    if (found.DeletedDate !== undefined) {
      throw new Problem('configuration-invalid', { detail: `The secret ${Name} there waits for its deletion.` });
    }
    if (found.ARN !== undefined) return found.ARN;
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
  }
  const created = await client.send(
    new CreateSecretCommand({
      Name,
      Description,
      KmsKeyId: arns.get(keyId) ?? keyId,
      SecretString: 'text' in first ? first.text : generateSecretString(first.generate, randomBytes),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  if (created.ARN === undefined) throw new Problem('endpoint-failed', { detail: `CreateSecret named no secret.` });
  return created.ARN;
}
