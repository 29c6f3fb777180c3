/** What `GenerateSecretString` makes (CloudFormation Template Reference, "AWS::SecretsManager::Secret GenerateSecretString"). */
import * as z from 'zod';
import type { Random } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';

export const GenerateSecretString = z.strictObject({
  PasswordLength: z.int().min(1).max(4_096).default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
});

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const Template = z.record(z.string(), z.unknown());

/** A password, or the template's JSON object with the password in the member that is named. */
export function generateSecretString(options: z.output<typeof GenerateSecretString>, random: Random): string {
  const { SecretStringTemplate: template, GenerateStringKey: key } = options;
  const password = generatePassword(options, random);
  if (template === undefined && key === undefined) return password;
  if (template === undefined || key === undefined) {
    throw new Problem('configuration-invalid', { detail: 'SecretStringTemplate and GenerateStringKey go together.' });
  }
  return JSON.stringify({ ...Template.parse(JSON.parse(template)), [key]: password });
}

function generatePassword(options: z.output<typeof GenerateSecretString>, random: Random): string {
  const types = [
    options.ExcludeLowercase ? '' : LOWERCASE,
    options.ExcludeUppercase ? '' : LOWERCASE.toUpperCase(),
    options.ExcludeNumbers ? '' : NUMBERS,
    options.ExcludePunctuation ? '' : PUNCTUATION,
    options.IncludeSpace ? ' ' : '',
  ]
    .map((type) => [...type].filter((each) => !options.ExcludeCharacters.includes(each)))
    .filter((type) => type.length > 0);
  const alphabet = types.flat();
  const length = options.PasswordLength;
  const required = options.RequireEachIncludedType ? types : [];
  if (alphabet.length === 0 || required.length > length) {
    throw new Problem('configuration-invalid', { detail: 'GenerateSecretString leaves no password to be made.' });
  }
  // Drawn until it fits: filling required types into chosen places would make some passwords likelier than others.
  for (;;) {
    const password = Array.from({ length }, () => alphabet[below(alphabet.length, random)] ?? '');
    if (required.every((type) => type.some((each) => password.includes(each)))) return password.join('');
  }
}

/** An even choice of 0 … `limit` - 1, for at most 256: a byte that would favour the low ones is drawn again. */
function below(limit: number, random: Random): number {
  const even = 256 - (256 % limit);
  for (;;) {
    const [byte = 0] = random(1);
    if (byte < even) return byte % limit;
  }
}
