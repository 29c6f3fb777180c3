import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STAGES } from '../../../shared/names.ts';
import { deriveSaltKey, parseTokenSalts } from '../../../shared/token/salts.ts';
import { isToken, saltVersionOf } from '../../../shared/token/token.ts';
import { Tokeniser, type TokeniserOptions } from '../../../shared/token/tokeniser.ts';

const SALTS = parseTokenSalts(
  JSON.stringify({
    current: '2',
    1: 'first salt, forty characters of testing..',
    2: 'second salt, forty characters of testing.',
  }),
);
const place = { deployment: 'test', stage: 'ingestion' } as const;
const tokeniser = (version = '2', where: Partial<TokeniserOptions> = {}): Tokeniser =>
  new Tokeniser({ salts: SALTS, version, ...place, ...where });

describe('tokeniser', () => {
  it('[B04] gives the same token for the same value, in another instance too', () => {
    const token = tokeniser().token('GRT-1', 'contact_email', 'anna@example.org');
    expect(token).toMatch(/^tok_2_[A-Za-z0-9_-]{32}$/);
    expect(tokeniser().token('GRT-1', 'contact_email', 'anna@example.org')).toBe(token);
    expect(token).not.toContain('anna');
  });

  it('gives what an independent computation of HKDF and HMAC gave, so that stored tokens keep resolving', () => {
    expect(tokeniser().token('GRT-1', 'contact_email', 'anna@example.org')).toBe(
      'tok_2_I8CYFdHYzU1GXLnTalDZV4ZEhJI1xixk',
    );
    expect(tokeniser().subject('contact_email', 'anna@example.org')).toBe(
      'sub_2_nYnmA5UfslyeBFctgA0lKoyoXRs5HLSuEF8TGEFV5Yw',
    );
    expect(tokeniser().fingerprint('raw')).toBe('00f3a0bbf929f7f413cec7c40010d68a62e0999386c6b014add8ee02043c687d');
  });

  it('[B04] gives another token for another tenant, field, value, salt version, deployment and stage', () => {
    const tokens = [
      tokeniser().token('GRT-1', 'contact_email', 'anna@example.org'),
      tokeniser().token('GRT-2', 'contact_email', 'anna@example.org'),
      tokeniser().token('GRT-1', 'contact_name', 'anna@example.org'),
      tokeniser().token('GRT-1', 'contact_email', 'Anna@example.org'),
      tokeniser('1').token('GRT-1', 'contact_email', 'anna@example.org'),
      tokeniser('2', { deployment: 'live' }).token('GRT-1', 'contact_email', 'anna@example.org'),
      tokeniser('2', { stage: 'egress' }).token('GRT-1', 'contact_email', 'anna@example.org'),
    ];
    expect(new Set(tokens.map((token) => token.split('_').slice(2).join('_'))).size).toBe(tokens.length);
  });

  it('[B04] keeps tenant, field and value apart wherever their borders lie', () => {
    const made = tokeniser();
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), fc.string(), (tenant, field, value) => {
        const token = made.token(tenant, field, value);
        expect(made.token(tenant + field, '', value)).not.toBe(token);
        expect(made.token(tenant, '', field + value)).not.toBe(token);
        expect(isToken(token)).toBe(true);
      }),
    );
  });

  it('names a subject alike whatever the tenant, and never as its token', () => {
    const made = tokeniser();
    const subject = made.subject('contact_email', 'anna@example.org');
    expect(subject).toMatch(/^sub_2_[A-Za-z0-9_-]{43}$/);
    expect(made.subject('contact_email', 'bert@example.org')).not.toBe(subject);
    expect(made.subject('contact_name', 'anna@example.org')).not.toBe(subject);
  });

  it('fingerprints what it cannot parse', () => {
    const made = tokeniser();
    expect(made.fingerprint(Buffer.from([0xff, 0x00]))).toMatch(/^[0-9a-f]{64}$/);
    expect(made.fingerprint('a')).not.toBe(made.fingerprint('b'));
    expect(tokeniser('1').fingerprint('a')).not.toBe(made.fingerprint('a'));
  });

  it('derives keys that depend on every part of their purpose', () => {
    const keys = STAGES.flatMap((stage) =>
      (['token', 'subject', 'fingerprint'] as const).flatMap((purpose) =>
        ['1', '2'].map((version) =>
          Buffer.from(deriveSaltKey(SALTS, version, purpose, { deployment: 'test', stage })).toString('hex'),
        ),
      ),
    );
    expect(new Set(keys).size).toBe(STAGES.length * 3 * 2);
  });

  it('refuses a version that the secret lacks', () => {
    expect(() => tokeniser('3')).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });
});

describe('token', () => {
  it('tells its salt version, so that old tokens keep resolving', () => {
    expect(saltVersionOf(tokeniser('1').token('t', 'f', 'v'))).toBe('1');
  });

  it.each([
    '',
    'tok',
    'tok_1_',
    `tok__${'a'.repeat(32)}`,
    `tok_1_${'a'.repeat(31)}`,
    `tok_1_${'a'.repeat(33)}`,
    `tok_1_${'a'.repeat(31)}=`,
    ` tok_1_${'a'.repeat(32)}`,
    `tok_1_${'a'.repeat(32)}\n`,
    `tok_01_${'a'.repeat(32)}`,
    `TOK_1_${'a'.repeat(32)}`,
  ])('is not %j', (text) => {
    expect(isToken(text)).toBe(false);
    expect(saltVersionOf(text)).toBeUndefined();
  });
});

describe('secret of token salts', () => {
  it('holds the current version and every older one', () => {
    expect([SALTS.current, [...SALTS.salts.keys()]]).toEqual(['2', ['1', '2']]);
  });

  const salt = 'x'.repeat(44);
  it.each([
    ['not JSON', 'current'],
    ['no object', '[]'],
    ['no current version', JSON.stringify({ 1: salt })],
    ['a current version that is not there', JSON.stringify({ current: '2', 1: salt })],
    ['a current version that is no number', JSON.stringify({ current: 'toString', 1: salt })],
    ['a version that is no number', JSON.stringify({ current: '1', 1: salt, a: salt })],
    ['a short salt', JSON.stringify({ current: '1', 1: 'short' })],
    ['salts one level down', JSON.stringify({ current: '1', salts: { 1: salt } })],
  ])('is refused with %s, and not quoted', (_what, secret) => {
    let caught: unknown;
    try {
      parseTokenSalts(secret);
    } catch (error) {
      caught = error;
    }
    expect(caught).toEqual(expect.objectContaining({ code: 'configuration-invalid' }));
    expect(String(caught)).not.toContain('xxx');
    expect(String(caught)).not.toContain('short');
  });
});
