/** Judges the credential of an upload from the object's head, before the payload is opened (requirement B01). */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Issuer, IssuerSource } from '../ports.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { credentialDigest, INGEST_SCOPE, SubmissionClaims, type VerifiedCredential } from './claims.ts';
import { parseKeySet } from './key-set.ts';

/** Asymmetric algorithms only: with `none` and HMAC out, a public key can never pass as a shared secret (RFC 8725 section 3.1). */
export const ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** S3 holds 2 KB of user metadata in all. */
const MAX_TOKEN_CHARACTERS = 2048;
/** RFC 7515 section 7.1; an encrypted token has five parts. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
/** How far two clocks may be apart. */
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_SCOPES = 20;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/;

export interface UploadFacts {
  readonly bucket: string;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

export interface CredentialContext {
  readonly issuers: IssuerSource;
  /** `parapet:<deployment>` */
  readonly audience: string;
  /** The object as the store has it. */
  readonly upload: UploadFacts;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The longest time from `iat` to `exp`. */
  readonly longestSeconds: number;
}

type Claims = ReturnType<typeof parseClaims>;

/**
 * Returns what the credential vouches for, or throws the Problem of the first thing that is wrong with it. The payload's
 * digest is not judged here: it is `sha256` of the answer. Details name claims, never what stood in them.
 */
export async function verifySubmissionToken(
  token: string | undefined,
  { issuers, audience, upload, now, longestSeconds }: CredentialContext,
): Promise<VerifiedCredential> {
  const present = requireToken(token);
  requireAlgorithm(present);
  const issuer = await findIssuer(present, issuers);
  const claims = parseClaims(await verifySignatureAndTimes(present, issuer, audience, now));
  requireBegun(claims, now);
  requireShortLived(claims, longestSeconds);
  const scopes = requireScope(claims);
  requireVouched(claims, issuer);
  requireTarget(claims, upload);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    jti: claims.jti,
    scopes,
    contract: claims.contract,
    sha256: claims.sha256,
    size: claims.size,
    ...(claims.idempotency_key === undefined ? {} : { idempotencyKey: claims.idempotency_key }),
    expiresAt: claims.exp,
    digest: credentialDigest(present),
  };
}

function requireToken(token: string | undefined): string {
  if (token === undefined || token === '') throw new Problem('credential-missing');
  if (token.length > MAX_TOKEN_CHARACTERS || !COMPACT.test(token)) throw malformed();
  return token;
}

function requireAlgorithm(token: string): void {
  const { alg } = attempt(() => decodeProtectedHeader(token));
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) throw new Problem('credential-algorithm');
}

/** Nothing of the token is believed yet: its issuer only says whose keys to try. */
async function findIssuer(token: string, issuers: IssuerSource): Promise<Issuer> {
  const { iss } = attempt(() => decodeJwt(token));
  if (typeof iss !== 'string' || iss === '') throw malformed('iss');
  const issuer = await issuers.find(iss);
  if (issuer === undefined || issuer.issuer !== iss) throw new Problem('credential-issuer');
  return issuer;
}

async function verifySignatureAndTimes(
  token: string,
  issuer: Issuer,
  audience: string,
  now: number,
): Promise<JWTPayload> {
  const keys = createLocalJWKSet(parseKeySet(issuer.keys));
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [...ALGORITHMS],
      issuer: issuer.issuer,
      audience,
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
      currentDate: new Date(now),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return payload;
  } catch (error) {
    throw toProblem(error);
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof errors.JWTExpired) return new Problem('credential-expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return new Problem('credential-audience');
    if (error.claim === 'nbf' && error.reason === 'check_failed') return new Problem('credential-not-yet-valid');
    return malformed(error.claim);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new Problem('credential-algorithm');
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return malformed();
  // An unknown critical header parameter (RFC 7515 section 4.1.11).
  if (error instanceof errors.JOSENotSupported) return malformed();
  // No registered key matches, several do without a `kid` to choose, the key cannot be used, or the signature is wrong.
  return new Problem('credential-signature');
}

function parseClaims(payload: JWTPayload) {
  const parsed = SubmissionClaims.safeParse(payload);
  if (parsed.success) return parsed.data;
  const claim = String(parsed.error.issues[0]?.path[0] ?? '');
  throw claim === 'scope' ? new Problem('credential-scope') : malformed(claim);
}

/** jose judges `iat` only against a maximal age. */
function requireBegun({ iat }: Claims, now: number): void {
  if (iat > now / 1000 + CLOCK_TOLERANCE_SECONDS) throw new Problem('credential-not-yet-valid');
}

/** A token that lies about and never ends is a key; what `iat` says is bounded from above, so that nobody gains by a later one. */
function requireShortLived({ iat, exp }: Claims, longestSeconds: number): void {
  if (exp - iat <= longestSeconds) return;
  throw new Problem('credential-lifetime', { detail: `From iat to exp at most ${longestSeconds} seconds.` });
}

/** Gives the scopes that remain, sorted. What they may be is for reconciliation to say (requirement B09). */
function requireScope({ scope }: Claims): string[] {
  const listed = typeof scope === 'string' ? scope.split(' ').filter((part) => part !== '') : scope;
  const scopes = new Set(listed);
  if (scopes.size > MAX_SCOPES || listed.some((each) => !SCOPE.test(each))) throw malformed('scope');
  if (!scopes.delete(INGEST_SCOPE)) throw new Problem('credential-scope');
  return [...scopes].sort();
}

/** What the registry lets this issuer vouch for. */
function requireVouched({ contract, sub }: Claims, { datasets, submitters }: Issuer): void {
  demand(datasets === undefined || datasets.includes(contract), 'credential-dataset');
  demand(submitters === undefined || submitters.includes(sub), 'credential-submitter');
}

function requireTarget(claims: Claims, upload: UploadFacts): void {
  demand(claims.bucket === upload.bucket && namesKey(claims.key, upload.key), 'credential-target');
  demand(claims.size === upload.size, 'payload-size');
}

const ANY_FOLDER = '**/';

/** Exactly the key; or, after `ANY_FOLDER`, exactly its last part. There are no other patterns. */
function namesKey(claim: string, key: string): boolean {
  if (!claim.startsWith(ANY_FOLDER)) return claim !== '' && claim === key;
  const name = claim.slice(ANY_FOLDER.length);
  return name !== '' && !name.includes('/') && name === key.slice(key.lastIndexOf('/') + 1);
}

function demand(condition: boolean, code: ProblemCode): void {
  if (!condition) throw new Problem(code);
}

function malformed(claim?: string): Problem {
  return new Problem('credential-malformed', claim === undefined ? {} : { detail: claim });
}

/** jose throws when the text is no JWT. */
function attempt<Result>(decode: () => Result): Result {
  try {
    return decode();
  } catch {
    throw malformed();
  }
}
