import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredBody } from '../../../local/s3/body/declared.ts';
import { receive } from '../../../local/s3/body/receive.ts';
import { combineCrcs } from '../../../local/s3/checksum/combine.ts';
import { type CrcName, createCrc } from '../../../local/s3/checksum/crc.ts';
import { ApiError } from '../../../local/service.ts';

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
const DATE = '20130524';
const signingKey = [DATE, 'us-east-1', 's3', 'aws4_request'].reduce(
  (key: Buffer, part) => createHmac('sha256', key).update(part).digest(),
  Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
);
const signature = (seed: string) => ({
  seed,
  signingKey,
  timestamp: '20130524T000000Z',
  scope: `${DATE}/us-east-1/s3/aws4_request`,
});

interface Example {
  readonly seed: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly wire: string;
}

const A64K = 'a'.repeat(65_536);
const A1K = 'a'.repeat(1_024);

const SIGNED: Example = {
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  headers: {
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'x-amz-decoded-content-length': '66560',
  },
  wire: [
    `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${A64K}\r\n`,
    `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${A1K}\r\n`,
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
  ].join(''),
};

const TRAILING: Example = {
  seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  headers: {
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '66560',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
  },
  wire: [
    `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${A64K}\r\n`,
    `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${A1K}\r\n`,
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
    'x-amz-checksum-crc32c:sOO8/Q==\r\n',
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
  ].join(''),
};

const UNSIGNED: Example = {
  seed: '',
  headers: {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '66560',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
  },
  wire: `10000\r\n${A64K}\r\n400\r\n${A1K}\r\n0\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n\r\n`,
};

/** Cuts the text into pieces of the given sizes, over and over. */
function pieces(text: string, sizes: readonly number[]): Buffer[] {
  const all = Buffer.from(text, 'latin1');
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < all.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    cut.push(all.subarray(at, at + size));
    at += size;
  }
  return cut;
}

async function take(example: Example, sizes: readonly number[] = [8_192]) {
  const taken: Buffer[] = [];
  const received = await receive(Readable.from(pieces(example.wire, sizes)), {
    declared: declaredBody(example.headers),
    signature: signature(example.seed),
    maxBytes: 100_000,
    sink: (piece) => {
      taken.push(Buffer.from(piece));
    },
  });
  return { ...received, body: Buffer.concat(taken) };
}

const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error) => (error instanceof ApiError ? error.code : error),
  );

describe('aws-chunked bodies', () => {
  it.each([
    ['signed', SIGNED],
    ['signed with a trailer', TRAILING],
    ['unsigned with a trailer', UNSIGNED],
  ])("accepts AWS's own example: %s", async (_, example) => {
    const received = await take(example);
    expect(received.body.toString()).toBe(A64K + A1K);
    expect(received.size).toBe(66_560);
  });

  it('decodes alike however the network cuts the bytes', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (cut) => {
        expect((await take(TRAILING, [7, ...cut])).size).toBe(66_560);
      }),
      { numRuns: 30 },
    );
  });

  const mutate = (example: Example, from: string, to: string): Example => {
    expect(example.wire).toContain(from);
    return { ...example, wire: example.wire.replace(from, to) };
  };

  it.each([
    ['a changed byte of data', mutate(SIGNED, '\r\naaaa', '\r\nbaaa'), 'SignatureDoesNotMatch'],
    ['a changed chunk signature', mutate(SIGNED, '=0055', '=1055'), 'SignatureDoesNotMatch'],
    ['a changed signature of the last chunk', mutate(SIGNED, '=b6c6', '=b6c7'), 'SignatureDoesNotMatch'],
    ['another seed', { ...SIGNED, seed: TRAILING.seed }, 'SignatureDoesNotMatch'],
    [
      'a chunk without its signature',
      mutate(SIGNED, /;chunk[^\r]*/.exec(SIGNED.wire)?.[0] ?? '', ''),
      'SignatureDoesNotMatch',
    ],
    ['chunks exchanged', { ...SIGNED, wire: swapped(SIGNED.wire) }, 'SignatureDoesNotMatch'],
    ['a changed signed trailer', mutate(TRAILING, 'sOO8/Q', 'sOO8/w'), 'SignatureDoesNotMatch'],
    ['a changed trailer signature', mutate(TRAILING, ':d81f', ':d81e'), 'SignatureDoesNotMatch'],
    ['a changed unsigned trailer', mutate(UNSIGNED, 'sOO8/Q', 'sOO8/w'), 'BadDigest'],
    ['a changed byte of unsigned data', mutate(UNSIGNED, '\r\naaaa', '\r\nbaaa'), 'BadDigest'],
    ['a missing trailer', mutate(UNSIGNED, 'x-amz-checksum-crc32c:sOO8/Q==\r\n', ''), 'InvalidRequest'],
    [
      'an unannounced trailer',
      { ...UNSIGNED, headers: { ...UNSIGNED.headers, 'x-amz-trailer': 'x-amz-checksum-crc32' } },
      'InvalidRequest',
    ],
    ['a cut-off end', { ...SIGNED, wire: SIGNED.wire.slice(0, -90) }, 'IncompleteBody'],
    ['a cut-off chunk', { ...SIGNED, wire: SIGNED.wire.slice(0, 1_000) }, 'IncompleteBody'],
    ['a chunk size that is none', mutate(UNSIGNED, '10000\r\n', 'zz\r\n'), 'IncompleteBody'],
    ['a chunk longer than its size', mutate(UNSIGNED, '\r\naaaa', '\r\naaaaa'), 'IncompleteBody'],
    ['a line without end', { ...UNSIGNED, wire: '1'.repeat(20_000) }, 'IncompleteBody'],
    [
      'another decoded length',
      { ...SIGNED, headers: { ...SIGNED.headers, 'x-amz-decoded-content-length': '66561' } },
      'IncompleteBody',
    ],
    [
      'a shorter decoded length',
      { ...SIGNED, headers: { ...SIGNED.headers, 'x-amz-decoded-content-length': '66559' } },
      'IncompleteBody',
    ],
    [
      'too many bytes',
      { ...SIGNED, headers: { ...SIGNED.headers, 'x-amz-decoded-content-length': '100001' } },
      'EntityTooLarge',
    ],
  ])('refuses %s', async (_, example, expected) => {
    expect(await code(take(example))).toBe(expected);
  });
});

function swapped(wire: string): string {
  const second = wire.indexOf('400;');
  const last = wire.indexOf('0;chunk-signature=b6c6');
  return wire.slice(second, last) + wire.slice(0, second) + wire.slice(last);
}

describe('plain bodies', () => {
  const body = 'a plain body';
  const headers = { 'content-length': String(body.length) };
  const plain = (more: Readonly<Record<string, string>>): Example => ({
    seed: '',
    headers: { ...headers, ...more },
    wire: body,
  });
  const sha256 = createHash('sha256').update(body).digest('hex');

  it('accepts what agrees with its signed digest', async () => {
    expect((await take(plain({ 'x-amz-content-sha256': sha256 }))).checksum.algorithm).toBe('CRC64NVME');
  });

  it.each([
    [
      'another digest',
      { 'x-amz-content-sha256': sha256.replace(/^./, (c) => (c === '0' ? '1' : '0')) },
      'XAmzContentSHA256Mismatch',
    ],
    ['fewer bytes than promised', { 'content-length': '13' }, 'IncompleteBody'],
    ['more bytes than promised', { 'content-length': '11' }, 'IncompleteBody'],
  ])('refuses %s', async (_, more, expected) => {
    expect(await code(take(plain(more)))).toBe(expected);
  });

  it.each([
    ['no length', { 'content-length': undefined }, 'MissingContentLength'],
    ['two checksums', { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'AA==' }, 'InvalidRequest'],
    ['an algorithm without a checksum', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest'],
    ['an algorithm that is not here', { 'x-amz-checksum-xxhash64': 'AA==' }, 'NotImplemented'],
    ['a trailer that is no checksum', { 'x-amz-trailer': 'x-amz-meta-a' }, 'NotImplemented'],
    [
      'an elliptic streaming signature',
      { 'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' },
      'NotImplemented',
    ],
    ['a digest that is none', { 'x-amz-content-sha256': 'abc' }, 'InvalidArgument'],
  ])('refuses %s before it reads', async (_, more, expected) => {
    const given = Object.entries({ ...headers, ...more }).flatMap(([name, value]) => (value ? [[name, value]] : []));
    expect(await code(Promise.resolve().then(() => declaredBody(Object.fromEntries(given))))).toBe(expected);
  });
});

describe('CRCs', () => {
  // The catalogue's check values: the CRC of "123456789".
  it.each([
    ['crc32', 0xcbf43926n],
    ['crc32c', 0xe3069283n],
    ['crc64nvme', 0xae8b14860a799888n],
  ] as const)('%s has its published check value', (name, expected) => {
    const crc = createCrc(name);
    crc.update(Buffer.from('1234'));
    crc.update(Buffer.from('56789'));
    expect(crc.value()).toBe(expected);
  });

  it('of a whole follows from those of its parts', () => {
    const of = (name: CrcName, data: Uint8Array): bigint => {
      const crc = createCrc(name);
      crc.update(data);
      return crc.value();
    };
    const names = fc.constantFrom<CrcName>('crc32', 'crc32c', 'crc64nvme');
    fc.assert(
      fc.property(names, fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (name, parts) => {
        const combined = combineCrcs(
          name,
          parts.map((part) => ({ value: of(name, part), size: part.length })),
        );
        expect(combined).toBe(of(name, Buffer.concat(parts)));
      }),
    );
  });
});
