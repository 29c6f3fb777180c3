import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  type MessageType,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootCloud, type TestCloud } from '../support/cloud.ts';

const signing = (KeySpec: string) => ({ Type: 'AWS::KMS::Key', Properties: { KeySpec, KeyUsage: 'SIGN_VERIFY' } });
const resources = {
  P256: signing('ECC_NIST_P256'),
  P384: signing('ECC_NIST_P384'),
  P521: signing('ECC_NIST_P521'),
  K256: signing('ECC_SECG_P256K1'),
  Ed25519: signing('ECC_NIST_EDWARDS25519'),
  Rsa: signing('RSA_2048'),
  MlDsa: signing('ML_DSA_44'),
  Mac: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } },
  Plain: { Type: 'AWS::KMS::Key' },
};

let cloud: TestCloud;
let kms: KMSClient;
beforeAll(async () => {
  cloud = await bootCloud(resources);
  kms = new KMSClient(cloud.client({ kind: 'root' }));
});
afterAll(async () => {
  expect(cloud.defects).toEqual([]);
  await cloud.close();
});

const arn = (name: string): string => cloud.deployment.find('AWS::KMS::Key', name).arn;
const refusal = (name: string) => expect.objectContaining({ name });
const message = Buffer.from('to be signed');
const digest = (hash: string): Buffer => createHash(hash).update(message).digest();

async function publicKey(name: string): Promise<KeyObject> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: arn(name) }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
}
async function sign(
  name: string,
  SigningAlgorithm: SigningAlgorithmSpec,
  Message: Buffer,
  MessageType: MessageType = 'RAW',
) {
  const { Signature } = await kms.send(new SignCommand({ KeyId: arn(name), SigningAlgorithm, Message, MessageType }));
  return Buffer.from(Signature ?? []);
}

const ALGORITHMS: readonly [string, SigningAlgorithmSpec, string | null, object][] = [
  ['P256', 'ECDSA_SHA_256', 'sha256', { dsaEncoding: 'der' }],
  ['P384', 'ECDSA_SHA_384', 'sha384', { dsaEncoding: 'der' }],
  ['P521', 'ECDSA_SHA_512', 'sha512', { dsaEncoding: 'der' }],
  ['K256', 'ECDSA_SHA_256', 'sha256', { dsaEncoding: 'der' }],
  ['Ed25519', 'ED25519_SHA_512', null, {}],
  ['MlDsa', 'ML_DSA_SHAKE_256', null, {}],
  ['Rsa', 'RSASSA_PKCS1_V1_5_SHA_256', 'sha256', {}],
  ['Rsa', 'RSASSA_PSS_SHA_512', 'sha512', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }],
];

describe('a signature', () => {
  it.each(ALGORITHMS)(
    '[T14] of %s by %s verifies with the public key alone',
    async (name, algorithm, hash, options) => {
      const signature = await sign(name, algorithm, message);
      const key = await publicKey(name);
      expect(verify(hash, message, { key, ...options }, signature)).toBe(true);
      const check = (Message: Buffer, Signature: Buffer) =>
        kms.send(new VerifyCommand({ KeyId: arn(name), SigningAlgorithm: algorithm, Message, Signature }));
      expect((await check(message, signature)).SignatureValid).toBe(true);
      await expect(check(Buffer.from('something else'), signature)).rejects.toThrow(
        refusal('KMSInvalidSignatureException'),
      );
      const altered = Buffer.from(signature.map((byte, index) => (index === signature.length - 1 ? byte ^ 1 : byte)));
      await expect(check(message, altered)).rejects.toThrow(refusal('KMSInvalidSignatureException'));
    },
  );

  it.each([
    ['P256', 'ECDSA_SHA_256', 'sha256', { dsaEncoding: 'der' }],
    ['P384', 'ECDSA_SHA_384', 'sha384', { dsaEncoding: 'der' }],
    ['P521', 'ECDSA_SHA_512', 'sha512', { dsaEncoding: 'der' }],
    ['K256', 'ECDSA_SHA_256', 'sha256', { dsaEncoding: 'der' }],
    ['Rsa', 'RSASSA_PKCS1_V1_5_SHA_384', 'sha384', {}],
  ] as const)(
    '[S09] of %s by %s over a digest is one over the message',
    async (name, SigningAlgorithm, hash, options) => {
      const Signature = await sign(name, SigningAlgorithm, digest(hash), 'DIGEST');
      expect(verify(hash, message, { key: await publicKey(name), ...options }, Signature)).toBe(true);
      const common = { KeyId: arn(name), SigningAlgorithm, Signature };
      const asDigest = new VerifyCommand({ ...common, Message: digest(hash), MessageType: 'DIGEST' });
      expect((await kms.send(asDigest)).SignatureValid).toBe(true);
      const other = createHash(hash).update('other').digest();
      const wrong = new VerifyCommand({ ...common, Message: other, MessageType: 'DIGEST' });
      await expect(kms.send(wrong)).rejects.toThrow(refusal('KMSInvalidSignatureException'));
      await expect(sign(name, SigningAlgorithm, Buffer.from('short'), 'DIGEST')).rejects.toThrow(
        refusal('ValidationException'),
      );
    },
  );

  it('covers up to 4096 bytes of message, no more', async () => {
    await sign('Ed25519', 'ED25519_SHA_512', Buffer.alloc(4_096));
    await expect(sign('Ed25519', 'ED25519_SHA_512', Buffer.alloc(4_097))).rejects.toThrow(
      refusal('ValidationException'),
    );
  });

  it('is made by no key and algorithm that do not fit, and by none that Node lacks', async () => {
    await expect(sign('P256', 'ECDSA_SHA_384', message)).rejects.toThrow(refusal('ValidationException'));
    await expect(sign('Plain', 'ECDSA_SHA_256', message)).rejects.toThrow(refusal('InvalidKeyUsageException'));
    await expect(sign('Ed25519', 'ED25519_SHA_512', message, 'DIGEST')).rejects.toThrow(refusal('ValidationException'));
    await expect(sign('Ed25519', 'ED25519_PH_SHA_512', digest('sha512'), 'DIGEST')).rejects.toThrow(
      refusal('NotImplemented'),
    );
    await expect(sign('Rsa', 'RSASSA_PSS_SHA_256', digest('sha256'), 'DIGEST')).rejects.toThrow(
      refusal('NotImplemented'),
    );
    await expect(sign('MlDsa', 'ML_DSA_SHAKE_256', message, 'EXTERNAL_MU')).rejects.toThrow(refusal('NotImplemented'));
  });

  it('key encrypts nothing, and a symmetric key has no public one', async () => {
    const command = new EncryptCommand({ KeyId: arn('P256'), Plaintext: message });
    await expect(kms.send(command)).rejects.toThrow(refusal('InvalidKeyUsageException'));
    await expect(publicKey('Plain')).rejects.toThrow(refusal('UnsupportedOperationException'));
  });
});

describe('a MAC', () => {
  const MacAlgorithm = 'HMAC_SHA_256';
  it('verifies over its message alone', async () => {
    const KeyId = arn('Mac');
    const { Mac } = await kms.send(new GenerateMacCommand({ KeyId, MacAlgorithm, Message: message }));
    expect(Mac).toHaveLength(32);
    expect((await kms.send(new VerifyMacCommand({ KeyId, MacAlgorithm, Message: message, Mac }))).MacValid).toBe(true);
    const other = new VerifyMacCommand({ KeyId, MacAlgorithm, Message: Buffer.from('other'), Mac });
    await expect(kms.send(other)).rejects.toThrow(refusal('KMSInvalidMacException'));
    const unfit = new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_512', Message: message });
    await expect(kms.send(unfit)).rejects.toThrow(refusal('ValidationException'));
  });
});
