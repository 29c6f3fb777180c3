import * as z from 'zod';
import { jsonOperation } from '../gateway/json-service.ts';
import { ApiError, type ApiRequest, type Authorizer } from '../service.ts';
import type { Store } from '../store.ts';
import type { Rotations } from './rotation.ts';
import { findSecret } from './secrets.ts';
import type { Secret, SecretValue, Vault, Version } from './vault.ts';

export interface Secrets {
  readonly store: Store;
  readonly vault: Vault;
  readonly rotations: Rotations;
  readonly authorizer: Authorizer;
  readonly accountId: string;
  readonly region: string;
  /** Those of the deployment. */
  all(): readonly Secret[];
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const SecretId = z.string().min(1).max(2_048);
const VersionId = z.string().min(32).max(64);
const Stage = z.string().min(1).max(256);
const seconds = (milliseconds: number): number => milliseconds / 1_000;
const missing = (what: string): ApiError =>
  new ApiError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}.`);

/** The secret, once IAM has agreed. A secret that is not there is asked for as well, so that a denial tells nothing. */
function authorised(
  { all, authorizer, accountId, region }: Secrets,
  { caller }: ApiRequest,
  action: string,
  secretId: string,
  context: Readonly<Record<string, string | readonly string[]>> = {},
): Secret {
  const secret = findSecret(all(), secretId);
  const arn = secret?.arn ?? `arn:aws:secretsmanager:${region}:${accountId}:secret:${secretId}`;
  const tags = Object.entries(secret?.tags ?? {}).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`secretsmanager:ResourceTag/${key}`, value],
  ]);
  authorizer.require(caller, {
    action: `secretsmanager:${action}`,
    resource: arn,
    context: { 'secretsmanager:SecretId': arn, ...Object.fromEntries(tags), ...context },
    resourceAccount: accountId,
    ...(secret?.policy === undefined ? {} : { resourcePolicy: secret.policy }),
  });
  if (secret === undefined) throw missing('secret');
  return secret;
}

const withStage = (versions: readonly Version[], stage: string): Version | undefined =>
  versions.find(({ stages }) => stages.includes(stage));

export const getSecretValue = (secrets: Secrets) =>
  jsonOperation(
    z.strictObject({ SecretId, VersionId: VersionId.optional(), VersionStage: Stage.optional() }),
    (input, request) => {
      const stage = input.VersionStage ?? (input.VersionId === undefined ? CURRENT : undefined);
      const secret = authorised(secrets, request, 'GetSecretValue', input.SecretId, {
        ...(stage === undefined ? {} : { 'secretsmanager:VersionStage': [stage] }),
        ...(input.VersionId === undefined ? {} : { 'secretsmanager:VersionId': input.VersionId }),
      });
      const version = secrets.vault
        .versions(secret)
        .filter(({ id }) => input.VersionId === undefined || id === input.VersionId)
        .find(({ stages }) => stage === undefined || stages.includes(stage));
      if (version === undefined || !version.valued) throw missing('secret value');
      const { kind, bytes } = secrets.vault.read(secret, version.id, request.caller);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        ...(kind === 'string' ? { SecretString: bytes.toString('utf8') } : { SecretBinary: bytes.toString('base64') }),
        VersionStages: version.stages,
        CreatedDate: seconds(version.createdAt),
      };
    },
  );

export const describeSecret = (secrets: Secrets) =>
  jsonOperation(z.strictObject({ SecretId }), (input, request) => {
    const secret = authorised(secrets, request, 'DescribeSecret', input.SecretId);
    const versions = secrets.vault.versions(secret);
    const times = versions.filter(({ valued }) => valued).map(({ createdAt }) => seconds(createdAt));
    return {
      ARN: secret.arn,
      Name: secret.name,
      Description: secret.description,
      KmsKeyId: secret.keyId,
      ...rotationFacts(secrets, secret),
      Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
      VersionIdsToStages: Object.fromEntries(versions.filter(isStaged).map(({ id, stages }) => [id, stages])),
      ...(times.length === 0 ? {} : { CreatedDate: Math.min(...times), LastChangedDate: Math.max(...times) }),
    };
  });

function rotationFacts({ rotations }: Secrets, secret: Secret): object {
  const plan = rotations.planOf(secret);
  if (plan === undefined) return { RotationEnabled: false };
  const [last, next] = [rotations.lastRotated(secret), rotations.nextRotation(secret)];
  return {
    RotationEnabled: true,
    RotationLambdaARN: plan.functionArn,
    RotationRules: { AutomaticallyAfterDays: plan.days },
    ...(last === undefined ? {} : { LastRotatedDate: seconds(last) }),
    ...(next === undefined ? {} : { NextRotationDate: seconds(next) }),
  };
}

/** Answers before the first step: what becomes of it is seen by `DescribeSecret`. */
export const rotateSecret = (secrets: Secrets) =>
  jsonOperation(
    z.strictObject({ SecretId, ClientRequestToken: VersionId, RotateImmediately: z.literal(true).optional() }),
    (input, request) => {
      const secret = authorised(secrets, request, 'RotateSecret', input.SecretId);
      if (secrets.rotations.planOf(secret) === undefined) {
        throw new ApiError('InvalidRequestException', 'The secret has no rotation function.');
      }
      secrets.rotations.begin(secret, input.ClientRequestToken);
      return { ARN: secret.arn, Name: secret.name, VersionId: input.ClientRequestToken };
    },
  );

/** A version that no stage holds is deprecated. */
const isStaged = ({ stages }: Version): boolean => stages.length > 0;

export const listSecretVersionIds = (secrets: Secrets) =>
  jsonOperation(z.strictObject({ SecretId, IncludeDeprecated: z.boolean().default(false) }), (input, request) => {
    const secret = authorised(secrets, request, 'ListSecretVersionIds', input.SecretId);
    const versions = secrets.vault.versions(secret).filter((version) => input.IncludeDeprecated || isStaged(version));
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: versions.map(({ id, stages, createdAt }) => ({
        VersionId: id,
        VersionStages: stages,
        CreatedDate: seconds(createdAt),
      })),
    };
  });

/** Moves a stage; where it is the current one, the version that had it becomes the previous one. */
function moveStage({ vault }: Secrets, secret: Secret, stage: string, versionId: string): void {
  const before = withStage(vault.versions(secret), stage)?.id;
  vault.setStage(secret, stage, versionId);
  if (stage === CURRENT && before !== undefined && before !== versionId) vault.setStage(secret, PREVIOUS, before);
}

const SecretBinary = z
  .base64()
  .transform((text): SecretValue => ({ kind: 'binary', bytes: Buffer.from(text, 'base64') }));
const SecretString = z
  .string()
  .max(65_536)
  .transform((text): SecretValue => ({ kind: 'string', bytes: Buffer.from(text) }));

export const putSecretValue = (secrets: Secrets) =>
  jsonOperation(
    z.strictObject({
      SecretId,
      // The SDK makes one for every call.
      ClientRequestToken: VersionId,
      SecretString: SecretString.optional(),
      SecretBinary: SecretBinary.optional(),
      VersionStages: z.array(Stage).min(1).default([CURRENT]),
    }),
    (input, request) => {
      const { store, vault } = secrets;
      const stages = input.VersionStages;
      const secret = authorised(secrets, request, 'PutSecretValue', input.SecretId, {
        'secretsmanager:VersionStage': stages,
      });
      const value = input.SecretString ?? input.SecretBinary;
      if (value === undefined || (input.SecretString && input.SecretBinary)) {
        throw new ApiError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
      }
      const id = input.ClientRequestToken;
      store.transaction(() => {
        if (vault.versions(secret).some((version) => version.id === id && version.valued)) {
          const known = vault.read(secret, id, request.caller);
          if (known.kind !== value.kind || !known.bytes.equals(value.bytes)) {
            throw new ApiError('ResourceExistsException', 'A version with this token already has another value.');
          }
          return;
        }
        vault.write(secret, id, value, request.caller);
        // A first version is current, whatever else it is.
        const first = withStage(vault.versions(secret), CURRENT) === undefined;
        for (const stage of first ? new Set([...stages, CURRENT]) : stages) moveStage(secrets, secret, stage, id);
      });
      const version = vault.versions(secret).find((each) => each.id === id);
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: version?.stages ?? [] };
    },
  );

export const updateSecretVersionStage = (secrets: Secrets) =>
  jsonOperation(
    z.strictObject({
      SecretId,
      VersionStage: Stage,
      MoveToVersionId: VersionId.optional(),
      RemoveFromVersionId: VersionId.optional(),
    }),
    (input, request) => {
      const { store, vault } = secrets;
      const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
      const context = { 'secretsmanager:VersionStage': [stage] };
      const secret = authorised(secrets, request, 'UpdateSecretVersionStage', input.SecretId, context);
      store.transaction(() => {
        const versions = vault.versions(secret);
        const holder = withStage(versions, stage)?.id;
        if (to !== undefined && !versions.some(({ id }) => id === to)) throw missing('version');
        // Two rotations must not overtake each other: who moves a stage says where it believes it to be.
        if (holder !== undefined && holder !== to && holder !== from) {
          throw new ApiError('InvalidParameterException', `The stage ${stage} is attached to another version.`);
        }
        if (from !== undefined && holder !== from) {
          throw new ApiError('InvalidParameterException', `The stage ${stage} is not attached to that version.`);
        }
        if (to === undefined && stage === CURRENT) {
          throw new ApiError('InvalidParameterException', `The stage ${CURRENT} can only be moved.`);
        }
        if (to === undefined) vault.setStage(secret, stage, undefined);
        else moveStage(secrets, secret, stage, to);
      });
      return { ARN: secret.arn, Name: secret.name };
    },
  );
