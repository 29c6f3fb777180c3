/** A detached JWS (RFC 7515 appendix F) over the exact bytes of a document, by ES256. Verification stands in verify.ts. */
import { canonicalJson } from '../json/canonical.ts';
import { type Es256Signer, keyId } from './signer.ts';

/** What is signed: stands in the protected header, so that a signature of one kind is none of another (RFC 8725 section 3.11). */
export const DOCUMENT_TYPES = {
  contract: 'parapet-contract',
  rulePack: 'parapet-rule-pack',
  equivalence: 'parapet-equivalence',
} as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[keyof typeof DOCUMENT_TYPES];

/**
 * Signs. Gives `<protected header>..<signature>`. The header holds `alg`, `typ`, `kid` (the key's id) and the public key as
 * `jwk`: a verifier knows the id from its pins and the key from here, and believes it only if it has that id.
 */
export async function signDetached(
  document: string | Uint8Array,
  type: DocumentType,
  signer: Es256Signer,
): Promise<string> {
  const { kty, crv, x, y } = signer.publicKey.export({ format: 'jwk' });
  const header = { alg: 'ES256', jwk: { kty, crv, x, y }, kid: keyId(signer.publicKey), typ: type };
  const encodedHeader = Buffer.from(canonicalJson(header), 'utf8').toString('base64url');
  const signature = await signer.sign(signingInput(encodedHeader, document));
  return `${encodedHeader}..${Buffer.from(signature).toString('base64url')}`;
}

/** RFC 7515 section 5.1: the header and the payload, each in base64url, with a dot between. */
export function signingInput(encodedHeader: string, document: string | Uint8Array): Uint8Array {
  return Buffer.from(`${encodedHeader}.${Buffer.from(document).toString('base64url')}`, 'ascii');
}
