import type { StageAccess } from '../constructs/boundary-function.ts';
import type { Grant } from '../constructs/grant.ts';
import { viaService } from '../constructs/keys.ts';
import { ROTATION_OPERATIONS } from '../constructs/rotation-boundary.ts';
import type { Foundation } from '../foundation.ts';

/** Reads and writes the salts, and nothing else of the deployment. */
export function saltRotationAccess({ config, keys, tokenSalts }: Foundation): StageAccess {
  return {
    doors: ['secretsmanager'],
    environment: { deployment: config.deployment, tokenSalts: tokenSalts.ref },
    grants: rotatesSecrets([tokenSalts.ref], keys.secrets.keyArn),
  };
}

/** What a rotation may do on its secrets, under their key. */
export function rotatesSecrets(secrets: readonly string[], keyArn: string): Grant[] {
  return [
    {
      sid: 'RotateSecret',
      because: 'a new version is written beside the current one, tried, and made current',
      actions: ['secretsmanager:GetSecretValue', ...ROTATION_OPERATIONS],
      resources: secrets,
    },
    {
      sid: 'EncryptVersion',
      because: 'Secrets Manager uses the secret’s key in the caller’s name',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': viaService('secretsmanager'),
          'kms:EncryptionContext:SecretARN': [...secrets],
        },
      },
    },
  ];
}
