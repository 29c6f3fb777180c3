/** Keys, each by every way in which it can be reached: through a service for one of its resources, or directly under one context. */
import type { DeployedResource, Deployment } from '../../../local/service.ts';
import type { ContextLayer } from '../../../shared/policy/context.ts';
import type { Policies } from '../policies.ts';
import { ACTIONS } from '../table/actions.ts';
import { KEY_FACTS, type KeyFacts, RUN } from '../table/targets.ts';
import { type Deviation, deviation, nameOf, secretName, type Target, type TargetSource, target } from './target.ts';

interface Way {
  /** `via s3:vault`, `as vault:ingestion` */
  readonly id: string;
  readonly context: ContextLayer;
  readonly forwarded: boolean;
}

const CONTEXT = 'kms:EncryptionContext:';

export const keyTargets: TargetSource = (deployment, policies) => {
  const everywhere = waysToAny(deployment);
  return deployment.ofType('AWS::KMS::Key').flatMap((key) => {
    const facts = KEY_FACTS[nameOf(key)] ?? {};
    const ways = [...everywhere, ...nearMisses(key, facts, deployment)];
    return [directly(key, facts, deployment, policies), ...ways.map((way) => byWay(key, way, deployment, policies))];
  });
};

const placeOf = (key: DeployedResource, { accountId }: Deployment, policies: Policies) => ({
  arn: key.arn,
  account: accountId,
  policy: policies.ofResource.get(key.physicalId),
});

/** Administration and signatures have no encryption context. */
function directly(key: DeployedResource, facts: KeyFacts, deployment: Deployment, policies: Policies): Target {
  const { algorithm } = facts;
  const other = algorithm === undefined ? undefined : { 'kms:SigningAlgorithm': 'ECDSA_SHA_512' };
  return target('key', `key/${nameOf(key)} directly`, placeOf(key, deployment, policies), {
    door: 'kms',
    context: { 'kms:SigningAlgorithm': algorithm },
    deviations: [
      ...(other ? [deviation('by another algorithm', other, { actions: ['kms:Sign'] })] : []),
      byItsWordAlone(ACTIONS.key),
    ],
  });
}

function byWay(key: DeployedResource, way: Way, deployment: Deployment, policies: Policies): Target {
  const grants = way.id.includes(' dynamodb:');
  const anybody = { 'kms:GrantIsForAWSResource': 'false' };
  return target('way', `key/${nameOf(key)} ${way.id}`, placeOf(key, deployment, policies), {
    forwarded: way.forwarded,
    ...(way.forwarded ? {} : { door: 'kms' }),
    context: { ...way.context, ...(grants ? { 'kms:GrantIsForAWSResource': 'true' } : {}) },
    deviations: [
      ...(grants ? [deviation('for a grantee of one’s own', anybody, { actions: ['kms:CreateGrant'] })] : []),
      byItsWordAlone(ACTIONS.way),
    ],
  });
}

/** A key names its users by conditions and grants to the account: an IAM policy is needed beside it. */
const byItsWordAlone = (actions: readonly string[]): Deviation =>
  deviation('without a policy of the caller’s own', {}, { actions, destitute: true });

/** Ways by which some key is reached, and so the ones to try on every other. */
function waysToAny(deployment: Deployment): readonly Way[] {
  const through = (service: string, name: string, context: ContextLayer): Way => ({
    id: `via ${service}:${name}`,
    context: { 'kms:ViaService': `${service}.${deployment.region}.amazonaws.com`, ...context },
    forwarded: true,
  });
  const direct = (id: string, context: ContextLayer): Way => ({ id, context, forwarded: false });
  const buckets = deployment.ofType('AWS::S3::Bucket');
  const tables = deployment.ofType('AWS::DynamoDB::Table');
  const secrets = deployment.ofType('AWS::SecretsManager::Secret');
  const logs = (name: string, account: string): ContextLayer => ({
    [`${CONTEXT}aws:logs:arn`]: `arn:aws:logs:${deployment.region}:${account}:log-group:${name}`,
  });
  const [group] = deployment.ofType('AWS::Logs::LogGroup').filter(({ logicalId }) => logicalId === 'SealLogGroup');
  const [machine] = deployment
    .ofType('AWS::Logs::LogGroup')
    .filter(({ logicalId }) => logicalId === 'ClosingMachineLogGroup');
  const topics = deployment.ofType('AWS::SNS::Topic');
  const { accountId } = deployment;
  return [
    // With a bucket key, S3 passes the bucket's ARN as the context.
    ...buckets.map((bucket) => through('s3', nameOf(bucket), { [`${CONTEXT}aws:s3:arn`]: bucket.arn })),
    ...tables.map((table) =>
      through('dynamodb', nameOf(table), {
        [`${CONTEXT}aws:dynamodb:tableName`]: table.physicalId,
        [`${CONTEXT}aws:dynamodb:subscriberId`]: accountId,
      }),
    ),
    ...secrets.map((secret) =>
      through('secretsmanager', secretName(secret, deployment), { [`${CONTEXT}SecretARN`]: secret.arn }),
    ),
    through('secretsmanager', 'another', { [`${CONTEXT}SecretARN`]: `${secrets[0]?.arn}x` }),
    ...SWEEP_PURPOSES.map((purpose) => direct(`as ${purpose}`, sweepContext(purpose))),
    ...PURPOSES.flatMap((purpose) =>
      STAGES.map((stage) => direct(`as ${purpose}:${stage}`, { ...envelope(purpose, stage) })),
    ),
    direct('for the logs of a stage', logs(group?.physicalId ?? '', accountId)),
    direct('for the logs of a machine', logs(machine?.physicalId ?? '', accountId)),
    direct('for other logs', logs('/elsewhere', accountId)),
    direct('for the logs of another account', logs(group?.physicalId ?? '', '999999999999')),
    ...topics.map((topic) => direct('for the alarms', { [`${CONTEXT}aws:sns:topicArn`]: topic.arn })),
    direct('for another topic', { [`${CONTEXT}aws:sns:topicArn`]: `${topics[0]?.arn}-other` }),
  ];
}

const PURPOSES = ['vault', 'quarantine'] as const;
/** The last makes no envelopes. */
const STAGES = ['ingestion', 'reconciliation', 'processing', 'egress', 'seal'] as const;

/** functions/sweep/protocol/keys.ts */
const SWEEP_PURPOSES = ['parapet-sweep', 'parapet-cells'];
const sweepContext = (purpose: string): ContextLayer => ({
  [`${CONTEXT}purpose`]: purpose,
  [`${CONTEXT}sweep`]: RUN,
});

/** shared/envelope/context.ts */
const envelope = (purpose: string, stage: string): ContextLayer => ({
  [`${CONTEXT}purpose`]: purpose,
  [`${CONTEXT}stage`]: stage,
  [`${CONTEXT}run`]: RUN,
  [`${CONTEXT}attempt`]: '1',
  [`${CONTEXT}chunk`]: '0',
});

/** Ways that differ from a key's own in one thing. */
function nearMisses(key: DeployedResource, facts: KeyFacts, deployment: Deployment): readonly Way[] {
  const { buckets = [], purpose } = facts;
  const s3 = `s3.${deployment.region}.amazonaws.com`;
  const arnOf = (name: string): string =>
    deployment.ofType('AWS::S3::Bucket').find((each) => nameOf(each) === name)?.arn ?? '';
  const forwarded = true;
  return [
    ...buckets.flatMap((bucket): Way[] => [
      { id: `in s3:${bucket}`, context: { [`${CONTEXT}aws:s3:arn`]: arnOf(bucket) }, forwarded: false },
      // An object that is written without a bucket key has a context of its own.
      {
        id: `via s3-object:${bucket}`,
        context: { 'kms:ViaService': s3, [`${CONTEXT}aws:s3:arn`]: `${arnOf(bucket)}/object` },
        forwarded,
      },
    ]),
    ...(purpose !== 'sweep'
      ? []
      : [...SWEEP_PURPOSES, 'parapet-other'].flatMap((each): Way[] => [
          {
            id: `sweepless ${each}`,
            context: { ...sweepContext(each), [`${CONTEXT}sweep`]: undefined },
            forwarded: false,
          },
          ...(each === 'parapet-other' ? [{ id: `as ${each}`, context: sweepContext(each), forwarded: false }] : []),
          {
            id: `dressed ${each}`,
            context: { ...sweepContext(each), 'kms:ViaService': s3, [`${CONTEXT}aws:s3:arn`]: arnOf('landing') },
            forwarded,
          },
        ])),
    ...(purpose === undefined || purpose === 'sweep'
      ? []
      : STAGES.flatMap((stage): Way[] => [
          {
            id: `runless ${purpose}:${stage}`,
            context: { ...envelope(purpose, stage), [`${CONTEXT}run`]: undefined },
            forwarded: false,
          },
          // A put may bring a context of its own (x-amz-server-side-encryption-context), into whatever bucket.
          {
            id: `dressed ${purpose}:${stage}`,
            context: { ...envelope(purpose, stage), 'kms:ViaService': s3, [`${CONTEXT}aws:s3:arn`]: arnOf('landing') },
            forwarded,
          },
        ])),
    ...(nameOf(key) === 'tables'
      ? deployment.ofType('AWS::DynamoDB::Table').map((table) => ({
          id: `in dynamodb:${nameOf(table)}`,
          context: { [`${CONTEXT}aws:dynamodb:tableName`]: table.physicalId },
          forwarded: false,
        }))
      : []),
    ...(nameOf(key) === 'secrets'
      ? deployment.ofType('AWS::SecretsManager::Secret').map((secret) => ({
          id: `in secretsmanager:${secretName(secret, deployment)}`,
          context: { [`${CONTEXT}SecretARN`]: secret.arn },
          forwarded: false,
        }))
      : []),
  ];
}
