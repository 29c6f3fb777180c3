/** Makes submission tokens: for development, for tests, and for an operator whose issuer key is at hand. */
import { canonicalJson } from '../json/canonical.ts';
import { type Es256Signer, keyId } from '../signature/signer.ts';

export interface SubmissionGrant {
  readonly issuer: string;
  readonly subject: string;
  /** `parapet:<deployment>` */
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly bucket: string;
  /** The object's key, or `ANY_FOLDER` and its last part: two asterisks and a slash. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** The dataset. */
  readonly contract: string;
  readonly idempotencyKey?: string;
  /** Names this token among those of the issuer: never used twice. */
  readonly jti: string;
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A compact JWT by ES256; its `kid` is the key's id. */
export async function mintSubmissionToken(grant: SubmissionGrant, signer: Es256Signer): Promise<string> {
  const header = { alg: 'ES256', kid: keyId(signer.publicKey), typ: 'JWT' };
  const claims = {
    iss: grant.issuer,
    sub: grant.subject,
    aud: grant.audience,
    scope: grant.scopes.join(' '),
    bucket: grant.bucket,
    key: grant.key,
    size: grant.size,
    sha256: grant.sha256,
    contract: grant.contract,
    ...(grant.idempotencyKey === undefined ? {} : { idempotency_key: grant.idempotencyKey }),
    jti: grant.jti,
    iat: grant.issuedAt,
    exp: grant.expiresAt,
  };
  const input = `${encode(canonicalJson(header))}.${encode(canonicalJson(claims))}`;
  return `${input}.${encode(await signer.sign(Buffer.from(input, 'ascii')))}`;
}

/** The JWKS, as JSON text, under which the registry knows a signer's key. */
export function keySetOf(signers: readonly Es256Signer[]): string {
  const keys = signers.map(({ publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid: keyId(publicKey),
    alg: 'ES256',
    use: 'sig',
  }));
  return JSON.stringify({ keys });
}

function encode(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url');
}
