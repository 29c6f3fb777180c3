import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenerateSecretString, generateSecretString } from '../../../local/secrets/generate.ts';
import type { Random } from '../../../shared/ports.ts';

const generate = (options: object, random: Random = randomBytes): string =>
  generateSecretString(GenerateSecretString.parse(options), random);

describe('a generated secret', () => {
  it('has the length and the characters that were asked for, one of each kind at least', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 64 }),
        fc.boolean(),
        fc.boolean(),
        fc.string({ maxLength: 5 }),
        (PasswordLength, ExcludeNumbers, ExcludePunctuation, ExcludeCharacters) => {
          const made = generate({ PasswordLength, ExcludeNumbers, ExcludePunctuation, ExcludeCharacters });
          expect(made).toHaveLength(PasswordLength);
          for (const character of ExcludeCharacters) expect(made).not.toContain(character);
          expect(/\d/.test(made)).toBe(!ExcludeNumbers);
          expect(/[^A-Za-z0-9]/.test(made)).toBe(!ExcludePunctuation);
          expect(made).toMatch(/[a-z]/);
          expect(made).toMatch(/[A-Z]/);
        },
      ),
    );
  });

  it('favours no character: bytes beyond the last whole multiple of the alphabet are drawn again', () => {
    const bytes = [255, 0, 254, 253, 9];
    const random = (size: number): Buffer => Buffer.from(bytes.splice(0, size));
    const digits = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true };
    expect(generate({ ...digits, PasswordLength: 2 }, random)).toBe('09');
  });

  it('stands in the template where it is asked to', () => {
    const made = JSON.parse(generate({ SecretStringTemplate: '{"user":"u"}', GenerateStringKey: 'password' }));
    expect(made).toEqual({ user: 'u', password: expect.stringMatching(/^.{32}$/) });
  });

  it.each([
    [{ SecretStringTemplate: '{}' }],
    [{ GenerateStringKey: 'k' }],
    [{ ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true }],
    [{ PasswordLength: 3 }],
  ])('is refused when it cannot be made: %j', (options) => {
    expect(() => generate(options)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });

  it('refuses an option that it does not know', () => {
    expect(() => GenerateSecretString.parse({ Strength: 9 })).toThrow();
  });
});
