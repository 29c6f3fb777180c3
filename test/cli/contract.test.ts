import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DEVELOPMENT_SIGNING_KEY } from '../../cli/development.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { kmsSigner } from '../../cli/kms-signer.ts';
import { DOCUMENT_TYPES, signDetached } from '../../shared/signature/detached.ts';
import { keyId } from '../../shared/signature/signer.ts';
import { verifyDetached } from '../../shared/signature/verify.ts';
import { jsonOf, parapet } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'parapet-contract-'));
const at = (name: string): string => join(folder, name);
const reference = join(import.meta.dirname, '..', '..', 'contracts', 'grant-submission.v1.json');
const contract = at('contract.json');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('parapet contract check', () => {
  it('accepts the reference contract', async () => {
    const ended = await parapet('contract', 'check', reference, '--json');
    expect(ended.code).toBe(EXIT.ok);
    expect(jsonOf(ended)).toMatchObject({ contracts: [{ valid: true, dataset: 'grant-submission' }] });
  });

  it('[S18] names every mistake by a pointer, and goes on to the next file', async () => {
    const document = JSON.parse(readFileSync(reference, 'utf8'));
    writeFileSync(contract, JSON.stringify({ ...document, subject: 'grant_id', tenant: 'nobody' }));
    const ended = await parapet('contract', 'check', contract, reference);
    expect(ended.code).toBe(EXIT.refused);
    expect(ended.out).toContain('/subject: ');
    expect(ended.out).toContain('/tenant: ');
    expect(ended.out).toContain(`${reference}: valid`);
  });

  it('ends with 4 when there is no such file', async () => {
    expect((await parapet('contract', 'check', at('missing.json'))).code).toBe(EXIT.missing);
  });
});

describe('parapet contract sign and verify', () => {
  const key = at('key.pem');
  const prepare = async (): Promise<string> => {
    copyFileSync(reference, contract);
    return (jsonOf(await parapet('keys', 'new', key, '--json')) as { id: string }).id;
  };

  it('[S09] verifies what was signed by a key that is named', async () => {
    const id = await prepare();
    const signed = await parapet('contract', 'sign', contract, '--key', key, '--json');
    expect(jsonOf(signed)).toMatchObject({ signature: `${contract}.jws`, signer: id });
    for (const signer of [id, key]) {
      const verified = await parapet('contract', 'verify', contract, '--signer', signer, '--json');
      expect(verified.code).toBe(EXIT.ok);
      expect(jsonOf(verified)).toMatchObject({ signer: id, dataset: 'grant-submission', version: 1 });
    }
  });

  it('[S09] refuses another signer, another text, and an older version', async () => {
    const id = await prepare();
    await parapet('contract', 'sign', contract, '--key', key);
    expect((await parapet('contract', 'verify', contract, '--signer', 'a'.repeat(64))).code).toBe(EXIT.refused);
    expect((await parapet('contract', 'verify', contract, '--signer', id, '--minimum-version', '2')).code).toBe(
      EXIT.refused,
    );
    expect((await parapet('contract', 'verify', contract, '--signer', id, '--minimum-version', 'x')).code).toBe(
      EXIT.usage,
    );
    writeFileSync(contract, `${readFileSync(contract, 'utf8')} `);
    const altered = await parapet('contract', 'verify', contract, '--signer', id, '--json');
    expect(altered.code).toBe(EXIT.refused);
    expect(jsonOf(altered)).toMatchObject({ type: 'urn:parapet:problem:contract-untrusted' });
  });

  it('needs to know who may sign', async () => {
    await prepare();
    await parapet('contract', 'sign', contract, '--key', key);
    expect((await parapet('contract', 'verify', contract)).code).toBe(EXIT.usage);
    expect((await parapet('contract', 'sign', contract)).code).toBe(EXIT.usage);
  });

  it('does not replace a signature, or sign what no stage would accept', async () => {
    await prepare();
    await parapet('contract', 'sign', contract, '--key', key);
    const before = readFileSync(`${contract}.jws`, 'utf8');
    expect((await parapet('contract', 'sign', contract, '--key', key)).code).toBe(EXIT.usage);
    expect(readFileSync(`${contract}.jws`, 'utf8')).toBe(before);
    expect((await parapet('contract', 'sign', contract, '--key', key, '--force')).code).toBe(EXIT.ok);
    writeFileSync(contract, '{}');
    expect((await parapet('contract', 'sign', contract, '--key', key, '--force')).code).toBe(EXIT.refused);
  });

  it('[S09] trusts the development key only where it is told to', async () => {
    copyFileSync(reference, contract);
    await parapet('contract', 'sign', contract, '--development');
    const id = (jsonOf(await parapet('keys', 'id', DEVELOPMENT_SIGNING_KEY, '--json')) as { id: string }).id;
    expect((await parapet('contract', 'verify', contract, '--signer', id)).code).toBe(EXIT.refused);
    const allowed = await parapet('contract', 'verify', contract, '--allow-development');
    expect(allowed.code).toBe(EXIT.ok);
    expect(allowed.err).toContain('development key');
  });

  it('signs a rule pack as a rule pack', async () => {
    const id = await prepare();
    writeFileSync(at('pack.js'), 'export const judge = () => [];\n');
    await parapet('contract', 'sign', at('pack.js'), '--key', key);
    expect((await parapet('contract', 'verify', at('pack.js'), '--signer', id)).code).toBe(EXIT.ok);
    copyFileSync(`${at('pack.js')}.jws`, at('other.jws'));
    const confused = await parapet('contract', 'verify', contract, '--signature', at('other.jws'), '--signer', id);
    expect(confused.code).toBe(EXIT.refused);
  });
});

describe('parapet keys', () => {
  it('makes a key that only its owner can read, and does not quote what is none', async () => {
    await parapet('keys', 'new', at('mine.pem'));
    expect(statSync(at('mine.pem')).mode & 0o077).toBe(0);
    writeFileSync(at('none.pem'), 'something private');
    const ended = await parapet('keys', 'id', at('none.pem'));
    expect(ended.code).toBe(EXIT.usage);
    expect(ended.err).not.toContain('private key');
    expect(ended.err).not.toContain('something');
  });
});

describe('signing by KMS', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const text = 'a document';
  const client = {
    send: async (command: unknown) => {
      if (command instanceof GetPublicKeyCommand) {
        return { PublicKey: publicKey.export({ type: 'spki', format: 'der' }) };
      }
      if (command instanceof SignCommand) {
        const { MessageType, SigningAlgorithm, Message } = command.input;
        expect([MessageType, SigningAlgorithm]).toEqual(['DIGEST', 'ECDSA_SHA_256']);
        const [header] = (await expected).split('.');
        const input = `${header}.${Buffer.from(text).toString('base64url')}`;
        expect(Message).toEqual(createHash('sha256').update(input).digest());
        return { Signature: sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'der' }) };
      }
      throw new Error('another operation');
    },
  };
  // The header depends on the key alone; the fake needs it to sign, as it is given a digest.
  const expected = signDetached(text, DOCUMENT_TYPES.rulePack, {
    publicKey,
    sign: async (message) => sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  });

  it('[T14] gives a digest, takes DER, and makes a signature that verifies', async () => {
    const signer = await kmsSigner('alias/contracts', client as Pick<KMSClient, 'send'>);
    const signature = await signDetached(text, DOCUMENT_TYPES.rulePack, signer);
    expect(verifyDetached(text, DOCUMENT_TYPES.rulePack, signature, { signers: [keyId(publicKey)] })).toBe(
      keyId(publicKey),
    );
  });
});
