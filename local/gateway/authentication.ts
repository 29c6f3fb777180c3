import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../../shared/ports.ts';
import type { Callers } from '../iam/callers.ts';
import type { Credentials } from '../iam/credentials.ts';
import { ApiError, type ApiRequest, type Caller } from '../service.ts';
import { readBody } from './answer.ts';
import type { Protocol } from './protocol/protocol.ts';
import { protocolOf } from './protocol/protocols.ts';
import { sha256 } from './sigv4/canonical.ts';
import { readClaim } from './sigv4/claim.ts';
import { requestLine } from './sigv4/request-line.ts';
import { verifySignature } from './sigv4/verify.ts';

export interface Gatekeeper {
  readonly credentials: Credentials;
  readonly callers: Callers;
  readonly clock: Clock;
  readonly region: string;
}

/** A request that is whose it says, or the error that it is refused with. */
export type Admission = { readonly protocol: Protocol } & (
  | { readonly request: ApiRequest; readonly reachable: boolean }
  | { readonly refusal: ApiError }
);

/** The largest request of a JSON service: DynamoDB's BatchWriteItem. */
const LONGEST_JSON_BYTES = 16 * 1024 * 1024;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** Authenticates a request and works out who calls, from where. */
export async function admit(
  message: IncomingMessage,
  call: { readonly sequence: number; readonly requestId: string },
  gatekeeper: Gatekeeper,
): Promise<Admission> {
  const line = requestLine(message);
  const claim = readClaim(line);
  const service = typeof claim === 'string' ? undefined : claim.service;
  const protocol = protocolOf(service, line.headers);
  const declared = line.headers['x-amz-content-sha256'] ?? line.query.get('X-Amz-Content-Sha256') ?? undefined;
  const payload = await readPayload(message, service, declared);
  if (payload === undefined) {
    return { protocol, refusal: new ApiError('RequestEntityTooLarge', 'The request is too large.', 413) };
  }
  const verified = verifySignature(line, payload.hash, gatekeeper);
  if (typeof verified === 'string') return { protocol, refusal: protocol.signatureFaults[verified] };
  const { accessKeyId, service: name } = verified.claim;
  const caller = gatekeeper.credentials.caller(accessKeyId, name);
  if (caller === undefined) return { protocol, refusal: protocol.signatureFaults['unknown-key'] };
  const { method, path, query, headers } = line;
  const { signature } = verified;
  const request = { ...call, service: name, method, path, query, headers, ...payload.content, caller, signature };
  return { protocol, request, reachable: isReachable(gatekeeper.callers, caller, name) };
}

/** A function in a VPC is where its endpoints are; everybody else is at the public address. */
const isReachable = (callers: Callers, caller: Caller, service: string): boolean =>
  caller.kind !== 'function' || callers.reaches(caller.name, service);

interface Payload {
  /** The last line of the canonical request. */
  readonly hash: string;
  readonly content: Pick<ApiRequest, 'body' | 'bytes'>;
}

/**
 * S3's bodies stream: their hash is taken as declared, and S3 compares it with the bytes. Every other body is read whole, and
 * its hash is that of its bytes, whatever a header says.
 */
async function readPayload(
  message: IncomingMessage,
  service: string | undefined,
  declared: string | undefined,
): Promise<Payload | undefined> {
  if (service === 's3' || service === undefined)
    return { hash: declared ?? 'UNSIGNED-PAYLOAD', content: { body: message } };
  const bytes = await readBody(message, LONGEST_JSON_BYTES);
  if (bytes === undefined) return undefined;
  const hash = sha256(bytes);
  const lied = declared !== undefined && HEX_SHA256.test(declared) && declared !== hash;
  // A hash that is not the body's makes the signature fail, as it is the body that was signed for.
  return { hash: lied ? 'another payload' : hash, content: { body: Readable.from([bytes]), bytes } };
}
