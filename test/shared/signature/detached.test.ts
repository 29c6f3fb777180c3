import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { CompactSign, flattenedVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { DOCUMENT_TYPES, signDetached } from '../../../shared/signature/detached.ts';
import { keyId, localSigner, remoteSigner } from '../../../shared/signature/signer.ts';
import { verifyDetached } from '../../../shared/signature/verify.ts';

const pair = (): { privateKey: KeyObject; publicKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const mine = pair();
const other = pair();
const document = '{"dataset":"grants","version":1}\n';
const signature = await signDetached(document, DOCUMENT_TYPES.contract, localSigner(mine.privateKey));
const trust = { signers: [keyId(mine.publicKey)] };
const untrusted = expect.objectContaining({ code: 'contract-untrusted' });

const check = (text: string | Uint8Array, jws: string, options = trust): string =>
  verifyDetached(text, DOCUMENT_TYPES.contract, jws, options);

/** The signature with its protected header changed, and signed again by the same key. */
function resigned(change: object, key: KeyObject = mine.privateKey): string {
  const [encoded = ''] = signature.split('.');
  const header: object = JSON.parse(Buffer.from(encoded, 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...header, ...change })).toString('base64url');
  const input = Buffer.from(`${changed}.${Buffer.from(document).toString('base64url')}`);
  return `${changed}..${sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

describe('detached signature', () => {
  it('[S09] verifies by its pinned key and names it', () => {
    expect(check(document, signature)).toBe(keyId(mine.publicKey));
    expect(check(Buffer.from(document), `${signature}\n`)).toBe(keyId(mine.publicKey));
  });

  it('is a detached JWS to another implementation', async () => {
    const [header = '', , mac = ''] = signature.split('.');
    const jws = { protected: header, payload: Buffer.from(document).toString('base64url'), signature: mac };
    const verified = await flattenedVerify(jws, mine.publicKey, { algorithms: ['ES256'] });
    expect(Buffer.from(verified.payload).toString()).toBe(document);
  });

  it('verifies what another implementation signed', async () => {
    const { kty, crv, x, y } = mine.publicKey.export({ format: 'jwk' });
    if (kty === undefined || crv === undefined || x === undefined || y === undefined) throw new Error('no P-256 key');
    const compact = await new CompactSign(Buffer.from(document))
      .setProtectedHeader({
        alg: 'ES256',
        typ: DOCUMENT_TYPES.contract,
        kid: keyId(mine.publicKey),
        jwk: { kty, crv, x, y },
      })
      .sign(mine.privateKey);
    const [header, , mac] = compact.split('.');
    expect(check(document, `${header}..${mac}`)).toBe(keyId(mine.publicKey));
  });

  it('comes from a remote key that is given a digest and answers in DER', async () => {
    const message = Buffer.from('a message');
    const remote = remoteSigner(mine.publicKey, async (digest) => {
      expect(digest).toEqual(createHash('sha256').update(message).digest());
      return sign('sha256', message, { key: mine.privateKey, dsaEncoding: 'der' });
    });
    const raw = await remote.sign(message);
    expect(verify('sha256', message, { key: mine.publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
  });

  it('takes only P-256 keys', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    expect(() => localSigner(p384.privateKey)).toThrow(RangeError);
    expect(() => localSigner(mine.publicKey)).toThrow(RangeError);
    expect(() => remoteSigner(p384.publicKey, async (digest) => digest)).toThrow(RangeError);
  });

  it('[S09] refuses a key that is not pinned, whatever it names itself', () => {
    const { kty, crv, x, y } = other.publicKey.export({ format: 'jwk' });
    const jwk = { kty, crv, x, y };
    // An honest other key; a key that claims the pinned id; the pinned key's header over another key's signature.
    expect(() => check(document, resigned({ jwk, kid: keyId(other.publicKey) }, other.privateKey))).toThrow(untrusted);
    expect(() => check(document, resigned({ jwk }, other.privateKey))).toThrow(untrusted);
    expect(() => check(document, resigned({}, other.privateKey))).toThrow(untrusted);
    expect(() => check(document, signature, { signers: [] })).toThrow(untrusted);
    expect(() => check(document, signature, { signers: [keyId(other.publicKey)] })).toThrow(untrusted);
  });

  it.each([
    ['one byte more', `${document} `],
    ['one byte fewer', document.slice(0, -1)],
    ['another version', document.replace('1', '2')],
    ['nothing', ''],
    ['the same value in other bytes', JSON.stringify(JSON.parse(document))],
  ])('[S09] refuses a document with %s', (_what, changed) => {
    expect(() => check(changed, signature)).toThrow(untrusted);
  });

  it.each([
    ['of another algorithm', () => resigned({ alg: 'none' })],
    ['by HMAC', () => resigned({ alg: 'HS256' })],
    ['for a rule pack', () => resigned({ typ: DOCUMENT_TYPES.rulePack })],
    ['without a type', () => resigned({ typ: undefined })],
    ['with an unencoded payload', () => resigned({ b64: false, crit: ['b64'] })],
    ['with a key id that is no digest', () => resigned({ kid: 'development' })],
    ['without a key', () => resigned({ jwk: undefined })],
    ['with a private key in it', () => resigned({ jwk: mine.privateKey.export({ format: 'jwk' }) })],
    [
      'with a point off the curve',
      () => resigned({ jwk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } }),
    ],
    ['with the payload attached', () => signature.replace('..', `.${Buffer.from(document).toString('base64url')}.`)],
    ['with nothing at the end', () => signature.replace(/\.\..*$/, '..')],
    ['cut short', () => signature.slice(0, -1)],
    ['spelt in another way', () => `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`],
    ['that is empty', () => ''],
    ['that is two', () => `${signature}\n${signature}`],
  ])('refuses a signature %s', (_what, make) => {
    expect(make()).not.toBe(signature);
    expect(() => check(document, make())).toThrow(untrusted);
  });

  it('starts those mutations from what verifies', () => {
    expect(check(document, resigned({}))).toBe(keyId(mine.publicKey));
  });

  it('reports a rule pack by its own code', () => {
    expect(() => verifyDetached(document, DOCUMENT_TYPES.rulePack, signature, trust)).toThrow(
      expect.objectContaining({ code: 'rule-pack-untrusted' }),
    );
  });
});
