/** The checksums that S3 takes, keeps and gives back: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
import { createHash } from 'node:crypto';
import { refuse } from '../errors.ts';
import { combineCrcs } from './combine.ts';
import { type CrcName, createCrc, POLYNOMIALS } from './crc.ts';

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** COMPOSITE: a checksum over the parts' checksums. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: Algorithm;
  readonly type: ChecksumType;
  /** Base64; a composite one ends in `-<number of parts>`. */
  readonly value: string;
}

export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Base64. */
  digest(): string;
}

const CRC_NAMES: Readonly<Partial<Record<Algorithm, CrcName>>> = {
  CRC32: 'crc32',
  CRC32C: 'crc32c',
  CRC64NVME: 'crc64nvme',
};

/** What S3 computes where the client chose none (since December 2024). */
export const DEFAULT_ALGORITHM: Algorithm = 'CRC64NVME';

export const checksumHeader = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;
/** Element of the XML documents. */
export const checksumElement = (algorithm: Algorithm): string => `Checksum${algorithm}`;

/** Throws 501 for an algorithm that S3 has and this one has not (SHA512, MD5, XXHASH…). */
export function parseAlgorithm(text: string): Algorithm {
  const found = ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase());
  if (!found) throw refuse.notImplemented(`the checksum algorithm ${text.toUpperCase().replace(/[^A-Z0-9]/g, '')}`);
  return found;
}

function crcBase64(name: CrcName, value: bigint): string {
  const hex = value.toString(16).padStart(POLYNOMIALS[name].width / 4, '0');
  return Buffer.from(hex, 'hex').toString('base64');
}

export function startChecksum(algorithm: Algorithm): RunningChecksum {
  const name = CRC_NAMES[algorithm];
  if (name) {
    const crc = createCrc(name);
    return { update: (bytes) => crc.update(bytes), digest: () => crcBase64(name, crc.value()) };
  }
  const hash = createHash(algorithm.toLowerCase());
  return { update: (bytes) => hash.update(bytes), digest: () => hash.digest('base64') };
}

/** Which kind a multipart upload gets when its creator did not say. */
export const defaultType = (algorithm: Algorithm): ChecksumType =>
  algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';

/** Whether a multipart upload may have this combination: a SHA over the whole cannot be had from the parts' SHAs. */
export const isAllowedType = (algorithm: Algorithm, type: ChecksumType): boolean =>
  type === 'FULL_OBJECT' ? CRC_NAMES[algorithm] !== undefined : algorithm !== 'CRC64NVME';

export interface PartChecksum {
  /** Base64. */
  readonly value: string;
  /** Bytes. */
  readonly size: number;
}

/** The checksum of a completed multipart upload from those of its parts, in order. */
export function combineChecksums(algorithm: Algorithm, type: ChecksumType, parts: readonly PartChecksum[]): Checksum {
  const name = CRC_NAMES[algorithm];
  if (type === 'FULL_OBJECT' && name) {
    const crcs = parts.map((part) => ({
      value: BigInt(`0x${Buffer.from(part.value, 'base64').toString('hex')}`),
      size: part.size,
    }));
    return { algorithm, type, value: crcBase64(name, combineCrcs(name, crcs)) };
  }
  const whole = startChecksum(algorithm);
  for (const part of parts) whole.update(Buffer.from(part.value, 'base64'));
  return { algorithm, type: 'COMPOSITE', value: `${whole.digest()}-${parts.length}` };
}
