import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWK, type JWTPayload, SignJWT } from 'jose';
import { type CredentialContext, verifySubmissionToken } from '../../../shared/credential/verify.ts';
import type { Issuer } from '../../../shared/ports.ts';

export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
export const NOW_SECONDS = NOW / 1000;

const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ec2 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
/** Keys of the registered issuer, by `kid`; `stranger` is registered nowhere. */
export const KEYS = { ec, ec2, rsa, ed, stranger: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) };

const jwk = (key: KeyObject, kid: string, alg?: string): JWK => ({
  ...key.export({ format: 'jwk' }),
  kid,
  ...(alg === undefined ? {} : { alg }),
});

export const ISSUER: Issuer = {
  issuer: 'https://issuer.example',
  keys: JSON.stringify({
    keys: [
      jwk(ec.publicKey, 'ec', 'ES256'),
      jwk(ec2.publicKey, 'ec2'),
      jwk(rsa.publicKey, 'rsa'),
      jwk(ed.publicKey, 'ed'),
    ],
  }),
  datasets: undefined,
  submitters: undefined,
};

export const CONTEXT: CredentialContext = {
  issuers: { find: async (issuer) => (issuer === ISSUER.issuer ? ISSUER : undefined) },
  audience: 'parapet:test',
  upload: { bucket: 'landing', key: 'in/2026/grants.csv', size: 1234 },
  now: NOW,
  longestSeconds: 86_400,
};

export const CLAIMS = {
  iss: ISSUER.issuer,
  sub: 'portal-7',
  aud: 'parapet:test',
  jti: 'token-0001',
  iat: NOW_SECONDS - 60,
  exp: NOW_SECONDS + 600,
  scope: 'reconcile:read ingest:read audit:verify',
  bucket: 'landing',
  key: 'in/2026/grants.csv',
  size: 1234,
  sha256: 'ab'.repeat(32),
  contract: 'grant-submission',
} satisfies JWTPayload;

export interface Signing {
  readonly alg?: string;
  readonly kid?: string | undefined;
  readonly key?: KeyObject;
  readonly header?: Record<string, unknown>;
}

/** A token with these claims; `undefined` leaves one out. Signed by another library than `mint` uses. */
export function token(claims: Record<string, unknown> = {}, signing: Signing = {}): Promise<string> {
  const { alg = 'ES256', key = ec.privateKey, header = {} } = signing;
  const kid = 'kid' in signing ? signing.kid : 'ec';
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }), ...header })
    .sign(key);
}

/** A token from parts, signed by whatever is said, or by nothing. */
export function forged(header: object, claims: object, sign: (input: string) => string = () => ''): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(input)}`;
}

export const hmacWith =
  (secret: string | Buffer) =>
  (input: string): string =>
    createHmac('sha256', secret).update(input).digest('base64url');

/** The code of the problem, or the credential. */
export async function judge(
  presented: string | undefined | Promise<string>,
  context: Partial<CredentialContext> = {},
): Promise<unknown> {
  try {
    return await verifySubmissionToken(await presented, { ...CONTEXT, ...context });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code;
    throw error;
  }
}
