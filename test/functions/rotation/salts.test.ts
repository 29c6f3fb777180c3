import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { alphanumeric } from '../../../functions/rotation/protocol/alphanumeric.ts';
import { requireSecret } from '../../../functions/rotation/protocol/require-secret.ts';
import { PENDING, parseRotationRequest, type Rotation, rotate } from '../../../functions/rotation/protocol/rotation.ts';
import { saltRotation } from '../../../functions/rotation/salts/salts.ts';
import { parseTokenSalts } from '../../../shared/token/salts.ts';
import { Tokeniser } from '../../../shared/token/tokeniser.ts';
import { MemoryRotatingSecret } from './memory-secret.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const VERSION = 'v'.repeat(32);
const FIRST = JSON.stringify({ current: '1', 1: 'a'.repeat(64) });
const rotation = saltRotation('test', randomBytes);
const request = (Step: (typeof STEPS)[number], version = VERSION) =>
  parseRotationRequest({ Step, SecretId: 'arn', ClientRequestToken: version });

function begun(text = FIRST): MemoryRotatingSecret {
  const secret = new MemoryRotatingSecret(text);
  secret.begin(VERSION);
  return secret;
}

function token(text: string, version: string): string {
  const tokeniser = new Tokeniser({ salts: parseTokenSalts(text), version, deployment: 'test', stage: 'ingestion' });
  return tokeniser.token('GTR-0001', 'contact_email', 'ada@example.org');
}

describe('rotating the salts', () => {
  it('[P02] [B04] adds a version that is current, and leaves every token of before as it was', async () => {
    const secret = begun();
    for (const step of STEPS) await rotate(request(step), secret, rotation);
    const { current, salts } = parseTokenSalts(secret.current);
    expect(current).toBe('2');
    expect(salts.get('1')).toBe('a'.repeat(64));
    expect(salts.get('2')).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(token(secret.current, '1')).toBe(token(FIRST, '1'));
    expect(token(secret.current, '2')).not.toBe(token(FIRST, '1'));
  });

  it('[P02] changes nothing that is in use before the last step', async () => {
    const secret = begun();
    for (const step of STEPS.slice(0, 3)) {
      await rotate(request(step), secret, rotation);
      expect(secret.current).toBe(FIRST);
    }
    await rotate(request('finishSecret'), secret, rotation);
    expect(secret.current).not.toBe(FIRST);
  });

  it.each(STEPS)('[P02] finds at %s what was done before, however often it comes', async (again) => {
    const secret = begun();
    for (const step of STEPS) {
      await rotate(request(step), secret, rotation);
      const made = secret.values.get(VERSION);
      if (step === again) for (const _ of [1, 2]) await rotate(request(step), secret, rotation);
      expect(secret.values.get(VERSION)).toBe(made);
    }
    expect(parseTokenSalts(secret.current).current).toBe('2');
    for (const step of STEPS) expect(await rotate(request(step), secret, rotation)).toBe('already');
  });

  it('[P02] leaves the current version alone when the test fails', async () => {
    const secret = begun();
    const failing: Rotation = { ...rotation, test: () => Promise.reject(new Error('no')) };
    await rotate(request('createSecret'), secret, failing);
    await expect(rotate(request('testSecret'), secret, failing)).rejects.toThrow('no');
    expect(secret.current).toBe(FIRST);
  });

  it.each([undefined, FIRST])(
    '[P02] stands the trial of a schedule, whose pending version is %s, and leaves its stage',
    async (value) => {
      const secret = begun();
      if (value !== undefined) secret.values.set(VERSION, value);
      expect(await rotate(request('testSecret'), secret, rotation)).toBe('tested');
      expect([secret.stages.get(PENDING), secret.values.get(VERSION), secret.current]).toEqual([VERSION, value, FIRST]);
      await expect(rotate(request('finishSecret'), secret, rotation)).rejects.toMatchObject({
        code: 'configuration-invalid',
      });
      expect(secret.current).toBe(FIRST);
      const broken = begun('{}');
      await expect(rotate(request('testSecret'), broken, rotation)).rejects.toThrow();
    },
  );

  it('[P02] refuses at every step a value made from one that is no longer current, and lets the next rotation begin anew', async () => {
    for (const step of ['setSecret', 'testSecret', 'finishSecret'] as const) {
      const secret = begun();
      await rotate(request('createSecret'), secret, rotation);
      secret.values.set('first', JSON.stringify({ current: '9', 1: 'a'.repeat(64), 9: 'z'.repeat(64) }));
      await expect(rotate(request(step), secret, rotation)).rejects.toMatchObject({ code: 'configuration-invalid' });
      expect(parseTokenSalts(secret.current).current).toBe('9');
      const next = 'w'.repeat(32);
      secret.begin(next);
      for (const each of STEPS) await rotate(request(each, next), secret, rotation);
      expect(parseTokenSalts(secret.current).current).toBe('10');
    }
  });

  it('[P02] refuses a secret that does not rotate, a version that is not pending, and a secret that is another’s', async () => {
    const still = begun();
    still.rotates = false;
    await expect(rotate(request('createSecret'), still, rotation)).rejects.toMatchObject({
      code: 'configuration-invalid',
    });
    await expect(rotate(request('createSecret', 'x'.repeat(32)), begun(), rotation)).rejects.toMatchObject({
      code: 'configuration-invalid',
    });
    expect(() => requireSecret(request('createSecret'), ['another'])).toThrow('This secret is another’s to rotate.');
    expect(() => parseRotationRequest({ Step: 'dropSecret' })).toThrow('This is no request of a rotation.');
  });

  it('draws letters and digits evenly: a byte that would favour some is drawn again', () => {
    const bytes = [255, 0, 248, 61, 62, 247];
    const drawn = alphanumeric(4, () => Uint8Array.from(bytes));
    expect(drawn).toBe('A9A9');
  });
});
