/** What the headers of an upload promise about its body: framing, length and digests. */
import { ALGORITHMS, type Algorithm, checksumHeader, parseAlgorithm } from '../checksum/algorithms.ts';
import { refuse } from '../errors.ts';

export type Headers = Readonly<Record<string, string>>;

export interface DeclaredBody {
  /** Bytes after decoding. */
  readonly length: number;
  readonly framing: 'plain' | 'chunked' | 'chunked-signed';
  readonly trailer: boolean;
  /** Lower-case hex, when the signature covers the whole body. */
  readonly sha256: string | undefined;
  readonly md5: Buffer | undefined;
  /** The checksum that the client sends; `value` is undefined when it follows in the trailer. */
  readonly checksum: { readonly algorithm: Algorithm; readonly value: string | undefined } | undefined;
}

const FRAMINGS: Readonly<Record<string, Pick<DeclaredBody, 'framing' | 'trailer'>>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { framing: 'chunked', trailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { framing: 'chunked-signed', trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { framing: 'chunked-signed', trailer: true },
};

const CHECKSUM = /^x-amz-checksum-(?!type$|algorithm$|mode$)(.+)$/;

function lengthOf(text: string | undefined): number {
  if (text === undefined) throw refuse.missingLength();
  if (!/^\d{1,15}$/.test(text)) throw refuse.invalidArgument('The length is not a number of bytes', 'content-length');
  return Number(text);
}

function md5Of(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const digest = Buffer.from(text, 'base64');
  if (digest.length !== 16) throw refuse.invalidDigest();
  return digest;
}

/** Which digest length (bytes) a checksum's base64 must have. */
const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };

/** A checksum as given, or 400 when it cannot be one. */
export function checksumValue(algorithm: Algorithm, text: string): string {
  if (Buffer.from(text, 'base64').length !== DIGEST_BYTES[algorithm]) {
    throw refuse.invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
  return text;
}

/** The one checksum in a header, where there is one. */
export function headerChecksum(headers: Headers): { algorithm: Algorithm; value: string } | undefined {
  const given = Object.keys(headers).filter((name) => CHECKSUM.test(name));
  const [name] = given;
  if (name === undefined) return undefined;
  if (given.length > 1)
    throw refuse.invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const algorithm = parseAlgorithm(CHECKSUM.exec(name)?.[1] ?? '');
  return { algorithm, value: headers[name] ?? '' };
}

function declaredChecksum(headers: Headers): DeclaredBody['checksum'] {
  const inHeader = headerChecksum(headers);
  const announced = headers['x-amz-trailer'];
  const wanted = headers['x-amz-sdk-checksum-algorithm'];
  if (inHeader && announced) throw refuse.invalidRequest('Expecting a single x-amz-checksum- header or trailer.');
  if (inHeader) return { ...inHeader, value: checksumValue(inHeader.algorithm, inHeader.value) };
  if (announced !== undefined) {
    const algorithm = ALGORITHMS.find((each) => checksumHeader(each) === announced.trim().toLowerCase());
    if (!algorithm) throw refuse.notImplemented('this trailing header');
    return { algorithm, value: undefined };
  }
  if (wanted !== undefined) {
    throw refuse.invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return undefined;
}

export function declaredBody(headers: Headers): DeclaredBody {
  const content = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const streaming = FRAMINGS[content];
  if (!streaming && content.startsWith('STREAMING-')) throw refuse.notImplemented('this streaming signature');
  const hex = /^[0-9a-f]{64}$/.test(content) ? content : undefined;
  if (!streaming && !hex && content !== 'UNSIGNED-PAYLOAD') {
    throw refuse.invalidArgument(
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a valid sha256 value.',
      'x-amz-content-sha256',
    );
  }
  return {
    length: lengthOf(headers[streaming ? 'x-amz-decoded-content-length' : 'content-length']),
    framing: streaming?.framing ?? 'plain',
    trailer: streaming?.trailer ?? false,
    sha256: hex,
    md5: md5Of(headers['content-md5']),
    checksum: declaredChecksum(headers),
  };
}
