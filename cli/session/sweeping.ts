/** Sweeps on an embedded cloud: tells it where the database is, lets a schedule come due, and waits for the sealed verdict. */
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { DatabasePlace } from '../../functions/sweep/engines/database-place.ts';
import { sweepIdOf } from '../../functions/sweep/protocol/messages.ts';
import type { Cloud } from '../../local/cloud.ts';
import { parseVerifierKey } from '../../shared/audit/verifier-key.ts';
import { KEYS, SWEEP_EVIDENCE, type SweepEvidenceFile } from '../../shared/names.ts';
import type { Verdict } from '../../shared/verdict/schema.ts';
import { verifyVerdict } from '../../shared/verdict/verify.ts';

export interface Swept {
  readonly sweep: string;
  readonly execution: string;
  /** Verified with the public key alone. */
  readonly verdict: Verdict;
  readonly files: Readonly<Record<SweepEvidenceFile, string>>;
  readonly publicKey: string;
}

export interface Sweeping {
  /** Puts into the secret of a connection where its database is: what its keeper does after a deployment. */
  place(connection: string, place: DatabasePlace): Promise<void>;
  /** Lets the schedule of the dataset come due, and waits. */
  sweep(dataset: string): Promise<Swept>;
  /** Fetches and verifies what a sweep has left in the audit log. */
  fetch(dataset: string, execution: string): Promise<Swept>;
  close(): void;
}

/** As the account's root: on AWS, whoever deployed the stack. */
export function sweepingOn(cloud: Cloud): Sweeping {
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.credentials();
  const options = {
    region: cloud.deployment.region,
    endpoint: cloud.endpoint,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  };
  const secrets = new SecretsManagerClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const kms = new KMSClient(options);
  const bucket = cloud.deployment.find('AWS::S3::Bucket', 'Audit').physicalId;
  const sealKey = cloud.deployment.find('AWS::KMS::Key', 'SealSigningKey').arn;
  const machine = cloud.deployment.find('AWS::StepFunctions::StateMachine', 'SweepStateMachine').arn;

  const fetch = async (dataset: string, execution: string): Promise<Swept> => {
    const sweep = sweepIdOf(execution);
    const texts = await Promise.all(
      SWEEP_EVIDENCE.map(async (file) => {
        const found = await s3.send(
          new GetObjectCommand({ Bucket: bucket, Key: KEYS.sweepEvidence(dataset, sweep, file) }),
        );
        return [file, (await found.Body?.transformToString()) ?? ''] as const;
      }),
    );
    const files = Object.fromEntries(texts) as Record<SweepEvidenceFile, string>;
    const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId: sealKey }));
    const lines =
      Buffer.from(PublicKey)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    const publicKey = `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
    const { verdict } = verifyVerdict(
      { document: files['verdict.json'], entries: files['entries.ndjson'], checkpoint: files.checkpoint },
      parseVerifierKey(publicKey),
    );
    return { sweep, execution, verdict, files, publicKey };
  };

  return {
    fetch,
    place: async (connection, { host, port, database, user, password }) => {
      const secret = cloud.deployment
        .ofType('AWS::SecretsManager::Secret')
        .find(({ properties }) => String(properties.Name ?? '').endsWith(`-${connection}`));
      const SecretString = JSON.stringify({ host, port, dbname: database, username: user, password });
      await secrets.send(new PutSecretValueCommand({ SecretId: secret?.arn ?? '', SecretString }));
    },
    sweep: async (dataset) => {
      const own = () => cloud.executions().filter(({ machineArn }) => machineArn === machine);
      const before = new Set(own().map(({ arn }) => arn));
      cloud.trigger(dataset);
      await cloud.idle();
      const started = own().find(({ arn }) => !before.has(arn));
      if (started === undefined) throw new Error(`the schedule of ${dataset} has started nothing`);
      return fetch(dataset, started.arn);
    },
    close: () => {
      for (const client of [secrets, s3, kms]) client.destroy();
    },
  };
}
