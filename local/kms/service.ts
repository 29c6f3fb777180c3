/**
 * The key management of the embedded cloud: KMS's API over real cryptography. Every use is authorised by the key's policy and
 * the caller's; what is not implemented is refused by name.
 */
import type { Clock, Random } from '../../shared/ports.ts';
import { jsonService } from '../gateway/json-service.ts';
import type { Authorizer, Deployment, KeyRing, Service } from '../service.ts';
import type { Store } from '../store.ts';
import { createKeyRing } from './key-ring.ts';
import { createKeys } from './keys.ts';
import type { Kms } from './kms.ts';
import * as administration from './operations/administration.ts';
import * as dataKeys from './operations/data-keys.ts';
import * as encryption from './operations/encryption.ts';
import * as signatures from './operations/signatures.ts';

export interface KmsServiceOptions {
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
  readonly region: string;
}

export interface KmsService {
  readonly service: Service;
  readonly keyRing: KeyRing;
  /** Makes the keys of the deployment. Repeating it changes nothing; material and states stay. */
  provision(deployment: Deployment): void;
}

export function createKmsService(options: KmsServiceOptions): KmsService {
  const keys = createKeys(options);
  const kms: Kms = { ...options, keys };
  const service = jsonService({
    signingName: 'kms',
    name: 'KMS',
    target: 'TrentService',
    contentType: 'application/x-amz-json-1.1',
    operations: {
      CancelKeyDeletion: administration.cancelKeyDeletion(kms),
      Decrypt: encryption.decrypt(kms),
      DescribeKey: administration.describeKey(kms),
      DisableKey: administration.disableKey(kms),
      EnableKey: administration.enableKey(kms),
      Encrypt: encryption.encrypt(kms),
      GenerateDataKey: dataKeys.generateDataKey(kms),
      GenerateDataKeyWithoutPlaintext: dataKeys.generateDataKeyWithoutPlaintext(kms),
      GenerateMac: signatures.generateMac(kms),
      GenerateRandom: dataKeys.generateRandom(kms),
      GetKeyPolicy: administration.getKeyPolicy(kms),
      GetPublicKey: signatures.getPublicKey(kms),
      ListAliases: administration.listAliases(kms),
      ReEncrypt: encryption.reEncrypt(kms),
      ScheduleKeyDeletion: administration.scheduleKeyDeletion(kms),
      Sign: signatures.sign(kms),
      Verify: signatures.verify(kms),
      VerifyMac: signatures.verifyMac(kms),
    },
  });
  return { service, keyRing: createKeyRing(kms), provision: keys.provision };
}
