/**
 * The issuer of submission tokens that an embedded cloud makes for itself: a key of its own per state folder, registered
 * in its table alone. On AWS tokens come from the issuers that are registered there, and `parapet token` takes a key file.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Problem } from '../../shared/problem.ts';
import { type Es256Signer, localSigner } from '../../shared/signature/signer.ts';
import type { Connection } from './connection.ts';

/** As contracts/reference/issuers.json registers it. */
export const DEVELOPMENT_ISSUER = 'https://portal.parapet.example';

/** The signer whose key lies in this file (PEM, readable by its owner alone); makes the key where there is none. */
export function developmentIssuer(file: string): Es256Signer {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  }
  return localSigner(createPrivateKey(readFileSync(file, 'utf8')));
}

/** @throws Problem `usage-invalid` where neither the connection has an issuer nor a key is named. */
export function issuerOf(
  connection: Connection,
  named: { readonly issuer?: string | undefined; readonly key?: string | undefined },
): { readonly issuer: string; readonly signer: Es256Signer } {
  const issuer = named.issuer ?? connection.issuer?.name;
  const key = named.key ?? connection.issuer?.key;
  if (issuer === undefined || key === undefined) {
    const detail = 'This deployment has no issuer of its own: name one with --issuer and --issuer-key.';
    throw new Problem('usage-invalid', { detail });
  }
  try {
    return { issuer, signer: localSigner(createPrivateKey(readFileSync(key, 'utf8'))) };
  } catch (cause) {
    throw new Problem('usage-invalid', { detail: `${key} is no private P-256 key.`, cause });
  }
}
