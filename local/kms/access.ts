/** What a call to KMS asks IAM: the action on the key, the key's policy, and KMS's condition keys. */
import type { AccessRequest, Caller } from '../service.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { Key } from './keys.ts';

export interface KeyAccess {
  readonly caller: Caller;
  readonly action: string;
  readonly key: Key;
  /** The key as the request named it. */
  readonly keyId?: string;
  readonly encryptionContext?: EncryptionContext;
  /** `kms:SigningAlgorithm` and whatever else belongs to the operation. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Service Authorization Reference, "Condition keys for AWS Key Management Service". */
export function keyAccess(accountId: string, access: KeyAccess): AccessRequest {
  const { key, keyId, encryptionContext = {} } = access;
  const pairs = Object.entries(encryptionContext);
  const alias = keyId === undefined ? undefined : /(alias\/.+)$/.exec(keyId)?.[1];
  return {
    action: access.action,
    resource: key.arn,
    resourceAccount: accountId,
    resourcePolicy: key.policy,
    context: {
      'kms:CallerAccount': access.caller.accountId,
      'kms:KeySpec': key.specName,
      'kms:KeyUsage': key.usage,
      'kms:KeyOrigin': 'AWS_KMS',
      'kms:MultiRegion': 'false',
      'kms:ResourceAliases': key.aliases,
      ...(alias === undefined ? {} : { 'kms:RequestAlias': alias }),
      ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
      ...(pairs.length === 0 ? {} : { 'kms:EncryptionContextKeys': pairs.map(([name]) => name) }),
      ...access.more,
    },
  };
}
