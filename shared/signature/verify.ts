/** Verifies detached signatures against pins: the deployed template says which keys may sign, and nothing else does. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod/mini';
import { Sha256Hex } from '../digest.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { DOCUMENT_TYPES, type DocumentType, signingInput } from './detached.ts';
import { DEVELOPMENT_KEYS } from './development.ts';
import { keyId } from './signer.ts';

export interface TrustOptions {
  /** Ids of the keys that may sign (`keyId`). */
  readonly signers: readonly string[];
  /** Development keys are refused unless this is true, even when they are pinned. */
  readonly allowDevelopmentKeys?: boolean;
}

const Coordinate = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));

const ProtectedHeader = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.string(),
  kid: Sha256Hex,
  jwk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: Coordinate, y: Coordinate }),
});

const DETACHED = /^([A-Za-z0-9_-]{1,2048})\.\.([A-Za-z0-9_-]{86})$/;

const UNTRUSTED: Record<DocumentType, ProblemCode> = {
  [DOCUMENT_TYPES.contract]: 'contract-untrusted',
  [DOCUMENT_TYPES.rulePack]: 'rule-pack-untrusted',
  [DOCUMENT_TYPES.equivalence]: 'contract-untrusted',
};

/**
 * Returns the id of the key that signed exactly these bytes as a document of this type, when it is one of the pinned.
 * Otherwise throws Problem('contract-untrusted') or Problem('rule-pack-untrusted').
 */
export function verifyDetached(
  document: string | Uint8Array,
  type: DocumentType,
  signature: string,
  { signers, allowDevelopmentKeys = false }: TrustOptions,
): string {
  const demand = (condition: boolean, otherwise: string): void => {
    if (!condition) throw new Problem(UNTRUSTED[type], { detail: otherwise });
  };
  const [, encodedHeader = '', encodedSignature = ''] = DETACHED.exec(signature.trim()) ?? [];
  const header = ProtectedHeader.safeParse(parseJson(Buffer.from(encodedHeader, 'base64url').toString('utf8')));
  if (!header.success) throw new Problem(UNTRUSTED[type], { detail: 'The signature is not a detached JWS by ES256.' });
  const { typ, kid, jwk } = header.data;
  demand(typ === type, 'The signature is for another kind of document.');
  demand(signers.includes(kid), 'The key that signed it is not pinned.');
  demand(allowDevelopmentKeys || !DEVELOPMENT_KEYS.has(kid), 'It is signed by a development key.');
  const publicKey = importKey(jwk);
  // The header's key is a suggestion; the pin decides, through the digest.
  if (publicKey === undefined || keyId(publicKey) !== kid) {
    throw new Problem(UNTRUSTED[type], { detail: 'The key in the signature is not the one that it names.' });
  }
  const raw = Buffer.from(encodedSignature, 'base64url');
  demand(raw.toString('base64url') === encodedSignature, 'The signature is not a detached JWS by ES256.');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  demand(verify('sha256', signingInput(encodedHeader, document), key, raw), 'The signature is not of these bytes.');
  return kid;
}

function importKey(jwk: z.infer<typeof ProtectedHeader>['jwk']): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    // The point is not on the curve.
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
