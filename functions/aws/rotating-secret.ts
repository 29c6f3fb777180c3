import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { CURRENT, PENDING, type RotatingSecret } from '../rotation/protocol/rotation.ts';
import { calling, isNamed, translate } from './errors.ts';

export class SecretsManagerRotatingSecret implements RotatingSecret {
  readonly #client: SecretsManagerClient;
  readonly #secret: string;

  constructor(client: SecretsManagerClient, secret: string) {
    this.#client = client;
    this.#secret = secret;
  }

  async describe(): ReturnType<RotatingSecret['describe']> {
    const found = await calling('DescribeSecret', () =>
      this.#client.send(new DescribeSecretCommand({ SecretId: this.#secret })),
    );
    return {
      rotates: found.RotationEnabled === true,
      stages: new Map(Object.entries(found.VersionIdsToStages ?? {})),
    };
  }

  async read({ stage, version }: Parameters<RotatingSecret['read']>[0]): Promise<string | undefined> {
    try {
      const found = await this.#client.send(
        new GetSecretValueCommand({
          SecretId: this.#secret,
          VersionStage: stage,
          ...(version === undefined ? {} : { VersionId: version }),
        }),
      );
      return found.SecretString;
    } catch (error) {
      // The version that is to be made is there before its value.
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw translate(error, 'GetSecretValue');
    }
  }

  async putPending(version: string, text: string): Promise<void> {
    await calling('PutSecretValue', () =>
      this.#client.send(
        new PutSecretValueCommand({
          SecretId: this.#secret,
          ClientRequestToken: version,
          SecretString: text,
          VersionStages: [PENDING],
        }),
      ),
    );
  }

  async dropPending(version: string): Promise<void> {
    await calling('UpdateSecretVersionStage', () =>
      this.#client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.#secret,
          VersionStage: PENDING,
          RemoveFromVersionId: version,
        }),
      ),
    );
  }

  async makeCurrent(version: string, from: string): Promise<void> {
    await calling('UpdateSecretVersionStage', () =>
      this.#client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.#secret,
          VersionStage: CURRENT,
          MoveToVersionId: version,
          RemoveFromVersionId: from,
        }),
      ),
    );
  }
}
