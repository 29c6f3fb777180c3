import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../shared/ports.ts';
import { type Credentials, sameSecret } from '../../iam/credentials.ts';
import type { ApiRequest } from '../../service.ts';
import { hmac, signingKey, stringToSign } from './canonical.ts';
import { type ClaimFault, readClaim, type SignatureClaim } from './claim.ts';
import type { RequestLine } from './request-line.ts';

/** Everything that can be wrong with a request's authentication; each protocol has its own words for it. */
export type SignatureFault =
  | ClaimFault
  | 'unknown-key'
  | 'wrong-token'
  | 'key-expired'
  | 'wrong-region'
  | 'unsigned-headers'
  | 'skewed'
  | 'url-expired'
  | 'wrong-signature';

export interface Verified {
  readonly claim: SignatureClaim;
  readonly signature: ApiRequest['signature'];
}

/** Either side may be so far from the other's clock. */
const SKEW_MILLISECONDS = 15 * 60_000;
/** A presigned URL lives at most so long. */
const WEEK_SECONDS = 604_800;

/**
 * Verifies who sent the request and that nothing signed was changed. The payload is covered by its hash, which the caller
 * compares with the bytes.
 * @param payloadHash last line of the canonical request: hex of SHA-256, `UNSIGNED-PAYLOAD` or `STREAMING-…`
 */
export function verifySignature(
  request: RequestLine,
  payloadHash: string,
  means: { readonly credentials: Credentials; readonly clock: Clock; readonly region: string },
): Verified | SignatureFault {
  const claim = readClaim(request);
  if (typeof claim === 'string') return claim;
  const { clock, region } = means;
  const found = means.credentials.find(claim.accessKeyId);
  if (found === undefined) return 'unknown-key';
  const { key } = found;
  if (!sameSecret(claim.sessionToken ?? '', key.sessionToken ?? '')) return 'wrong-token';
  if (key.expiresAt !== undefined && key.expiresAt <= clock.now()) return 'key-expired';
  if (claim.region !== region) return 'wrong-region';
  if (!signsEnough(request, claim)) return 'unsigned-headers';
  const time = verifyTime(claim, clock.now());
  if (time !== undefined) return time;
  const derived = signingKey(key.secretAccessKey, claim);
  const expected = hmac(derived, stringToSign(request, claim, payloadHash));
  if (!timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))) return 'wrong-signature';
  return {
    claim,
    signature: { seed: claim.signature, signingKey: derived, timestamp: claim.timestamp, scope: claim.scope },
  };
}

/** "You must include the host header and any x-amz-* headers in the request" (IAM User Guide, "Create a signed API request"). */
function signsEnough({ headers }: RequestLine, { signedHeaders }: SignatureClaim): boolean {
  const signed = new Set(signedHeaders);
  return signed.has('host') && Object.keys(headers).every((name) => !name.startsWith('x-amz-') || signed.has(name));
}

function verifyTime({ timestamp, expiresSeconds }: SignatureClaim, now: number): SignatureFault | undefined {
  const signedAt = Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signedAt)) return 'malformed';
  if (expiresSeconds === undefined) return Math.abs(now - signedAt) > SKEW_MILLISECONDS ? 'skewed' : undefined;
  if (expiresSeconds > WEEK_SECONDS) return 'malformed';
  if (signedAt - now > SKEW_MILLISECONDS) return 'skewed';
  return now > signedAt + expiresSeconds * 1_000 ? 'url-expired' : undefined;
}
