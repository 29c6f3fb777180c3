import { Problem } from '../../shared/problem.ts';
import { systemClock, systemRandom } from '../runtime/clock.ts';
import type { Environment } from '../runtime/environment.ts';
import { S3ObjectStore } from './object-store.ts';
import { DynamoRunStore } from './run-store.ts';

/** The variables behind what every stage of the flow stands on. */
export const FLOW_VARIABLES = [
  'runsTable',
  'auditBucket',
  'auditKey',
  'auditRetentionDays',
  'auditRetentionMode',
  'leaseSeconds',
] as const;

/** All of it but the deadline, which each invocation has its own of. */
export function flowPorts(
  environment: Environment<(typeof FLOW_VARIABLES)[number]>,
  clients: {
    readonly s3: ConstructorParameters<typeof S3ObjectStore>[0]['client'];
    readonly dynamodb: ConstructorParameters<typeof DynamoRunStore>[0];
  },
) {
  return {
    runs: new DynamoRunStore(clients.dynamodb, environment.runsTable),
    audit: new S3ObjectStore({
      client: clients.s3,
      bucket: environment.auditBucket,
      key: environment.auditKey,
      retention: {
        mode: retentionMode(environment.auditRetentionMode),
        days: positive('auditRetentionDays', environment.auditRetentionDays),
        now: systemClock.now,
      },
    }),
    clock: systemClock,
    random: systemRandom,
    leaseSeconds: positive('leaseSeconds', environment.leaseSeconds),
  };
}

function retentionMode(text: string): 'GOVERNANCE' | 'COMPLIANCE' {
  if (text === 'GOVERNANCE' || text === 'COMPLIANCE') return text;
  throw new Problem('configuration-invalid', { detail: 'auditRetentionMode must be GOVERNANCE or COMPLIANCE.' });
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Problem('configuration-invalid', { detail: `${name} must be a positive integer.` });
}
