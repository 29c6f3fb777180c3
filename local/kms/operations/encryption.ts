/** Encrypt, Decrypt, ReEncrypt. */
import { constants, privateDecrypt, publicEncrypt } from 'node:crypto';
import * as z from 'zod';
import { jsonOperation } from '../../gateway/json-service.ts';
import type { ApiRequest } from '../../service.ts';
import { keyAccess } from '../access.ts';
import { type EncryptionContext, keyIdOf, open, seal } from '../ciphertext.ts';
import { refuse } from '../errors.ts';
import type { Key } from '../keys.ts';
import { authorisedKey, type Kms, requireUsage } from '../kms.ts';
import { base64, CiphertextBlob, Context, KeyId, Plaintext } from '../parameters.ts';

const Algorithm = z.string().default('SYMMETRIC_DEFAULT');
const OAEP_HASHES: Readonly<Record<string, string>> = { RSAES_OAEP_SHA_1: 'sha1', RSAES_OAEP_SHA_256: 'sha256' };

function requireAlgorithm(key: Key, algorithm: string): void {
  requireUsage(key, 'ENCRYPT_DECRYPT');
  if (!key.spec.encryption.includes(algorithm)) {
    throw refuse.invalid(`Algorithm ${algorithm} and key spec ${key.specName} are incompatible.`);
  }
}

function encryptUnder(kms: Kms, key: Key, algorithm: string, plaintext: Buffer, context: EncryptionContext): Buffer {
  requireAlgorithm(key, algorithm);
  const oaepHash = OAEP_HASHES[algorithm];
  if (oaepHash === undefined) return seal(key.id, kms.keys.secret(key), plaintext, context, kms.random);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key: kms.keys.publicKey(key), padding, oaepHash }, plaintext);
}

function decryptUnder(kms: Kms, key: Key, algorithm: string, blob: Buffer, context: EncryptionContext): Buffer {
  requireAlgorithm(key, algorithm);
  const oaepHash = OAEP_HASHES[algorithm];
  const opened =
    oaepHash === undefined ? open(kms.keys.secret(key), blob, context) : openOaep(kms, key, oaepHash, blob);
  if (opened === undefined) throw refuse.ciphertext();
  return opened;
}

function openOaep(kms: Kms, key: Key, oaepHash: string, blob: Buffer): Buffer | undefined {
  const privateKey = kms.keys.privateKey(key);
  try {
    return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, blob);
  } catch {
    return undefined;
  }
}

/** The key that closed a ciphertext: the one that it names, which must be the one that the request names, if it names one. */
function keyOfCiphertext(kms: Kms, blob: Buffer, keyId: string | undefined, algorithm: string): Key {
  if (algorithm !== 'SYMMETRIC_DEFAULT') {
    if (keyId === undefined) throw refuse.invalid('The key ID is required with an asymmetric key.');
    return kms.keys.find(keyId);
  }
  const id = keyIdOf(blob);
  if (id === undefined) throw refuse.ciphertext();
  const key = kms.keys.get(id);
  if (keyId !== undefined && kms.keys.find(keyId).id !== id) throw refuse.incorrectKey();
  if (key === undefined) throw refuse.unknownCiphertextKey();
  return key;
}

function authorise(
  kms: Kms,
  { caller }: ApiRequest,
  action: string,
  key: Key,
  of: { keyId: string | undefined; context: EncryptionContext; algorithm: string; more?: Record<string, string> },
): void {
  kms.authorizer.require(
    caller,
    keyAccess(kms.accountId, {
      caller,
      action,
      key,
      ...(of.keyId === undefined ? {} : { keyId: of.keyId }),
      encryptionContext: of.context,
      more: { 'kms:EncryptionAlgorithm': of.algorithm, ...of.more },
    }),
  );
}

export const encrypt = (kms: Kms) =>
  jsonOperation(
    z.strictObject({ KeyId, Plaintext, EncryptionContext: Context, EncryptionAlgorithm: Algorithm }),
    (input, request) => {
      const { EncryptionAlgorithm: algorithm, EncryptionContext: encryptionContext } = input;
      const more = { 'kms:EncryptionAlgorithm': algorithm };
      const key = authorisedKey(kms, request, 'kms:Encrypt', input.KeyId, { encryptionContext, more });
      const blob = encryptUnder(kms, key, algorithm, input.Plaintext, encryptionContext);
      return { CiphertextBlob: base64(blob), KeyId: key.arn, EncryptionAlgorithm: algorithm };
    },
  );

export const decrypt = (kms: Kms) =>
  jsonOperation(
    z.strictObject({
      CiphertextBlob,
      KeyId: KeyId.optional(),
      EncryptionContext: Context,
      EncryptionAlgorithm: Algorithm,
    }),
    (input, request) => {
      const { CiphertextBlob: blob, KeyId: keyId, EncryptionAlgorithm: algorithm, EncryptionContext: context } = input;
      const key = keyOfCiphertext(kms, blob, keyId, algorithm);
      authorise(kms, request, 'kms:Decrypt', key, { keyId, context, algorithm });
      const plaintext = decryptUnder(kms, key, algorithm, blob, context);
      return { Plaintext: base64(plaintext), KeyId: key.arn, EncryptionAlgorithm: algorithm };
    },
  );

export const reEncrypt = (kms: Kms) =>
  jsonOperation(
    z.strictObject({
      CiphertextBlob,
      SourceKeyId: KeyId.optional(),
      SourceEncryptionContext: Context,
      SourceEncryptionAlgorithm: Algorithm,
      DestinationKeyId: KeyId,
      DestinationEncryptionContext: Context,
      DestinationEncryptionAlgorithm: Algorithm,
    }),
    (input, request) => {
      const from = keyOfCiphertext(kms, input.CiphertextBlob, input.SourceKeyId, input.SourceEncryptionAlgorithm);
      const to = kms.keys.find(input.DestinationKeyId);
      const more = { 'kms:ReEncryptOnSameKey': String(from.id === to.id) };
      const source = { context: input.SourceEncryptionContext, algorithm: input.SourceEncryptionAlgorithm, more };
      const target = {
        context: input.DestinationEncryptionContext,
        algorithm: input.DestinationEncryptionAlgorithm,
        more,
      };
      authorise(kms, request, 'kms:ReEncryptFrom', from, { ...source, keyId: input.SourceKeyId });
      authorise(kms, request, 'kms:ReEncryptTo', to, { ...target, keyId: input.DestinationKeyId });
      const plaintext = decryptUnder(kms, from, source.algorithm, input.CiphertextBlob, source.context);
      const blob = encryptUnder(kms, to, target.algorithm, plaintext, target.context);
      plaintext.fill(0);
      return {
        CiphertextBlob: base64(blob),
        SourceKeyId: from.arn,
        KeyId: to.arn,
        SourceEncryptionAlgorithm: source.algorithm,
        DestinationEncryptionAlgorithm: target.algorithm,
      };
    },
  );
