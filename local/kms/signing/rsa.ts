import { constants, privateEncrypt, publicDecrypt, sign, timingSafeEqual, verify } from 'node:crypto';
import { notImplemented } from '../../gateway/json-service.ts';
import { refuse } from '../errors.ts';
import type { SigningAlgorithm } from './signing.ts';

const HASHES = {
  SHA_256: { name: 'sha256', bytes: 32, prefix: '3031300d060960864801650304020105000420' },
  SHA_384: { name: 'sha384', bytes: 48, prefix: '3041300d060960864801650304020205000430' },
  SHA_512: { name: 'sha512', bytes: 64, prefix: '3051300d060960864801650304020305000440' },
} as const;
type Hash = (typeof HASHES)[keyof typeof HASHES];

/** DigestInfo of RFC 8017 section 9.2: the algorithm's DER before the digest. */
function digestInfo(digest: Buffer, { bytes, prefix, name }: Hash): Buffer {
  if (digest.length !== bytes) throw refuse.invalid(`Digest is invalid length for algorithm ${name}.`);
  return Buffer.concat([Buffer.from(prefix, 'hex'), digest]);
}

function pkcs1(hash: Hash): SigningAlgorithm {
  const padding = constants.RSA_PKCS1_PADDING;
  return {
    sign: (key, message, type) =>
      type === 'RAW'
        ? sign(hash.name, message, { key, padding })
        : privateEncrypt({ key, padding }, digestInfo(message, hash)),
    verify: (key, message, type, signature) => {
      if (type === 'RAW') return verify(hash.name, message, { key, padding }, signature);
      const expected = digestInfo(message, hash);
      try {
        const recovered = publicDecrypt({ key, padding }, signature);
        return recovered.length === expected.length && timingSafeEqual(recovered, expected);
      } catch {
        return false;
      }
    },
  };
}

function pss(hash: Hash): SigningAlgorithm {
  const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: hash.bytes };
  const rawOnly = (type: string): void => {
    if (type !== 'RAW') throw notImplemented('RSASSA-PSS over a digest');
  };
  return {
    sign: (key, message, type) => {
      rawOnly(type);
      return sign(hash.name, message, { key, ...options });
    },
    verify: (key, message, type, signature) => {
      rawOnly(type);
      return verify(hash.name, message, { key, ...options }, signature);
    },
  };
}

export const RSA_SIGNING: Readonly<Record<string, SigningAlgorithm>> = Object.fromEntries(
  Object.entries(HASHES).flatMap(([name, hash]) => [
    [`RSASSA_PSS_${name}`, pss(hash)],
    [`RSASSA_PKCS1_V1_5_${name}`, pkcs1(hash)],
  ]),
);
