/** Sign, Verify, GetPublicKey, GenerateMac, VerifyMac. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { jsonOperation, notImplemented } from '../../gateway/json-service.ts';
import { refuse } from '../errors.ts';
import type { Key } from '../keys.ts';
import { authorisedKey, type Kms, requireUsage } from '../kms.ts';
import { base64, KeyId, Message, Signature } from '../parameters.ts';
import type { SigningAlgorithm } from '../signing/signing.ts';

const Signing = {
  KeyId,
  Message,
  MessageType: z.enum(['RAW', 'DIGEST', 'EXTERNAL_MU']).default('RAW'),
  SigningAlgorithm: z.string(),
};

/** Algorithms of KMS that Node has no means for. */
const WITHOUT_MEANS = ['ED25519_PH_SHA_512', 'SM2DSA'];

function algorithmOf(key: Key, name: string): SigningAlgorithm {
  requireUsage(key, 'SIGN_VERIFY');
  const algorithm = Object.hasOwn(key.spec.signing, name) ? key.spec.signing[name] : undefined;
  if (algorithm !== undefined) return algorithm;
  if (WITHOUT_MEANS.includes(name)) throw notImplemented(`the signing algorithm ${name}`);
  throw refuse.invalid(`Algorithm and key spec ${key.specName} are incompatible.`);
}

function messageType(type: 'RAW' | 'DIGEST' | 'EXTERNAL_MU'): 'RAW' | 'DIGEST' {
  if (type === 'EXTERNAL_MU') throw notImplemented('the message type EXTERNAL_MU');
  return type;
}

const conditions = (input: { readonly SigningAlgorithm: string; readonly MessageType: string }) => ({
  more: { 'kms:SigningAlgorithm': input.SigningAlgorithm, 'kms:MessageType': input.MessageType },
});

export const sign = (kms: Kms) =>
  jsonOperation(z.strictObject(Signing), (input, request) => {
    const key = authorisedKey(kms, request, 'kms:Sign', input.KeyId, conditions(input));
    const algorithm = algorithmOf(key, input.SigningAlgorithm);
    const signature = algorithm.sign(kms.keys.privateKey(key), input.Message, messageType(input.MessageType));
    return { KeyId: key.arn, Signature: base64(signature), SigningAlgorithm: input.SigningAlgorithm };
  });

export const verify = (kms: Kms) =>
  jsonOperation(z.strictObject({ ...Signing, Signature }), (input, request) => {
    const key = authorisedKey(kms, request, 'kms:Verify', input.KeyId, conditions(input));
    const algorithm = algorithmOf(key, input.SigningAlgorithm);
    const type = messageType(input.MessageType);
    if (!algorithm.verify(kms.keys.publicKey(key), input.Message, type, input.Signature)) throw refuse.signature();
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
  });

export const getPublicKey = (kms: Kms) =>
  jsonOperation(z.strictObject({ KeyId }), (input, request) => {
    const key = authorisedKey(kms, request, 'kms:GetPublicKey', input.KeyId);
    if (key.spec.form !== 'pair') throw refuse.unsupported(key.specName);
    return {
      KeyId: key.arn,
      PublicKey: base64(kms.keys.publicKey(key).export({ format: 'der', type: 'spki' })),
      KeySpec: key.specName,
      CustomerMasterKeySpec: key.specName,
      KeyUsage: key.usage,
      ...(key.usage === 'SIGN_VERIFY'
        ? { SigningAlgorithms: Object.keys(key.spec.signing) }
        : { EncryptionAlgorithms: key.spec.encryption }),
    };
  });

const Mac = { KeyId, Message, MacAlgorithm: z.string() };

function macOf(kms: Kms, key: Key, name: string, message: Buffer): Buffer {
  requireUsage(key, 'GENERATE_VERIFY_MAC');
  const digest = Object.hasOwn(key.spec.macs, name) ? key.spec.macs[name] : undefined;
  if (digest === undefined) throw refuse.invalid(`Algorithm and key spec ${key.specName} are incompatible.`);
  return createHmac(digest, kms.keys.secret(key)).update(message).digest();
}

export const generateMac = (kms: Kms) =>
  jsonOperation(z.strictObject(Mac), (input, request) => {
    const more = { 'kms:MacAlgorithm': input.MacAlgorithm };
    const key = authorisedKey(kms, request, 'kms:GenerateMac', input.KeyId, { more });
    const mac = macOf(kms, key, input.MacAlgorithm, input.Message);
    return { KeyId: key.arn, Mac: base64(mac), MacAlgorithm: input.MacAlgorithm };
  });

export const verifyMac = (kms: Kms) =>
  jsonOperation(z.strictObject({ ...Mac, Mac: Signature }), (input, request) => {
    const more = { 'kms:MacAlgorithm': input.MacAlgorithm };
    const key = authorisedKey(kms, request, 'kms:VerifyMac', input.KeyId, { more });
    const mac = macOf(kms, key, input.MacAlgorithm, input.Message);
    if (mac.length !== input.Mac.length || !timingSafeEqual(mac, input.Mac)) throw refuse.mac();
    return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
  });
