import { createHash, createHmac } from 'node:crypto';
import { request as send } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AccessKey } from '../../../local/iam/credentials.ts';

/** What the signer wants of a hash: SHA-256, keyed or not. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret === undefined || typeof secret === 'string' ? secret : bytesOf(secret);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Signs as the SDK would: in headers, or in the query with `presign`. */
export async function sign(
  request: RawRequest,
  options: {
    readonly port: number;
    readonly service: string;
    readonly key: AccessKey;
    readonly region?: string;
    readonly at?: Date;
    readonly expiresIn?: number;
  },
): Promise<RawRequest> {
  const { accessKeyId, secretAccessKey, sessionToken } = options.key;
  const signer = new SignatureV4({
    service: options.service,
    region: options.region ?? 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    sha256: Sha256,
    uriEscapePath: options.service !== 's3',
  });
  const host = `127.0.0.1:${options.port}`;
  const plain = {
    ...request,
    protocol: 'http:',
    hostname: '127.0.0.1',
    port: options.port,
    headers: { ...request.headers, host },
  };
  const date = options.at === undefined ? {} : { signingDate: options.at };
  const signed =
    options.expiresIn === undefined
      ? await signer.sign(plain, date)
      : await signer.presign(plain, { expiresIn: options.expiresIn, ...date });
  const query = Object.fromEntries(Object.entries(signed.query ?? {}).map(([name, value]) => [name, String(value)]));
  return { ...request, headers: signed.headers, query };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

/** Sends a request as it is. Rejects when the connection ends without an answer. */
export function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const query = Object.entries(request.query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const path = `${request.path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return new Promise((resolve, reject) => {
    const outgoing = send({
      host: '127.0.0.1',
      port,
      method: request.method,
      path,
      headers: request.headers,
      agent: false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(headers),
          body: Buffer.concat(pieces).toString(),
        });
      });
    });
    outgoing.end(request.body);
  });
}
