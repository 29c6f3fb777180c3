/**
 * Who did what in the account, and who touched the flow's data: one trail over all regions, its files chained by digests,
 * under Object Lock and a key of their own. A copy goes to a log group, where metric filters see it within minutes.
 */
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Foundation } from '../foundation.ts';
import { whoMay } from '../people/matrix.ts';
import { functionRoles } from '../principals.ts';
import { type Grant, keepReasons, policyOf } from './grant.ts';
import { guardedBucket } from './guarded-bucket.ts';
import { policedKey, viaS3 } from './keys.ts';
import { pin } from './pinned.ts';

export interface AuditTrail {
  readonly bucket: s3.Bucket;
  readonly key: kms.Key;
  /** What metric filters read. It is a copy: evidence is in the bucket. */
  readonly logGroup: logs.LogGroup;
}

/** In the scope itself, and not in a construct of its own: ids that CDK derives from the path stay what they are. */
export function auditTrail(scope: Construct, foundation: Foundation): AuditTrail {
  const { config, principals, network } = foundation;
  const trailName = principals.name('trail');
  // As text: the bucket's and the key's policies name the trail, and the trail needs both.
  const trailArn = `arn:${Aws.PARTITION}:cloudtrail:${Aws.REGION}:${Aws.ACCOUNT_ID}:trail/${trailName}`;
  const service = new iam.ServicePrincipal('cloudtrail.amazonaws.com');
  const key = trailKey(scope, foundation, { service, trailArn });
  const bucket = guardedBucket(scope, {
    config,
    id: 'TrailBucket',
    key,
    inside: { roles: principals.roleArns(functionRoles(config)), vpcId: network.vpc.vpcId },
    lifecycle: [],
    lock: { mode: config.audit.retentionMode, days: config.audit.retentionDays },
  });
  admitTrail(bucket, service, trailArn);
  const { logGroup, role } = liveCopy(scope, foundation, { service, trailArn });
  const trail = new cloudtrail.CfnTrail(scope, 'CloudTrail', {
    trailName,
    s3BucketName: bucket.bucketName,
    kmsKeyId: key.keyArn,
    cloudWatchLogsLogGroupArn: logGroup.logGroupArn,
    cloudWatchLogsRoleArn: role.roleArn,
    isLogging: true,
    isMultiRegionTrail: true,
    includeGlobalServiceEvents: true,
    enableLogFileValidation: true,
    advancedEventSelectors: selectors(foundation),
  });
  pin(trail, 'Trail');
  // CloudTrail tries the bucket when the trail is created: the policy has to be there.
  if (bucket.policy) trail.node.addDependency(bucket.policy);
  return { bucket, key, logGroup };
}

/**
 * Management events hold every use of a KMS key (AWS counts Decrypt and GenerateDataKey among them), Secrets Manager's reads,
 * log-ins, and changes of policies; nothing is excluded. What touches an object, an item or a function is a data event.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
function selectors({
  buckets,
  sweep,
  tables,
  principals,
}: Foundation): cloudtrail.CfnTrail.AdvancedEventSelectorProperty[] {
  const { landing, working, vault, quarantine, exports, audit } = buckets;
  const data = (name: string, type: string, arns: { readonly equalTo?: string[]; readonly startsWith?: string[] }) => ({
    name,
    fieldSelectors: [
      { field: 'eventCategory', equalTo: ['Data'] },
      { field: 'resources.type', equalTo: [type] },
      { field: 'resources.ARN', ...arns },
    ],
  });
  return [
    { name: 'Management', fieldSelectors: [{ field: 'eventCategory', equalTo: ['Management'] }] },
    data('Objects of the flow', 'AWS::S3::Object', {
      startsWith: [landing, working, vault, quarantine, exports, audit, ...(sweep ? [sweep.bucket] : [])].map((each) =>
        each.arnForObjects(''),
      ),
    }),
    data('Tables of the flow', 'AWS::DynamoDB::Table', {
      equalTo: Object.values(tables.byName).map((table) => table.tableArn),
    }),
    data('Functions of the deployment', 'AWS::Lambda::Function', {
      // By their names, so that a flow that is added later is seen from its first invocation on.
      startsWith: [`arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${principals.name('')}`],
    }),
  ];
}

interface ServiceTrail {
  readonly service: iam.ServicePrincipal;
  readonly trailArn: string;
}

/** CDK would add no statement for the service: without these CreateTrail fails. */
function trailKey(scope: Construct, { config, principals }: Foundation, { service, trailArn }: ServiceTrail): kms.Key {
  return policedKey(scope, {
    id: 'TrailKey',
    alias: `parapet/${config.deployment}/trail`,
    description: `Parapet ${config.deployment}: CloudTrail's log files`,
    retained: config.retained,
    uses: [
      {
        sid: 'EncryptLogFiles',
        principal: service,
        actions: ['kms:GenerateDataKey'],
        // The source is enough against a confused deputy. No condition on the encryption context: CloudTrail's own names
        // the trail, but with a bucket key S3 puts the bucket's in its place.
        conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
      },
      {
        // Where the bucket has a bucket key, CreateTrail tries kms:Decrypt as well.
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
        sid: 'TryKey',
        principal: service,
        actions: ['kms:Decrypt', 'kms:DescribeKey'],
        conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
      },
      viaS3('ReadLogFiles', ['kms:Decrypt'], [principals.root, ...principals.roleArns(whoMay('askTrail'))]),
      // What an investigator finds is an excerpt of the trail, and lies under its key.
      viaS3('WriteFindings', ['kms:GenerateDataKey'], [principals.root, ...principals.roleArns(whoMay('askTrail'))]),
    ],
  });
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html */
function liveCopy(
  scope: Construct,
  { config, principals, keys }: Foundation,
  { service, trailArn }: ServiceTrail,
): { readonly logGroup: logs.LogGroup; readonly role: iam.Role } {
  const logGroup = new logs.LogGroup(scope, 'TrailLogs', {
    logGroupName: `/parapet/${config.deployment}/trail`,
    encryptionKey: keys.operations,
    // Long enough for an alarm to be looked into; what is older is in the bucket.
    retention: config.retained ? logs.RetentionDays.THREE_MONTHS : logs.RetentionDays.ONE_WEEK,
    removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  pin(logGroup, 'TrailLogGroup');
  const grants: Grant[] = [
    {
      sid: 'WriteTrail',
      because: 'CloudTrail writes one stream per account and region, and puts a number of its own behind the name',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [
        `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:/parapet/${config.deployment}/trail:log-stream:${Aws.ACCOUNT_ID}_CloudTrail_${Aws.REGION}*`,
      ],
    },
  ];
  const role = new iam.Role(scope, 'TrailLogsRole', {
    roleName: principals.name('trail-logs'),
    // Confused deputy: only this trail makes the service take this role.
    assumedBy: service.withConditions({
      StringEquals: { 'aws:SourceArn': trailArn, 'aws:SourceAccount': Aws.ACCOUNT_ID },
    }),
    inlinePolicies: { access: policyOf(grants) },
  });
  keepReasons(role, grants);
  pin(role, 'TrailLogsRole');
  return { logGroup, role };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function admitTrail(bucket: s3.Bucket, service: iam.ServicePrincipal, trailArn: string): void {
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'CheckAcl',
      principals: [service],
      actions: ['s3:GetBucketAcl'],
      resources: [bucket.bucketArn],
      conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
    }),
  );
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'WriteLogFiles',
      principals: [service],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': trailArn } },
    }),
  );
}
