/** Certificates for tests that shake hands for real, made by openssl where it is at hand. No network, nothing that outlives the test. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function works(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Why there are no certificates to test with; undefined when there are. */
export const openSslMissing: string | undefined = works()
  ? undefined
  : 'openssl is not installed: handshakes with bad certificates are not tested.';

export interface Certificate {
  /** PEM: its own, and its private key. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Disposable {
  readonly ca: string;
  /** For a server at these names (`IP:0.0.0.0`, `DNS:db.example`). `days` may be negative: it has expired. */
  issue(names: readonly string[], days?: number): Certificate;
  /** Vouched for by nobody but itself. */
  selfSigned(names: readonly string[]): Certificate;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...options: string[]): void => {
    execFileSync('openssl', options, { cwd: folder, stdio: 'ignore' });
  };
  const pair = (name: string): Certificate => ({
    cert: readFileSync(at(`${name}.pem`), 'utf8'),
    key: readFileSync(at(`${name}.key`), 'utf8'),
  });
  openssl('req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=authority');
  return {
    ca: readFileSync(at('ca.pem'), 'utf8'),
    issue: (names, days = 1) => {
      openssl('req', ...NEW_KEY, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=server');
      writeFileSync(at('extensions'), `subjectAltName=${names.join(',')}\n`);
      openssl(
        ...['x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
        ...['-days', String(days), '-extfile', 'extensions', '-out', 'leaf.pem'],
      );
      return pair('leaf');
    },
    selfSigned: (names) => {
      const san = ['-addext', `subjectAltName=${names.join(',')}`];
      openssl(
        'req',
        '-x509',
        ...NEW_KEY,
        '-keyout',
        'self.key',
        '-out',
        'self.pem',
        '-days',
        '2',
        '-subj',
        '/CN=server',
        ...san,
      );
      return pair('self');
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
