import { REGIME_DAYS } from '../../../infra/config.ts';
import type { DeployedResource, Deployment } from '../../../local/service.ts';
import { lockOf } from '../../deployed/buckets.ts';
import { trailOf } from '../../deployed/trail.ts';
import { idsOf, listed, member, statementsIn, texts } from '../../templates/reading.ts';
import { fail, notChecked, pass, type Section, unless, type View } from '../row.ts';

/** The least that the checklist names: "3-6 years". */
const LEAST_DAYS = 1095;

export const loggingAndMonitoring: Section = {
  title: 'Logging & Monitoring',
  rows: [
    {
      id: 'trail-of-all-regions',
      item: 'CloudTrail enabled for all regions',
      judge: ({ deployment }) => {
        const trails = deployment.ofType('AWS::CloudTrail::Trail');
        const whole = ['IsLogging', 'IsMultiRegionTrail', 'IncludeGlobalServiceEvents', 'EnableLogFileValidation'];
        const wrong = trails.filter(
          ({ properties }) => whole.some((name) => properties[name] !== true) || properties.KMSKeyId === undefined,
        );
        if (trails.length === 0) return fail('there is no trail');
        return unless(
          idsOf(wrong),
          'not all regions, not validated, or not under a key of ours',
          'one trail over all regions, its files chained by digests, under a key and an Object Lock of their own',
          idsOf(trails),
        );
      },
      ask: trailOf,
    },
    {
      id: 'object-events',
      item: 'S3 data events logged for sensitive buckets',
      judge: ({ deployment }) => {
        const recorded = deployment.ofType('AWS::CloudTrail::Trail').flatMap(recordedBuckets);
        const sensitive = deployment.ofType('AWS::S3::Bucket').filter((bucket) => !holdsTrail(bucket, deployment));
        return unless(
          idsOf(sensitive.filter(({ arn }) => !recorded.includes(arn))),
          'no data events of',
          `reads and writes of ${sensitive.length} buckets are recorded; of the trail’s own they would record themselves`,
          idsOf(sensitive),
        );
      },
    },
    {
      id: 'application-audit',
      item: 'Application audit logs for PII/PHI access',
      judge: (view) => applicationAudit(view),
    },
    {
      id: 'failed-log-ins',
      item: 'Failed login attempts logged and alerted',
      judge: ({ deployment }) => {
        const filters = deployment
          .ofType('AWS::Logs::MetricFilter')
          .filter(({ properties }) => String(properties.FilterPattern).includes('ConsoleLogin'));
        const metrics = filters.flatMap(({ properties }) =>
          listed(properties.MetricTransformations).map((each) => String(member(each, 'MetricName'))),
        );
        const alarms = deployment
          .ofType('AWS::CloudWatch::Alarm')
          .filter(
            ({ properties }) =>
              metrics.includes(String(properties.MetricName)) && listed(properties.AlarmActions).length > 0,
          );
        if (alarms.length === 0) return fail('nothing counts failed log-ins and rings');
        return pass('counted in the trail’s copy, with an alarm', ...idsOf([...filters, ...alarms]));
      },
    },
    {
      id: 'audit-retention',
      item: 'Audit log retention meets compliance (3-6 years)',
      judge: ({ config, deployment }) => {
        const { retentionDays, retentionMode, regimes } = config.audit;
        const needed = Math.max(LEAST_DAYS, ...regimes.map((regime) => REGIME_DAYS[regime]));
        const locked = idsOf(
          deployment.ofType('AWS::S3::Bucket').filter(({ properties }) => properties.ObjectLockEnabled === true),
        );
        const said = `${retentionDays} days under ${retentionMode}`;
        if (retentionDays < needed) return fail(`${said}; ${needed} are asked for`, '/auditRetentionDays', ...locked);
        if (retentionMode !== 'COMPLIANCE')
          return fail(`${said}, which an administrator can lift`, '/profile', ...locked);
        return pass(`${said}, which nobody can shorten`, ...locked);
      },
      ask: lockOf,
    },
    {
      id: 'threat-detection',
      item: 'GuardDuty/Security Hub enabled for threat detection',
      attestable: true,
      judge: ({ deployment }) => {
        const detectors = ['AWS::GuardDuty::Detector', 'AWS::SecurityHub::Hub'].flatMap((type) =>
          deployment.ofType(type),
        );
        if (deployment.ofType('AWS::GuardDuty::Detector').length > 0)
          return pass('turned on by the templates', ...idsOf(detectors));
        return notChecked(
          'GuardDuty is not turned on here: an account and region has one detector, and in an organisation the security account keeps it. Set detection.guardDuty, or have whoever keeps it say so',
          '/detection',
        );
      },
    },
  ],
};

/** ARNs of buckets whose objects' events the trail's selectors take. */
function recordedBuckets({ properties }: DeployedResource): string[] {
  return listed(properties.AdvancedEventSelectors).flatMap((selector) => {
    const fields = listed(member(selector, 'FieldSelectors'));
    const of = (name: string): unknown => fields.find((field) => member(field, 'Field') === name);
    if (!texts(member(of('resources.type'), 'Equals')).includes('AWS::S3::Object')) return [];
    return texts(member(of('resources.ARN'), 'StartsWith')).map((arn) => arn.replace(/\/$/, ''));
  });
}

/** The trail's bucket, and excerpts from it: a trail that recorded its own deliveries would never end. */
function holdsTrail(bucket: DeployedResource, deployment: Deployment): boolean {
  const keys = deployment.ofType('AWS::CloudTrail::Trail').map(({ properties }) => properties.KMSKeyId);
  const rules = listed(member(bucket.properties.BucketEncryption, 'ServerSideEncryptionConfiguration'));
  return rules.some((rule) => keys.includes(member(rule, 'ServerSideEncryptionByDefault', 'KMSMasterKeyID')));
}

/** Whoever reads or resolves personal data writes an entry of it, into a bucket that takes nothing back. */
function applicationAudit({ deployment }: View) {
  const [audit] = deployment.ofType('AWS::S3::Bucket').filter(({ logicalId }) => logicalId === 'AuditBucket');
  if (audit === undefined || audit.properties.ObjectLockEnabled !== true)
    return fail('no audit bucket under Object Lock');
  const roles = deployment
    .ofType('AWS::Lambda::Function')
    .filter(({ properties }) => JSON.stringify(properties.Environment ?? {}).includes('PARAPET_AUDIT_BUCKET'))
    .map(({ properties }) => deployment.ofType('AWS::IAM::Role').find(({ arn }) => arn === properties.Role));
  const silent = roles.flatMap((role) => {
    if (role === undefined) return [];
    const writes = statementsIn(role.properties.Policies).some(
      ({ effect, actions, resources }) =>
        effect === 'Allow' &&
        actions.includes('s3:PutObject') &&
        resources.some((each) => each.startsWith(`${audit.arn}/`)),
    );
    return writes ? [] : [role.logicalId];
  });
  return unless(
    silent,
    'cannot write to the audit log',
    `every attempt of ${roles.length} functions is an entry: who, what, when, from where, with which outcome; write-once, under a signed seal`,
    ['AuditBucket', ...roles.flatMap((role) => role?.logicalId ?? [])],
  );
}
