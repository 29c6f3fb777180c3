/** Takes a body in, piece by piece, and believes none of it until everything that was promised about it has been seen true. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Algorithm, checksumHeader, DEFAULT_ALGORITHM, startChecksum } from '../checksum/algorithms.ts';
import { refuse } from '../errors.ts';
import { decodeAwsChunked, type SignatureSeed } from './aws-chunked.ts';
import { checksumValue, type DeclaredBody } from './declared.ts';

export interface Received {
  /** Bytes. */
  readonly size: number;
  /** Of the body; only where it was asked for or promised. */
  readonly md5: Buffer | undefined;
  readonly checksum: { readonly algorithm: Algorithm; readonly value: string };
}

export interface ReceiveOptions {
  readonly declared: DeclaredBody;
  readonly signature: SignatureSeed;
  /** Which checksum to keep; without it, the one that the client sends, or S3's default. */
  readonly algorithm?: Algorithm;
  /** Bytes. */
  readonly maxBytes: number;
  /** Whether the MD5 is wanted even if the client promised none. */
  readonly md5?: boolean;
  /** What it is given is not verified until `receive` resolves. */
  readonly sink: (piece: Buffer) => Promise<void> | void;
}

/** Resolves when the body has been read to its end and every length, signature and digest agrees; throws `ApiError` otherwise. */
export async function receive(body: Readable, options: ReceiveOptions): Promise<Received> {
  const { declared } = options;
  if (declared.length > options.maxBytes) throw refuse.tooLarge();
  const trailers = new Map<string, string>();
  const md5 = options.md5 || declared.md5 ? createHash('md5') : undefined;
  const sha256 = declared.sha256 ? createHash('sha256') : undefined;
  const claimed = declared.checksum?.algorithm;
  const kept = options.algorithm ?? claimed ?? DEFAULT_ALGORITHM;
  const keptChecksum = startChecksum(kept);
  const claimedChecksum = claimed && claimed !== kept ? startChecksum(claimed) : undefined;

  let size = 0;
  for await (const piece of decoded(body, options, trailers)) {
    size += piece.length;
    if (size > declared.length) throw refuse.incomplete();
    md5?.update(piece);
    sha256?.update(piece);
    keptChecksum.update(piece);
    claimedChecksum?.update(piece);
    await options.sink(piece);
  }

  if (size !== declared.length) throw refuse.incomplete();
  if (sha256 && sha256.digest('hex') !== declared.sha256) throw refuse.contentSha256();
  const md5Digest = md5?.digest();
  if (declared.md5 && md5Digest && !timingSafeEqual(md5Digest, declared.md5)) throw refuse.badDigest('Content-MD5');
  const value = keptChecksum.digest();
  if (declared.checksum) {
    const { algorithm } = declared.checksum;
    const name = checksumHeader(algorithm);
    const promised = declared.checksum.value ?? trailers.get(name);
    if (promised === undefined) throw refuse.invalidRequest(`The trailing header ${name} is missing.`);
    const computed = claimedChecksum ? claimedChecksum.digest() : value;
    if (checksumValue(algorithm, promised) !== computed) throw refuse.badDigest(algorithm);
  }
  return { size, md5: md5Digest, checksum: { algorithm: kept, value } };
}

async function* decoded(
  body: Readable,
  options: ReceiveOptions,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const { declared, signature } = options;
  try {
    if (declared.framing === 'plain') {
      for await (const piece of body) yield piece;
      return;
    }
    const signed = declared.framing === 'chunked-signed';
    yield* decodeAwsChunked(body, { trailer: declared.trailer, ...(signed ? { signature } : {}) }, trailers);
  } catch (error) {
    // The connection broke: whoever sent this is gone, the answer goes nowhere, and the upload leaves nothing behind.
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') throw refuse.incomplete();
    throw error;
  }
}
