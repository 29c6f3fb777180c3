import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../shared/digest.ts';
import { DOCUMENT_TYPES, type DocumentType, signDetached } from '../../../shared/signature/detached.ts';
import { openEquivalence } from '../../../shared/signature/equivalence.ts';
import { keyId, localSigner } from '../../../shared/signature/signer.ts';
import { example } from '../equivalence/example.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const text = JSON.stringify({ ...example(), version: 3 });
const trust = { signers: [keyId(publicKey)], minimumVersion: 3 };
const signed = async (type: DocumentType = DOCUMENT_TYPES.equivalence, document = text) => ({
  text: document,
  signature: await signDetached(document, type, localSigner(privateKey)),
});
const untrusted = expect.objectContaining({ code: 'contract-untrusted' });

describe('the signed contract of a sweep', () => {
  it('[S09] opens when a pinned key signed these bytes, of this dataset, not older than pinned', async () => {
    const opened = openEquivalence(await signed(), 'grants', trust);
    expect(opened).toMatchObject({ sha256: sha256Hex(text), signer: keyId(publicKey), contract: { version: 3 } });
  });

  it('[S09] is refused, before a word of it is read, when one byte of it is another', async () => {
    const { signature } = await signed();
    for (let at = 0; at < text.length; at += 101) {
      const bytes = Buffer.from(text);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(() => openEquivalence({ text: bytes.toString('latin1'), signature }, 'grants', trust)).toThrow(untrusted);
    }
  });

  it.each<[string, DocumentType, string, object]>([
    ['signed as a contract of submissions', DOCUMENT_TYPES.contract, 'grants', {}],
    ['of another dataset', DOCUMENT_TYPES.equivalence, 'donors', {}],
    ['older than the pinned minimum', DOCUMENT_TYPES.equivalence, 'grants', { minimumVersion: 4 }],
    ['signed by a key that is not pinned', DOCUMENT_TYPES.equivalence, 'grants', { signers: ['a'.repeat(64)] }],
  ])('[S09] is refused when it is %s', async (_name, type, dataset, pins) => {
    const contract = await signed(type);
    expect(() => openEquivalence(contract, dataset, { ...trust, ...pins })).toThrow(untrusted);
  });
});
