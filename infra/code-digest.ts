import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** What decides a verdict, beside the packages that the lock file names. The rest of the program only shows it. */
const FOLDERS = ['functions/sweep', 'shared'];

const sha256Hex = (content: string | Uint8Array): string => hash('sha256', content, 'hex');

/** SHA-256 over the names and digests of the files that decide a verdict, in the order of their names. */
export function codeDigest(root: string = ROOT): string {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
    .filter((name) => name.endsWith('.ts'))
    .concat('package-lock.json')
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
  return sha256Hex(files.map((name) => `${sha256Hex(readFileSync(join(root, name)))}  ${name}\n`).join(''));
}
