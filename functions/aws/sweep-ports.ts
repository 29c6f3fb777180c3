/** What the handlers of the sweep's steps stand on. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../runtime/clock.ts';
import type { Environment } from '../runtime/environment.ts';
import { DynamoContractSource } from './contract-source.ts';
import { S3ObjectStore } from './object-store.ts';
import type { s3Client } from './s3-client.ts';
import { ObjectSweepStore, sweepObjectKey } from './sweep-store.ts';

/** The variables behind what every step has. */
export const STEP_VARIABLES = ['contractsTable', 'contractPins', 'sweepBucket', 'sweepKey', 'codeDigest'] as const;

export function stepPorts(
  environment: Environment<(typeof STEP_VARIABLES)[number]>,
  clients: { readonly s3: ReturnType<typeof s3Client>; readonly dynamodb: DynamoDBClient },
) {
  const bucket = environment.sweepBucket;
  const objects = new S3ObjectStore({ client: clients.s3, bucket, key: environment.sweepKey });
  return {
    contracts: new DynamoContractSource(clients.dynamodb, environment.contractsTable),
    contractPins: environment.contractPins,
    code: environment.codeDigest,
    store: (sweep: string) => new ObjectSweepStore(objects, sweep),
    place: (sweep: string, key: string) => ({ bucket, key: sweepObjectKey(sweep, key) }),
    clock: systemClock,
  };
}
