/**
 * The content encoding `aws-chunked`: data in chunks that may each carry a signature, then trailing headers that may too.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { refuse } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';

/** What the first chunk's signature chains from. */
export interface SignatureSeed {
  readonly seed: string;
  readonly signingKey: Buffer;
  readonly timestamp: string;
  readonly scope: string;
}

export interface ChunkedFormat {
  /** Present when every chunk is signed. */
  readonly signature?: SignatureSeed;
  /** Whether trailing headers are announced. */
  readonly trailer: boolean;
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');
/** Longest line of the framing; a trailer's line holds one checksum. */
const LINE_LIMIT = 16_384;
const TRAILER_LIMIT = 16;

/** Verifies a chain of signatures, each over the one before. */
class SignatureChain {
  private previous: string;
  private readonly seed: SignatureSeed;

  constructor(seed: SignatureSeed) {
    this.seed = seed;
    this.previous = seed.seed;
  }

  /** Throws `SignatureDoesNotMatch`. `hashes` are the last lines of the string to sign. */
  verify(algorithm: string, hashes: readonly string[], claimed: string | undefined): void {
    const text = [algorithm, this.seed.timestamp, this.seed.scope, this.previous, ...hashes].join('\n');
    const expected = createHmac('sha256', this.seed.signingKey).update(text).digest();
    const given = Buffer.from(claimed ?? '', 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse.signature();
    this.previous = expected.toString('hex');
  }
}

/**
 * The data in the encoding, piece by piece. A piece may be given before its chunk's signature could be verified: whoever
 * keeps it must keep it to himself until the iteration has ended without an error. Trailers are in `trailers` by then.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Uint8Array>,
  format: ChunkedFormat,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(body);
  const chain = format.signature ? new SignatureChain(format.signature) : undefined;
  for (;;) {
    const header = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await reader.line(LINE_LIMIT));
    if (!header?.[1]) throw refuse.incomplete();
    let remaining = Number.parseInt(header[1], 16);
    const last = remaining === 0;
    const hash = chain ? createHash('sha256') : undefined;
    while (remaining > 0) {
      const piece = await reader.atMost(remaining);
      remaining -= piece.length;
      hash?.update(piece);
      yield piece;
    }
    if (chain && hash) {
      chain.verify('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, hash.digest('hex')], header[2]);
    }
    if (last) break;
    if ((await reader.line(LINE_LIMIT)) !== '') throw refuse.incomplete();
  }
  await readTrailers(reader, chain, format.trailer, trailers);
}

async function readTrailers(
  reader: ByteReader,
  chain: SignatureChain | undefined,
  announced: boolean,
  trailers: Map<string, string>,
): Promise<void> {
  let claimed: string | undefined;
  let canonical = '';
  for (let count = 0; ; count += 1) {
    // Some clients leave out the empty line at the very end.
    const line = (await reader.ended()) ? '' : await reader.line(LINE_LIMIT);
    if (line === '') break;
    const split = line.indexOf(':');
    if (split < 1 || count === TRAILER_LIMIT || !announced) throw refuse.invalidRequest('The trailer is malformed.');
    const name = line.slice(0, split).trim().toLowerCase();
    const value = line.slice(split + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      claimed = value;
      continue;
    }
    trailers.set(name, value);
    canonical += `${name}:${value}\n`;
  }
  if (chain && announced) {
    chain.verify('AWS4-HMAC-SHA256-TRAILER', [createHash('sha256').update(canonical).digest('hex')], claimed);
  }
}
