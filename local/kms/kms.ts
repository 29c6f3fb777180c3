/** What every operation of KMS is given. */
import type { Clock, Random } from '../../shared/ports.ts';
import type { ApiRequest, Authorizer } from '../service.ts';
import { type KeyAccess, keyAccess } from './access.ts';
import { refuse } from './errors.ts';
import type { Key, Keys } from './keys.ts';
import type { KeyUsage } from './specs.ts';

export interface Kms {
  readonly keys: Keys;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
  readonly region: string;
}

/** Finds the key that a request names and asks whether the caller may do this with it. */
export function authorisedKey(
  kms: Kms,
  request: ApiRequest,
  action: string,
  keyId: string,
  more: Partial<KeyAccess> = {},
): Key {
  const key = kms.keys.find(keyId);
  kms.authorizer.require(
    request.caller,
    keyAccess(kms.accountId, { caller: request.caller, action, key, keyId, ...more }),
  );
  return key;
}

export function requireUsage(key: Key, usage: KeyUsage): void {
  if (key.usage !== usage) throw refuse.usage(key.arn, key.usage);
}
