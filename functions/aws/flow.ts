import { Problem } from '../../shared/problem.ts';
import { systemClock, systemRandom } from '../runtime/clock.ts';
import type { Environment } from '../runtime/environment.ts';
import { S3ObjectStore } from './object-store.ts';
import { DynamoRunStore } from './run-store.ts';

export const AUDIT_VARIABLES = ['auditBucket', 'auditKey', 'auditRetentionDays', 'auditRetentionMode'] as const;
/** The variables behind what every stage of the flow stands on. */
export const FLOW_VARIABLES = ['runsTable', ...AUDIT_VARIABLES, 'leaseSeconds'] as const;

/** The audit bucket; what is created there is retained. */
export function auditStore(
  environment: Environment<(typeof AUDIT_VARIABLES)[number]>,
  client: ConstructorParameters<typeof S3ObjectStore>[0]['client'],
): S3ObjectStore {
  return new S3ObjectStore({
    client,
    bucket: environment.auditBucket,
    key: environment.auditKey,
    retention: {
      mode: retentionMode(environment.auditRetentionMode),
      days: positive('auditRetentionDays', environment.auditRetentionDays),
      now: systemClock.now,
    },
  });
}

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
    audit: auditStore(environment, clients.s3),
    clock: systemClock,
    random: systemRandom,
    leaseSeconds: positive('leaseSeconds', environment.leaseSeconds),
  };
}

function retentionMode(text: string): 'GOVERNANCE' | 'COMPLIANCE' {
  if (text === 'GOVERNANCE' || text === 'COMPLIANCE') return text;
  throw new Problem('configuration-invalid', { detail: 'auditRetentionMode must be GOVERNANCE or COMPLIANCE.' });
}

/** @throws Problem `configuration-invalid` */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Problem('configuration-invalid', { detail: `${name} must be a positive integer.` });
}
