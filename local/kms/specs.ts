/** Every key spec that a template may ask for, and what can be done with it (AWS KMS Developer Guide, "Key spec reference"). */
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import type { Random } from '../../shared/ports.ts';
import { notImplemented } from '../gateway/json-service.ts';
import { ECDSA } from './signing/ecdsa.ts';
import { rawSigning } from './signing/raw.ts';
import { RSA_SIGNING } from './signing/rsa.ts';
import type { SigningAlgorithm } from './signing/signing.ts';

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC';

export interface KeySpec {
  /** The first is what a key has that names none. */
  readonly usages: readonly KeyUsage[];
  /** `secret` material is bytes, `pair` is PKCS #8 DER. */
  readonly form: 'secret' | 'pair';
  generate(random: Random): Buffer;
  readonly encryption: readonly string[];
  readonly signing: Readonly<Record<string, SigningAlgorithm>>;
  /** Node's name of the digest, by KMS's name of the algorithm. */
  readonly macs: Readonly<Record<string, string>>;
}

const none = { encryption: [], signing: {}, macs: {} } as const;

const pkcs8 = ({ privateKey }: KeyPairKeyObjectResult): Buffer => privateKey.export({ format: 'der', type: 'pkcs8' });

const secret = (bytes: number, rest: Partial<KeySpec> & Pick<KeySpec, 'usages'>): KeySpec => ({
  ...none,
  form: 'secret',
  generate: (random) => Buffer.from(random(bytes)),
  ...rest,
});

const hmac = (bytes: number, name: string, digest: string): KeySpec =>
  secret(bytes, { usages: ['GENERATE_VERIFY_MAC'], macs: { [name]: digest } });

const elliptic = (namedCurve: string, algorithm: string, signing: SigningAlgorithm): KeySpec => ({
  ...none,
  usages: ['SIGN_VERIFY'],
  form: 'pair',
  generate: () => pkcs8(generateKeyPairSync('ec', { namedCurve })),
  signing: { [algorithm]: signing },
});

const rsa = (modulusLength: number): KeySpec => ({
  ...none,
  usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  form: 'pair',
  generate: () => pkcs8(generateKeyPairSync('rsa', { modulusLength })),
  encryption: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
  signing: RSA_SIGNING,
});

const mlDsa = (type: 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87'): KeySpec => ({
  ...none,
  usages: ['SIGN_VERIFY'],
  form: 'pair',
  generate: () => {
    try {
      return pkcs8(generateKeyPairSync(type));
    } catch {
      throw notImplemented(`${type} with this build of Node`);
    }
  },
  signing: { ML_DSA_SHAKE_256: rawSigning },
});

export const KEY_SPECS: Readonly<Record<string, KeySpec>> = {
  SYMMETRIC_DEFAULT: secret(32, { usages: ['ENCRYPT_DECRYPT'], encryption: ['SYMMETRIC_DEFAULT'] }),
  HMAC_224: hmac(28, 'HMAC_SHA_224', 'sha224'),
  HMAC_256: hmac(32, 'HMAC_SHA_256', 'sha256'),
  HMAC_384: hmac(48, 'HMAC_SHA_384', 'sha384'),
  HMAC_512: hmac(64, 'HMAC_SHA_512', 'sha512'),
  ECC_NIST_P256: elliptic('prime256v1', 'ECDSA_SHA_256', ECDSA.ECC_NIST_P256),
  ECC_NIST_P384: elliptic('secp384r1', 'ECDSA_SHA_384', ECDSA.ECC_NIST_P384),
  ECC_NIST_P521: elliptic('secp521r1', 'ECDSA_SHA_512', ECDSA.ECC_NIST_P521),
  ECC_SECG_P256K1: elliptic('secp256k1', 'ECDSA_SHA_256', ECDSA.ECC_SECG_P256K1),
  ECC_NIST_EDWARDS25519: {
    ...none,
    usages: ['SIGN_VERIFY'],
    form: 'pair',
    generate: () => pkcs8(generateKeyPairSync('ed25519')),
    // ED25519_PH_SHA_512 is not among Node's algorithms.
    signing: { ED25519_SHA_512: rawSigning },
  },
  RSA_2048: rsa(2_048),
  RSA_3072: rsa(3_072),
  RSA_4096: rsa(4_096),
  ML_DSA_44: mlDsa('ml-dsa-44'),
  ML_DSA_65: mlDsa('ml-dsa-65'),
  ML_DSA_87: mlDsa('ml-dsa-87'),
};
