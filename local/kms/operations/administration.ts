/** DescribeKey, ListAliases, GetKeyPolicy, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion. */
import * as z from 'zod';
import { jsonOperation } from '../../gateway/json-service.ts';
import { refuse } from '../errors.ts';
import type { Key } from '../keys.ts';
import { authorisedKey, type Kms } from '../kms.ts';
import { KeyId } from '../parameters.ts';

const DAY_MILLISECONDS = 86_400_000;
const seconds = (milliseconds: number): number => milliseconds / 1_000;

export const describeKey = (kms: Kms) =>
  jsonOperation(z.strictObject({ KeyId }), (input, request) => {
    const key = authorisedKey(kms, request, 'kms:DescribeKey', input.KeyId);
    const { state, createdAt, deletionAt } = kms.keys.status(key);
    return {
      KeyMetadata: {
        AWSAccountId: kms.accountId,
        KeyId: key.id,
        Arn: key.arn,
        CreationDate: seconds(createdAt),
        Enabled: state === 'Enabled',
        Description: key.description,
        KeyUsage: key.usage,
        KeyState: state,
        ...(deletionAt === undefined ? {} : { DeletionDate: seconds(deletionAt) }),
        Origin: 'AWS_KMS',
        KeyManager: key.managed ? 'AWS' : 'CUSTOMER',
        KeySpec: key.specName,
        CustomerMasterKeySpec: key.specName,
        ...algorithmsOf(key),
        MultiRegion: false,
      },
    };
  });

function algorithmsOf(key: Key): object {
  if (key.usage === 'SIGN_VERIFY') return { SigningAlgorithms: Object.keys(key.spec.signing) };
  if (key.usage === 'GENERATE_VERIFY_MAC') return { MacAlgorithms: Object.keys(key.spec.macs) };
  return { EncryptionAlgorithms: key.spec.encryption };
}

export const listAliases = (kms: Kms) =>
  jsonOperation(z.strictObject({ KeyId: KeyId.optional() }), (input, { caller }) => {
    const access = { action: 'kms:ListAliases', resource: '*', context: {}, resourceAccount: kms.accountId };
    kms.authorizer.require(caller, access);
    const of = input.KeyId === undefined ? kms.keys.all() : [kms.keys.find(input.KeyId)];
    const aliases = of.flatMap((key) =>
      key.aliases.map((name) => ({
        AliasName: name,
        AliasArn: `arn:aws:kms:${kms.region}:${kms.accountId}:${name}`,
        TargetKeyId: key.id,
      })),
    );
    return { Aliases: aliases, Truncated: false };
  });

export const getKeyPolicy = (kms: Kms) =>
  jsonOperation(z.strictObject({ KeyId, PolicyName: z.literal('default').optional() }), (input, request) => {
    const key = authorisedKey(kms, request, 'kms:GetKeyPolicy', input.KeyId);
    return { Policy: JSON.stringify(key.policy), PolicyName: 'default' };
  });

const changeState = (kms: Kms, action: string, state: 'Enabled' | 'Disabled') =>
  jsonOperation(z.strictObject({ KeyId }), (input, request) => {
    const key = authorisedKey(kms, request, action, input.KeyId);
    if (kms.keys.status(key).state === 'PendingDeletion') throw refuse.pendingDeletion(key.arn);
    kms.keys.setState(key, state);
    return {};
  });
export const enableKey = (kms: Kms) => changeState(kms, 'kms:EnableKey', 'Enabled');
export const disableKey = (kms: Kms) => changeState(kms, 'kms:DisableKey', 'Disabled');

export const scheduleKeyDeletion = (kms: Kms) =>
  jsonOperation(
    z.strictObject({ KeyId, PendingWindowInDays: z.int().min(7).max(30).default(30) }),
    ({ KeyId: keyId, PendingWindowInDays: days }, request) => {
      const more = { 'kms:ScheduleKeyDeletionPendingWindowInDays': String(days) };
      const key = authorisedKey(kms, request, 'kms:ScheduleKeyDeletion', keyId, { more });
      if (kms.keys.status(key).state === 'PendingDeletion') throw refuse.pendingDeletion(key.arn);
      const deletionAt = kms.clock.now() + days * DAY_MILLISECONDS;
      kms.keys.setState(key, 'PendingDeletion', deletionAt);
      const answer = { KeyId: key.arn, DeletionDate: seconds(deletionAt), KeyState: 'PendingDeletion' };
      return { ...answer, PendingWindowInDays: days };
    },
  );

export const cancelKeyDeletion = (kms: Kms) =>
  jsonOperation(z.strictObject({ KeyId }), (input, request) => {
    const key = authorisedKey(kms, request, 'kms:CancelKeyDeletion', input.KeyId);
    const { state } = kms.keys.status(key);
    if (state !== 'PendingDeletion') throw refuse.state(key.arn, state);
    // A key whose deletion is cancelled is disabled, not enabled again.
    kms.keys.setState(key, 'Disabled');
    return { KeyId: key.arn };
  });
