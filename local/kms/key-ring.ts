/** KMS as the other services use it: in the caller's name, with their own condition keys, and for themselves. */
import type { Caller, KeyRing } from '../service.ts';
import { keyAccess } from './access.ts';
import { type EncryptionContext, keyIdOf, open, seal } from './ciphertext.ts';
import { refuse } from './errors.ts';
import { type Kms, requireUsage } from './kms.ts';

const DATA_KEY_BYTES = 32;
/** Services that IAM lists under `aws:CalledVia` (IAM User Guide, "aws:CalledVia"); S3 and Secrets Manager are not among them. */
const CALLED_VIA = ['dynamodb'];

export function createKeyRing(kms: Kms): KeyRing {
  return {
    authorizeVia: (caller: Caller, via, action, keyId, encryptionContext) => {
      const key = kms.keys.find(keyId);
      const request = keyAccess(kms.accountId, { caller, action, key, keyId, encryptionContext });
      const service = `${via}.amazonaws.com`;
      const calledVia = CALLED_VIA.includes(via)
        ? { 'aws:CalledVia': [service], 'aws:CalledViaFirst': service, 'aws:CalledViaLast': service }
        : {};
      kms.authorizer.require(caller, {
        ...request,
        context: {
          ...request.context,
          'kms:ViaService': `${via}.${kms.region}.amazonaws.com`,
          'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
          'aws:ViaAWSService': 'true',
          ...calledVia,
        },
      });
      return key.arn;
    },
    newDataKey: (keyId, context: EncryptionContext) => {
      const key = kms.keys.find(keyId);
      requireUsage(key, 'ENCRYPT_DECRYPT');
      const plaintext = Buffer.from(kms.random(DATA_KEY_BYTES));
      const wrapped = seal(key.id, kms.keys.secret(key), plaintext, context, kms.random);
      return { keyArn: key.arn, plaintext, wrapped };
    },
    openDataKey: (wrapped, context: EncryptionContext) => {
      const id = keyIdOf(wrapped);
      const key = id === undefined ? undefined : kms.keys.get(id);
      if (key === undefined) throw refuse.unknownCiphertextKey();
      const plaintext = open(kms.keys.secret(key), wrapped, context);
      if (plaintext === undefined) throw refuse.ciphertext();
      return { keyArn: key.arn, plaintext };
    },
  };
}
