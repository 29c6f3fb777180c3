import { describe, expect, it } from 'vitest';
import {
  credentialDigest,
  credentialKey,
  submitterDigest,
  VerifiedCredential,
} from '../../../shared/credential/claims.ts';
import { verifySubmissionToken } from '../../../shared/credential/verify.ts';
import { CLAIMS, CONTEXT, forged, hmacWith, ISSUER, judge, KEYS, NOW, NOW_SECONDS, token } from './fixtures.ts';

describe('submission token', () => {
  it('[B01] vouches for its upload', async () => {
    const presented = await token({ idempotency_key: 'batch-17' });
    const credential = await verifySubmissionToken(presented, CONTEXT);
    expect(credential).toEqual({
      issuer: ISSUER.issuer,
      subject: 'portal-7',
      jti: 'token-0001',
      scopes: ['audit:verify', 'reconcile:read'],
      contract: 'grant-submission',
      sha256: 'ab'.repeat(32),
      size: 1234,
      idempotencyKey: 'batch-17',
      expiresAt: NOW_SECONDS + 600,
      digest: credentialDigest(presented),
    });
    expect(VerifiedCredential.parse(JSON.parse(JSON.stringify(credential)))).toEqual(credential);
  });

  it.each([
    ['ES256', 'ec', KEYS.ec],
    ['ES256', 'ec2', KEYS.ec2],
    ['RS256', 'rsa', KEYS.rsa],
    ['PS256', 'rsa', KEYS.rsa],
    ['EdDSA', 'ed', KEYS.ed],
  ])('[B01] is accepted by %s under the key %s', async (alg, kid, { privateKey }) => {
    expect(await judge(token({}, { alg, kid, key: privateKey }))).toMatchObject({ subject: 'portal-7' });
  });

  it('is accepted without a kid where one key alone fits the algorithm', async () => {
    expect(await judge(token({}, { alg: 'EdDSA', kid: undefined, key: KEYS.ed.privateKey }))).toMatchObject({
      jti: 'token-0001',
    });
  });

  it.each([
    ['a list of scopes', { scope: ['ingest:read', 'reconcile:read'] }, { scopes: ['reconcile:read'] }],
    ['ingest:read alone', { scope: 'ingest:read' }, { scopes: [] }],
    ['a scope twice', { scope: 'a ingest:read  a' }, { scopes: ['a'] }],
    [
      'a scope that only reconciliation refuses',
      { scope: 'ingest:read reconcile:write' },
      { scopes: ['reconcile:write'] },
    ],
    ['several audiences', { aud: ['other', 'parapet:test'] }, { subject: 'portal-7' }],
    ['its name in any folder', { key: '**/grants.csv' }, { subject: 'portal-7' }],
    ['a claim nobody reads', { department: 'grants' }, { subject: 'portal-7' }],
    ['a start that has come', { nbf: NOW_SECONDS }, { subject: 'portal-7' }],
    ['a life of a day', { iat: NOW_SECONDS - 10, exp: NOW_SECONDS + 86_390 }, { subject: 'portal-7' }],
    ['an end within the tolerance', { exp: NOW_SECONDS - 29 }, { subject: 'portal-7' }],
  ])('is accepted with %s', async (_what, claims, expected) => {
    expect(await judge(token(claims))).toMatchObject(expected);
  });

  it.each([
    ['credential-audience', 'another audience', { aud: 'parapet:live' }],
    ['credential-audience', 'no audience', { aud: undefined }],
    ['credential-audience', 'an audience that only begins alike', { aud: 'parapet:test2' }],
    ['credential-expired', 'an end in the past', { exp: NOW_SECONDS - 31 }],
    ['credential-lifetime', 'a life longer than a day', { iat: NOW_SECONDS - 10, exp: NOW_SECONDS + 86_391 }],
    ['credential-lifetime', 'a beginning long ago', { iat: 0 }],
    ['credential-not-yet-valid', 'a start in the future', { nbf: NOW_SECONDS + 31 }],
    ['credential-not-yet-valid', 'an issue in the future', { iat: NOW_SECONDS + 31 }],
    ['credential-scope', 'no scope', { scope: undefined }],
    ['credential-scope', 'another scope', { scope: 'reconcile:read audit:verify' }],
    ['credential-scope', 'a scope that only begins alike', { scope: 'ingest:readwrite' }],
    ['credential-scope', 'a scope in other case', { scope: 'Ingest:Read' }],
    ['credential-scope', 'an empty list of scopes', { scope: [] }],
    ['credential-scope', 'scopes that are a number', { scope: 1 }],
    ['credential-malformed', 'a scope of a control character', { scope: 'ingest:read \u0007' }],
    ['credential-malformed', 'too many scopes', { scope: Array.from({ length: 22 }, (_, index) => `s${index}`) }],
    ['credential-target', 'another bucket', { bucket: 'landing2' }],
    ['credential-target', 'another key', { key: 'in/2026/grants2.csv' }],
    ['credential-target', 'a folder', { key: 'in/2026/' }],
    ['credential-target', 'the name without its folder', { key: 'grants.csv' }],
    ['credential-target', 'an empty key', { key: '' }],
    ['credential-target', 'a bare pattern', { key: '**/' }],
    ['credential-target', 'a pattern of everything', { key: '**/*' }],
    ['credential-target', 'a pattern of an end of the name', { key: '**/rants.csv' }],
    ['credential-target', 'a pattern with a folder', { key: '**/2026/grants.csv' }],
    ['credential-target', 'another pattern', { key: '*/grants.csv' }],
    ['payload-size', 'another size', { size: 1235 }],
    ['credential-malformed', 'no bucket', { bucket: undefined }],
    ['credential-malformed', 'no key', { key: undefined }],
    ['credential-malformed', 'no size', { size: undefined }],
    ['credential-malformed', 'a size in text', { size: '1234' }],
    ['credential-malformed', 'a negative size', { size: -1 }],
    ['credential-malformed', 'no digest', { sha256: undefined }],
    ['credential-malformed', 'a digest in capitals', { sha256: 'AB'.repeat(32) }],
    ['credential-malformed', 'a digest cut short', { sha256: 'ab'.repeat(31) }],
    ['credential-malformed', 'no dataset', { contract: undefined }],
    ['credential-malformed', 'a path for a dataset', { contract: '../grants' }],
    ['credential-malformed', 'no jti', { jti: undefined }],
    ['credential-malformed', 'an empty jti', { jti: '' }],
    ['credential-malformed', 'a jti with a line feed', { jti: 'a\nb' }],
    ['credential-malformed', 'no subject', { sub: undefined }],
    ['credential-malformed', 'no issue time', { iat: undefined }],
    ['credential-malformed', 'no end', { exp: undefined }],
    ['credential-malformed', 'an end in text', { exp: '2999-01-01' }],
    ['credential-malformed', 'half a second', { exp: NOW_SECONDS + 0.5 }],
    ['credential-malformed', 'an empty idempotency key', { idempotency_key: '' }],
    ['credential-malformed', 'no issuer', { iss: undefined }],
    ['credential-malformed', 'two issuers', { iss: [ISSUER.issuer] }],
    ['credential-issuer', 'another issuer', { iss: 'https://issuer.example/' }],
  ])('[B01] is refused as %s with %s', async (code, _what, claims) => {
    expect(await judge(token(claims))).toBe(code);
  });

  it('[B01] is judged by the clock that it is given', async () => {
    const presented = await token();
    expect(await judge(presented, { now: NOW + 631_000 })).toBe('credential-expired');
    expect(await judge(presented, { now: NOW - 91_000 })).toBe('credential-not-yet-valid');
  });

  it('[B01] is refused where the registry limits its issuer', async () => {
    const limited = (limits: Partial<typeof ISSUER>) => ({ issuers: { find: async () => ({ ...ISSUER, ...limits }) } });
    expect(await judge(token(), limited({ datasets: ['grant-submission'] }))).toMatchObject({ jti: 'token-0001' });
    expect(await judge(token(), limited({ datasets: ['other'] }))).toBe('credential-dataset');
    expect(await judge(token(), limited({ submitters: ['portal-7'] }))).toMatchObject({ jti: 'token-0001' });
    expect(await judge(token(), limited({ submitters: [] }))).toBe('credential-submitter');
    expect(await judge(token(), limited({ issuer: 'https://other.example' }))).toBe('credential-issuer');
  });
});

describe('forged token', () => {
  const publicPem = KEYS.rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const publicDer = KEYS.rsa.publicKey.export({ type: 'spki', format: 'der' });

  it.each([
    ['without an algorithm', forged({ alg: 'none' }, CLAIMS)],
    ['without an algorithm, in another case', forged({ alg: 'NoNe' }, CLAIMS)],
    ['by HMAC under the public key in PEM', forged({ alg: 'HS256', kid: 'rsa' }, CLAIMS, hmacWith(publicPem))],
    ['by HMAC under the public key in DER', forged({ alg: 'HS256', kid: 'rsa' }, CLAIMS, hmacWith(publicDer))],
    ['by HMAC under nothing', forged({ alg: 'HS256' }, CLAIMS, hmacWith(''))],
    ['by an algorithm that does not exist', forged({ alg: 'ES257' }, CLAIMS, () => 'AAAA')],
    ['by a list of algorithms', forged({ alg: ['ES256'] }, CLAIMS, () => 'AAAA')],
    ['by an algorithm of the prototype', forged({ alg: 'constructor' }, CLAIMS, () => 'AAAA')],
  ])('[B01] is refused %s', async (_what, presented) => {
    expect(await judge(presented)).toBe('credential-algorithm');
  });

  it.each([
    ['by a stranger’s key under the kid of a registered one', token({}, { key: KEYS.stranger.privateKey })],
    ['by a stranger’s key under a kid of its own', token({}, { key: KEYS.stranger.privateKey, kid: 'stranger' })],
    ['by a registered key under the kid of another', token({}, { key: KEYS.ec.privateKey, kid: 'ec2' })],
    ['by a registered key under the kid of another type', token({}, { key: KEYS.ec.privateKey, kid: 'rsa' })],
    ['without a kid where two keys fit', token({}, { kid: undefined })],
    [
      'by a key that it brings along',
      token(
        {},
        {
          key: KEYS.stranger.privateKey,
          kid: undefined,
          header: { jwk: KEYS.stranger.publicKey.export({ format: 'jwk' }) },
        },
      ),
    ],
    [
      'by a key that it points to',
      token({}, { key: KEYS.stranger.privateKey, kid: 'x', header: { jku: 'https://issuer.example/keys' } }),
    ],
    ['with an empty signature', forged({ alg: 'ES256', kid: 'ec' }, CLAIMS)],
    [
      'with a signature of zeros',
      forged({ alg: 'ES256', kid: 'ec' }, CLAIMS, () => Buffer.alloc(64).toString('base64url')),
    ],
  ])('[B01] is refused when signed %s', async (_what, presented) => {
    expect(await judge(presented)).toBe('credential-signature');
  });

  it.each(['sub', 'key', 'scope', 'exp', 'sha256'] as const)(
    '[B01] is refused when %s was changed after signing',
    async (claim) => {
      const [header = '', , signature = ''] = (await token()).split('.');
      const claims = { ...CLAIMS, [claim]: claim === 'exp' ? NOW_SECONDS + 99_999 : 'changed' };
      const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
      expect(await judge(`${header}.${changed}.${signature}`)).toBe('credential-signature');
    },
  );

  it.each([
    ['credential-missing', 'absent', undefined],
    ['credential-missing', 'empty', ''],
    ['credential-malformed', 'not a token', 'hello'],
    ['credential-malformed', 'of two parts', 'e30.e30'],
    ['credential-malformed', 'of an unreadable header', '!!.e30.AA'],
    ['credential-malformed', 'of a header that is no object', `${Buffer.from('[]').toString('base64url')}.e30.AA`],
    ['credential-malformed', 'of claims that are no object', forgedText({ alg: 'ES256' }, '"claims"')],
    ['credential-malformed', 'of claims that are not JSON', forgedText({ alg: 'ES256' }, '{')],
    ['credential-malformed', 'encrypted', 'e30.e30.e30.e30.e30'],
    ['credential-malformed', 'too long', `${'a'.repeat(2100)}.e30.AA`],
  ])('[B01] is refused as %s when it is %s', async (code, _what, presented) => {
    expect(await judge(presented)).toBe(code);
  });

  it('is refused when it asks for an extension that nobody knows', async () => {
    const crit = forged({ alg: 'ES256', kid: 'ec', crit: ['x-new'], 'x-new': 1 }, CLAIMS, () => 'AAAA');
    expect(await judge(crit)).toBe('credential-malformed');
  });

  it('says nothing of what it held', async () => {
    for (const claims of [{ sub: 'secret subject' }, { scope: 'secret' }, { key: 'secret' }, { jti: '' }]) {
      const caught = await verifySubmissionToken(await token(claims), CONTEXT).catch(String);
      expect(caught).not.toContain('secret');
    }
  });
});

describe('names of a credential', () => {
  it('differ with issuer, jti and subject, wherever the border lies', () => {
    const names = [
      credentialKey({ issuer: 'ab', jti: 'c' }),
      credentialKey({ issuer: 'a', jti: 'bc' }),
      submitterDigest({ issuer: 'ab', subject: 'c' }),
      submitterDigest({ issuer: 'a', subject: 'bc' }),
    ];
    expect(new Set(names).size).toBe(4);
  });
});

function forgedText(header: object, claims: string): string {
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${Buffer.from(claims).toString('base64url')}.AA`;
}
