/** An issuer's public keys, as the registry holds them. */
import type { JWK } from 'jose';
import * as z from 'zod/mini';
import { Problem } from '../problem.ts';

const text = z.string().check(z.minLength(1), z.maxLength(2048));
const common = {
  kid: z.optional(text),
  alg: z.optional(text),
  use: z.optional(z.literal('sig')),
  key_ops: z.optional(z.array(text)),
};

/**
 * Public, asymmetric keys only. A symmetric one (`oct`) would let whoever reads the registry forge tokens; a private
 * member (`d`) in a registry is a leak. Members beside these are refused, as nobody would look at them.
 */
const PublicJwk = z.discriminatedUnion('kty', [
  z.strictObject({ ...common, kty: z.literal('RSA'), n: text, e: text }),
  z.strictObject({ ...common, kty: z.literal('EC'), crv: z.literal('P-256'), x: text, y: text }),
  z.strictObject({ ...common, kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: text }),
]);

const KeySet = z.strictObject({ keys: z.array(PublicJwk).check(z.minLength(1), z.maxLength(20)) });

/** Parses the JWKS text of a registered issuer. Problem('configuration-invalid') when it is none, or holds other keys. */
export function parseKeySet(jwks: string): { keys: JWK[] } {
  let value: unknown;
  try {
    value = JSON.parse(jwks);
  } catch {
    value = undefined;
  }
  const parsed = KeySet.safeParse(value);
  if (!parsed.success) {
    throw new Problem('configuration-invalid', { detail: 'The key set of the issuer is no JWKS of public keys.' });
  }
  return { keys: parsed.data.keys.map(defined) };
}

/** JSON has no undefined: an absent member is absent. */
function defined(jwk: z.infer<typeof PublicJwk>): JWK {
  return Object.fromEntries(Object.entries(jwk).filter(([, member]) => member !== undefined));
}
