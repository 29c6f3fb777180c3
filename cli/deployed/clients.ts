/** SDK clients of those who look after a deployment: what they ask changes nothing. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Connection } from '../session/connection.ts';

export type DeployedClients = ReturnType<typeof deployedClients>;

/**
 * As the session of the environment. Only where there is none, an embedded cloud is asked as its auditor, who reads settings and
 * evidence, and no data; `parapet up` prints the key of its root, who sees the rest.
 */
export function deployedClients({ region, endpoint, people }: Connection) {
  const own = process.env.AWS_ACCESS_KEY_ID === undefined ? (people?.auditor ?? people?.operator) : undefined;
  const options = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(own === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: own.accessKeyId,
            secretAccessKey: own.secretAccessKey,
            ...(own.sessionToken === undefined ? {} : { sessionToken: own.sessionToken }),
          },
        }),
    // What an embedded cloud does not serve it says at once; nothing here is worth waiting for.
    maxAttempts: 2,
  };
  const clients = {
    cloudformation: new CloudFormationClient(options),
    cloudtrail: new CloudTrailClient(options),
    cloudwatch: new CloudWatchClient(options),
    dynamodb: new DynamoDBClient(options),
    kms: new KMSClient(options),
    s3: new S3Client({ ...options, forcePathStyle: endpoint !== undefined }),
    scheduler: new SchedulerClient(options),
    secrets: new SecretsManagerClient(options),
    sns: new SNSClient(options),
    states: new SFNClient(options),
  };
  return {
    ...clients,
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
