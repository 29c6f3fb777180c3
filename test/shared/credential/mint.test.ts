import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeySet } from '../../../shared/credential/key-set.ts';
import { keySetOf, mintSubmissionToken } from '../../../shared/credential/mint.ts';
import { verifySubmissionToken } from '../../../shared/credential/verify.ts';
import { localSigner } from '../../../shared/signature/signer.ts';
import { CONTEXT, ISSUER, KEYS, NOW_SECONDS } from './fixtures.ts';

const signer = localSigner(KEYS.stranger.privateKey);
const grant = {
  issuer: ISSUER.issuer,
  subject: 'operator',
  audience: 'parapet:test',
  scopes: ['ingest:read', 'reconcile:read'],
  ...CONTEXT.upload,
  sha256: 'cd'.repeat(32),
  contract: 'grant-submission',
  jti: 'minted-1',
  issuedAt: NOW_SECONDS,
  expiresAt: NOW_SECONDS + 60,
};
const issuers = { find: async () => ({ ...ISSUER, keys: keySetOf([signer, localSigner(KEYS.ec.privateKey)]) }) };

describe('minted token', () => {
  it('verifies under the key set made for its key', async () => {
    const credential = await verifySubmissionToken(await mintSubmissionToken(grant, signer), { ...CONTEXT, issuers });
    expect(credential).toMatchObject({ subject: 'operator', scopes: ['reconcile:read'], sha256: 'cd'.repeat(32) });
    expect(credential).not.toHaveProperty('idempotencyKey');
  });

  it('carries an idempotency key', async () => {
    const token = await mintSubmissionToken({ ...grant, idempotencyKey: 'k-1' }, signer);
    expect(await verifySubmissionToken(token, { ...CONTEXT, issuers })).toMatchObject({ idempotencyKey: 'k-1' });
  });

  it('fits the metadata of an object', async () => {
    const token = await mintSubmissionToken({ ...grant, key: `${'folder/'.repeat(40)}name.csv` }, signer);
    expect(token.length).toBeLessThan(1700);
  });
});

describe('key set of an issuer', () => {
  const oct = { kty: 'oct', k: 'c2VjcmV0' };
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey.export({ format: 'jwk' });
  const good = KEYS.ec.publicKey.export({ format: 'jwk' });

  it('may hold keys of the three types', () => {
    expect(parseKeySet(ISSUER.keys).keys.map(({ kty }) => kty)).toEqual(['EC', 'EC', 'RSA', 'OKP']);
  });

  it.each([
    ['not JSON', 'keys'],
    ['no set', '[]'],
    ['an empty set', '{"keys":[]}'],
    ['a symmetric key', JSON.stringify({ keys: [oct] })],
    ['a private key', JSON.stringify({ keys: [KEYS.ec.privateKey.export({ format: 'jwk' })] })],
    ['a key on another curve', JSON.stringify({ keys: [p384] })],
    ['a key for encryption', JSON.stringify({ keys: [{ ...good, use: 'enc' }] })],
  ])('is refused with %s', (_what, jwks) => {
    expect(() => parseKeySet(jwks)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });
});
