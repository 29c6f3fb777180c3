import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openContract } from '../../../shared/signature/contract.ts';
import { DOCUMENT_TYPES } from '../../../shared/signature/detached.ts';
import { DEVELOPMENT_KEYS } from '../../../shared/signature/development.ts';
import { openEquivalence } from '../../../shared/signature/equivalence.ts';
import { keyId } from '../../../shared/signature/signer.ts';
import { verifyDetached } from '../../../shared/signature/verify.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');
const [developmentKey = ''] = DEVELOPMENT_KEYS;
const allowed = { signers: [developmentKey], allowDevelopmentKeys: true };
const files = (folder: string, extension: string): string[] =>
  readdirSync(join(root, folder)).filter((name) => name.endsWith(extension));

describe('development key', () => {
  it('is the one in the repository, and known by its id', () => {
    for (const name of ['signing-key.pem', 'signing-key.pub.pem']) {
      expect(keyId(createPublicKey(read('contracts', 'development', name)))).toBe(developmentKey);
    }
    expect(DEVELOPMENT_KEYS.size).toBe(1);
  });

  it.each(files('contracts', '.json'))(
    '[S09] has signed %s, which is refused unless development keys are allowed',
    (name) => {
      const signed = { text: read('contracts', name), signature: read('contracts', `${name}.jws`) };
      const dataset = name.replace(/\.v\d+\.json$/, '');
      const open = Object.hasOwn(JSON.parse(signed.text), 'source') ? openEquivalence : openContract;
      expect(open(signed, dataset, { ...allowed, minimumVersion: 1 }).signer).toBe(developmentKey);
      expect(() => open(signed, dataset, { signers: [developmentKey], minimumVersion: 1 })).toThrow(
        expect.objectContaining({ code: 'contract-untrusted' }),
      );
    },
  );

  it.each(files('rules', '.js'))('[B21] has signed the rule pack %s', (name) => {
    const signature = read('rules', `${name}.jws`);
    expect(verifyDetached(read('rules', name), DOCUMENT_TYPES.rulePack, signature, allowed)).toBe(developmentKey);
  });
});
