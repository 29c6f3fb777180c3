import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Command } from 'commander';
import { Problem } from '../../shared/problem.ts';
import { keyId } from '../../shared/signature/signer.ts';
import { readText, writeText } from '../files.ts';
import { answer, type OutputOptions } from '../terminal.ts';

export const command = new Command('keys').description('Make signing keys, and name a key by its id.');

command
  .command('id')
  .description('Print the id of a key, as pins name it: SHA-256 of its SubjectPublicKeyInfo.')
  .argument('<file>', 'a public or private key in PEM')
  .action((file: string, options: OutputOptions) => {
    const id = keyId(readPublicKey(file));
    answer(options, [id], { file, id });
  });

command
  .command('new')
  .description('Make a P-256 key pair for signing contracts where no KMS is at hand.')
  .argument('<file>', 'where to write the private key (PEM, readable by its owner alone)')
  .option('--force', 'replace a file that is there')
  .action((file: string, options: OutputOptions & { readonly force?: boolean }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    writeText(file, pem, { mode: 0o600, force: options.force === true });
    answer(options, [`${file}: id ${keyId(publicKey)}`], { file, id: keyId(publicKey) });
  });

/** The public half of whatever key the file holds. Problem('usage-invalid') when it holds none. */
export function readPublicKey(file: string): KeyObject {
  return importKey(file, createPublicKey);
}

/** Problem('usage-invalid') when the file holds no private key. */
export function readPrivateKey(file: string): KeyObject {
  return importKey(file, createPrivateKey);
}

function importKey(file: string, create: (pem: string) => KeyObject): KeyObject {
  const pem = readText(file);
  try {
    return create(pem);
  } catch {
    // The library's error is left out on purpose: it might quote the key.
    throw new Problem('usage-invalid', { detail: `${file} holds no such key in PEM.` });
  }
}
