/** Every bucket of the flow: which key, who touches content, how long what stays. */
import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DEAD_ATTEMPT, WORKING_PREFIX } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import { whoMay } from '../people/matrix.ts';
import { ACTORS, functionRoles, type Principals, reporters } from '../principals.ts';
import { type FlowKeys, QUARANTINING } from './flow-keys.ts';
import { CONTENT, deny, guardedBucket } from './guarded-bucket.ts';

const READ = ['s3:GetObject', 's3:GetObjectVersion'];

export interface FlowBucketsProps {
  readonly config: DeploymentConfiguration;
  readonly principals: Principals;
  readonly keys: FlowKeys;
  readonly vpcId: string;
}

export class FlowBuckets extends Construct {
  readonly landing: s3.Bucket;
  readonly working: s3.Bucket;
  readonly vault: s3.Bucket;
  readonly quarantine: s3.Bucket;
  readonly exports: s3.Bucket;
  readonly audit: s3.Bucket;

  constructor(scope: Construct, id: string, { config, principals, keys, vpcId }: FlowBucketsProps) {
    super(scope, id);
    const { root } = principals;
    const roles = (...of: Parameters<Principals['roleArns']>[0]): string[] => principals.roleArns(of);
    const shared = { config, inside: { roles: roles(...functionRoles(config)), vpcId } };
    const reporting = reporters(config);

    this.landing = guardedBucket(this, {
      ...shared,
      id: 'LandingBucket',
      key: keys.landing,
      // Anybody whom IAM and the landing key let may put; only ingestion reads.
      admitted: { principals: [...roles('ingestion'), root], actions: READ },
      deletedBy: roles('seal'),
      lifecycle: [expireSuperseded(1)],
    });
    // Not `eventBridgeEnabled`: CDK sets that by a custom resource with a function and a role of its own.
    const resource = this.landing.node.defaultChild;
    if (!(resource instanceof s3.CfnBucket)) throw new Error('the landing bucket has no resource');
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };

    this.working = guardedBucket(this, {
      ...shared,
      id: 'WorkingBucket',
      key: keys.working.ingestion,
      prefixKeys: {
        [WORKING_PREFIX.ingestion]: [keys.working.ingestion, keys.custody],
        [WORKING_PREFIX.reconciliation]: [keys.working.reconciliation, keys.custody],
        [WORKING_PREFIX.processing]: [keys.working.processing, keys.custody],
      },
      admitted: {
        principals: roles('ingestion', 'reconciliation', 'processing', 'egress', 'custody'),
        actions: CONTENT,
      },
      lifecycle: [{ id: 'Intermediate', expiration: Duration.days(7) }, expireSuperseded(1), dropMarkers()],
    });
    this.vault = guardedBucket(this, {
      ...shared,
      id: 'VaultBucket',
      key: keys.vault,
      admitted: { principals: roles('ingestion', 'egress'), actions: CONTENT },
      markedBy: roles('ingestion'),
      lifecycle: [expireSuperseded(1), expireMarked(), dropMarkers()],
    });
    this.quarantine = guardedBucket(this, {
      ...shared,
      id: 'QuarantineBucket',
      key: keys.quarantine,
      admitted: {
        principals: [...roles(...QUARANTINING, 'custody', ...whoMay('readProblems')), root],
        actions: CONTENT,
      },
      deletedBy: roles('custody'),
      markedBy: roles(...QUARANTINING),
      // What is quarantined stays until somebody releases or discards it: neither happens by the clock. What an attempt left that
      // died before it could commit is not quarantined: no entry names it.
      lifecycle: [expireSuperseded(1), expireMarked(), dropMarkers()],
    });
    this.exports = guardedBucket(this, {
      ...shared,
      id: 'ExportsBucket',
      key: keys.exports,
      // No person downloads an export (requirement B17).
      admitted: { principals: [...roles('egress'), root], actions: CONTENT },
      lifecycle: [expireSuperseded(30)],
    });
    this.audit = guardedBucket(this, {
      ...shared,
      id: 'AuditBucket',
      key: keys.audit,
      admitted: { principals: [...roles(...ACTORS, ...reporting, ...whoMay('readEvidence')), root], actions: CONTENT },
      lifecycle: [],
      lock: { mode: config.audit.retentionMode, days: config.audit.retentionDays },
    });
    protectEvidence(this.audit, config);
  }
}

const expireSuperseded = (days: number): s3.LifecycleRule => ({
  id: 'Superseded',
  noncurrentVersionExpiration: Duration.days(days),
});

/** What a stage has marked as left by an attempt that died (functions/submission/protocol/dead-attempts.ts). Unmarked, nothing expires. */
const expireMarked = (): s3.LifecycleRule => ({
  id: 'DeadAttempts',
  tagFilters: DEAD_ATTEMPT,
  expiration: Duration.days(7),
});

/** Apart from the expiry itself: S3 refuses both in one rule. */
const dropMarkers = (): s3.LifecycleRule => ({ id: 'Markers', expiredObjectDeleteMarker: true });

/** Whoever writes must say that nothing may be there. */
export function requireWriteOnce(bucket: s3.Bucket): void {
  bucket.addToResourcePolicy(
    // `s3:ObjectCreationOperation` is false for the parts of a multipart upload, which carry no condition of their own.
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    deny('RequireWriteOnce', ['s3:PutObject'], [bucket.arnForObjects('*')], {
      Null: { 's3:if-none-match': 'true' },
      Bool: { 's3:ObjectCreationOperation': 'true' },
    }),
  );
}

/** Written once, and retained as the profile says. */
function protectEvidence(bucket: s3.Bucket, config: DeploymentConfiguration): void {
  requireWriteOnce(bucket);
  const { retentionDays, retentionMode } = config.audit;
  const retaining = ['s3:PutObject', 's3:PutObjectRetention'];
  bucket.addToResourcePolicy(
    deny('DenyOtherRetention', retaining, [bucket.arnForObjects('*')], {
      StringNotEquals: { 's3:object-lock-mode': retentionMode },
      Null: { 's3:object-lock-mode': 'false' },
    }),
  );
  // Of a single day, no whole one is left a moment later: nothing would be shorter.
  if (retentionDays < 2) return;
  bucket.addToResourcePolicy(
    // S3 counts whole days that remain: a retention that begins a second ago has one day less.
    deny('DenyShorterRetention', retaining, [bucket.arnForObjects('*')], {
      NumericLessThan: { 's3:object-lock-remaining-retention-days': String(retentionDays - 1) },
    }),
  );
}
