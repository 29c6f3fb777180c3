/** Secrets by their form, in what would be deployed. Files are named; what was found in them never is. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { View } from './row.ts';

/** The forms that issuers of credentials have chosen so that they can be found, and what nobody writes by chance. */
const FORMS: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/,
  // The line alone stands in every library that reads keys.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s)*[A-Za-z0-9+/]{40}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/,
  /\b(?:sk|rk)[-_](?:live|proj|ant)[-_][A-Za-z0-9_-]{16,}/,
  /\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{20,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{20,}/,
  // `://ann:secret@`, where neither a variable stands nor the words of a document.
  /:\/\/(?!user:password@)[^\s/:@"'`${}<>]{1,64}:[^\s/:@"'`${}<>]{3,64}@[a-z0-9]/i,
  // A property of a template or a setting: CloudFormation would show it to whoever may read the stack.
  /"(?:[A-Za-z]*Password|SecretString|ApiKey|apiKey|password)"\s*:\s*"[^"]+"/,
];

const TEXT: ReadonlySet<string> = new Set(['.json', '.jws', '.js', '.mjs', '.ts', '.sql', '.pem', '']);

export function filesWithSecrets({ root, folder }: View): { readonly looked: number; readonly found: string[] } {
  const files = [
    join(root, 'parapet.config.json'),
    ...below(folder),
    ...['contracts', 'rules', 'infra', 'functions', 'shared'].flatMap((room) => below(join(root, room))),
  ].filter((file) => !isDevelopmentKey(relative(root, file)));
  const found = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return FORMS.some((form) => form.test(text));
  });
  return { looked: files.length, found: found.map((file) => relative(root, file)) };
}

/** No secret: it is public, and every deployment refuses what it has signed (shared/signature/development.ts). */
const isDevelopmentKey = (file: string): boolean => file === join('contracts', 'development', 'signing-key.pem');

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
