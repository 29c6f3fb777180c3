import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../shared/digest.ts';
import { openContract } from '../../../shared/signature/contract.ts';
import { DOCUMENT_TYPES, type DocumentType, signDetached } from '../../../shared/signature/detached.ts';
import { keyId, localSigner } from '../../../shared/signature/signer.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const text = JSON.stringify({
  dataset: 'grants',
  version: 3,
  title: 'Grants',
  description: '',
  fields: [
    { name: 'grantor', title: '', type: { kind: 'text', minLength: 1, maxLength: 9 }, class: 'public', required: true },
    { name: 'person', title: '', type: { kind: 'email' }, class: 'pii', required: true },
  ],
  subject: 'person',
  tenant: 'grantor',
  key: ['grantor'],
  submission: {
    mediaTypes: ['text/csv'],
    maxPayloadBytes: 1000,
    maxRecordBytes: 100,
    maxDepth: 2,
    xml: { root: 'grants', record: 'grant' },
    idempotencyWindowHours: 1,
    rulePack: { pack: 'p', version: 1, fallback: { pack: 'p', version: 1, sha256: 'a'.repeat(64) } },
    rules: {},
  },
});
const trust = { signers: [keyId(publicKey)], minimumVersion: 3 };
const signed = async (document = text, type: DocumentType = DOCUMENT_TYPES.contract) => ({
  text: document,
  signature: await signDetached(document, type, localSigner(privateKey)),
});
const untrusted = expect.objectContaining({ code: 'contract-untrusted' });

describe('signed contract', () => {
  it('[S09] opens when a pinned key signed these bytes, of this dataset, not older than pinned', async () => {
    const opened = openContract(await signed(), 'grants', trust);
    expect(opened).toMatchObject({ sha256: sha256Hex(text), signer: keyId(publicKey) });
    expect(opened.contract.version).toBe(3);
  });

  it('[S09] is refused when it is older than the pinned minimum', async () => {
    const contract = await signed();
    expect(() => openContract(contract, 'grants', { ...trust, minimumVersion: 4 })).toThrow(untrusted);
  });

  it('[S09] is refused for another dataset', async () => {
    const contract = await signed();
    expect(() => openContract(contract, 'donors', trust)).toThrow(untrusted);
  });

  it('[S09] is refused before it is parsed when it has been altered', async () => {
    const { signature } = await signed();
    expect(() => openContract({ text: 'not even JSON', signature }, 'grants', trust)).toThrow(untrusted);
  });

  it('is refused when its signature is of another kind of document', async () => {
    const contract = await signed(text, DOCUMENT_TYPES.rulePack);
    expect(() => openContract(contract, 'grants', trust)).toThrow(untrusted);
  });

  it('is refused when it is signed and makes no sense', async () => {
    const contract = await signed(text.replace('"subject":"person"', '"subject":"grantor"'));
    expect(() => openContract(contract, 'grants', trust)).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
  });
});
