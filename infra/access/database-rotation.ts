import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { DeploymentConfiguration } from '../config.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import { viaService } from '../constructs/keys.ts';
import type { SweepStorage } from '../constructs/sweep-storage.ts';
import type { Foundation } from '../foundation.ts';
import { rotatesSecrets } from './salt-rotation.ts';

export interface RotatedConnection {
  readonly name: string;
  /** ARN of the secret that is rotated. */
  readonly secret: string;
  readonly keeper: { readonly secret: string; readonly keyArn?: string | undefined };
  readonly peer: ec2.IPeer;
  readonly port: number;
}

/** Connections whose users take turns, as the configuration says. */
export function rotatedConnections(
  config: DeploymentConfiguration,
  storage: SweepStorage,
): readonly RotatedConnection[] {
  return Object.entries(config.connections).flatMap(([name, connection]) => {
    if (connection.engine === 'dynamodb' || connection.engine === 'files') return [];
    const { rotation, within, port } = connection;
    const secret = storage.secrets.get(name);
    if (rotation === undefined || secret === undefined) return [];
    const peer = 'cidr' in within ? ec2.Peer.ipv4(within.cidr) : ec2.Peer.securityGroupId(within.securityGroup);
    return [{ name, secret, keeper: { secret: rotation.keeperSecret, keyArn: rotation.keeperKeyArn }, peer, port }];
  });
}

/** Reads and writes the secrets of these connections, reads their keepers’, and goes where the databases are. */
export function databaseRotationAccess({ keys }: Foundation, connections: readonly RotatedConnection[]): StageAccess {
  const secrets = connections.map(({ secret }) => secret);
  const keepers = [...new Set(connections.map(({ keeper }) => keeper.secret))];
  const keeperKeys = [...new Set(connections.flatMap(({ keeper }) => keeper.keyArn ?? []))];
  return {
    doors: ['secretsmanager'],
    environment: { databaseSecrets: connections.map(({ secret, keeper }) => `${secret} ${keeper.secret}`).join(',') },
    databases: connections.map(({ name, peer, port }) => ({ name, peer, port })),
    grants: [
      ...rotatesSecrets(secrets, keys.secrets.keyArn),
      {
        sid: 'ReadKeepers',
        because: 'the keeper of a database changes the password of the user whose turn it is',
        actions: ['secretsmanager:GetSecretValue'],
        resources: keepers,
      },
      ...(keeperKeys.length === 0
        ? []
        : [
            {
              sid: 'OpenKeepers',
              because: 'Secrets Manager opens the keeper’s secret in the caller’s name',
              actions: ['kms:Decrypt'],
              resources: keeperKeys,
              conditions: {
                StringEquals: {
                  'kms:ViaService': viaService('secretsmanager'),
                  'kms:EncryptionContext:SecretARN': keepers,
                },
              },
            },
          ]),
    ],
  };
}
