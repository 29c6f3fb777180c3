import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkpointText } from '../../../shared/audit/checkpoint.ts';
import { formatNote, parseNote } from '../../../shared/audit/note.ts';
import { formatVerifierKey, noteKeyId, parseVerifierKey } from '../../../shared/audit/verifier-key.ts';
import { verifyCheckpoint } from '../../../shared/audit/verify-checkpoint.ts';
import { ROOTS } from '../merkle/vectors.ts';
import { KEY, SEAL_NAME, SIGNING, signed } from './fixtures.ts';

/** The example of C2SP signed-note, "Verifier keys". */
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
const invalid = expect.objectContaining({ code: 'seal-invalid' });
const [root = Buffer.alloc(0)] = ROOTS.slice(8);
const checkpoint = { origin: 'parapet.example/test/run', size: 8, root };
const note = await signed(checkpoint);
const stranger = generateKeyPairSync('ed25519');

describe('verifier key', () => {
  it('reads and writes the example of the specification', () => {
    const key = parseVerifierKey(`${EXAMPLE_KEY}\n`);
    expect(key.name).toBe('example.com/foo');
    expect(formatVerifierKey('example.com/foo', key.publicKey)).toBe(EXAMPLE_KEY);
  });

  it('reads PEM', () => {
    const pem = KEY.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(parseVerifierKey(pem).publicKey.equals(KEY.publicKey)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['another key id', EXAMPLE_KEY.replace('530d903a', '530d903b')],
    ['another name', EXAMPLE_KEY.replace('foo', 'fop')],
    ['another type', EXAMPLE_KEY.replace('+Aek', '+Bek')],
    ['a key cut short', EXAMPLE_KEY.slice(0, -4)],
    [
      'PEM of another kind',
      generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    ],
    ['PEM of nothing', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseVerifierKey(text)).toThrow(invalid);
  });
});

describe('signed note', () => {
  it('reads, writes and verifies the example of the specification', () => {
    const parsed = parseNote(EXAMPLE_NOTE);
    expect(parsed.text).toBe('This is an example message.\n');
    expect(parsed.signatures.map(({ name }) => name)).toEqual(['example.com/foo']);
    expect(formatNote(parsed)).toBe(EXAMPLE_NOTE);
    const { publicKey } = parseVerifierKey(EXAMPLE_KEY);
    const [signature] = parsed.signatures;
    expect(signature?.keyId).toEqual(noteKeyId('example.com/foo', publicKey));
    expect(verify(null, Buffer.from(parsed.text), publicKey, signature?.signature ?? Buffer.alloc(0))).toBe(true);
  });

  it('takes its text up to the last empty line', () => {
    expect(parseNote(EXAMPLE_NOTE.replace('This', '\nThis\n\nand')).text).toBe(
      '\nThis\n\nand is an example message.\n',
    );
  });

  it.each([
    ['no text', '\n\n— a AAAAAAAA\n'],
    ['no signature', 'text\n\n'],
    ['no empty line', 'text\n— a AAAAAAAA\n'],
    ['no line feed at the end', EXAMPLE_NOTE.slice(0, -1)],
    ['something after the signatures', `${EXAMPLE_NOTE}more\n`],
    ['a carriage return', EXAMPLE_NOTE.replace('message.', 'message.\r')],
    ['a tab', EXAMPLE_NOTE.replace('an example', 'an\texample')],
    ['a hyphen for the dash', EXAMPLE_NOTE.replace('—', '-')],
    ['two spaces', EXAMPLE_NOTE.replace('foo Uw', 'foo  Uw')],
    ['a plus in the name', EXAMPLE_NOTE.replace('/foo', '+foo')],
    ['a signature without a key id', 'text\n\n— a AAAAAA==\n'],
    ['padding left out', EXAMPLE_NOTE.replace('aQM=', 'aQM')],
    ['too many signatures', `text\n\n${'— a AAAAAAAA\n'.repeat(65)}`],
  ])('refuses %s', (_what, text) => {
    expect(() => parseNote(text)).toThrow(invalid);
  });
});

describe('checkpoint', () => {
  it('[B16] has the three lines of C2SP', () => {
    expect(checkpointText(checkpoint)).toBe(
      'parapet.example/test/run\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n',
    );
  });

  it('[B16] verifies by the public key alone, as PEM or as a verifier key', () => {
    const named = parseVerifierKey(formatVerifierKey(SEAL_NAME, KEY.publicKey));
    for (const key of [KEY, named]) {
      expect(verifyCheckpoint(note, key)).toEqual({ ...checkpoint, keyName: SEAL_NAME });
    }
  });

  it('ignores extension lines and signatures of others, as C2SP asks', () => {
    const text = `${checkpointText(checkpoint)}extension\n`;
    const mine = signatureOver(text);
    const other = { name: 'witness', keyId: Buffer.from('abcd'), signature: Buffer.alloc(64) };
    const sameName = { name: SEAL_NAME, keyId: Buffer.from('abcd'), signature: Buffer.alloc(64) };
    expect(verifyCheckpoint(formatNote({ text, signatures: [other, sameName, mine] }), KEY).size).toBe(8);
  });

  it('is refused when one of two signatures by the key is wrong', () => {
    const text = checkpointText(checkpoint);
    const mine = signatureOver(text);
    const wrong = { ...mine, signature: Buffer.alloc(64) };
    expect(() => verifyCheckpoint(formatNote({ text, signatures: [mine, wrong] }), KEY)).toThrow(invalid);
  });

  it.each([
    ['another size', (text: string) => text.replace('\n8\n', '\n9\n')],
    ['another root', (text: string) => text.replace('Xcna', 'Ycna')],
    ['another origin', (text: string) => text.replace('test/run', 'test/ruin')],
    ['another key name', (text: string) => text.replace(`— ${SEAL_NAME} `, '— other ')],
    ['another signature', (text: string) => text.replace(/.{8}=\n$/, 'AAAAAAA=\n')],
    ['one more line', (text: string) => text.replace('\n\n', '\nextension\n\n')],
  ])('[B16] is refused with %s', (_what, mutate) => {
    expect(mutate(note)).not.toBe(note);
    expect(() => verifyCheckpoint(mutate(note), KEY)).toThrow(invalid);
  });

  it('[B16] is refused under another key, or the same key under another name', () => {
    expect(() => verifyCheckpoint(note, { publicKey: stranger.publicKey })).toThrow(invalid);
    expect(() => verifyCheckpoint(note, { ...KEY, name: 'parapet.example/live' })).toThrow(invalid);
  });

  it.each([
    ['a size with a leading zero', 'origin\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'],
    ['a negative size', 'origin\n-8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'],
    ['a size past counting', 'origin\n9999999999999999\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'],
    ['a short root', 'origin\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQy\n'],
    ['a root that has another spelling', 'origin\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n'],
    ['no root', 'origin\n8\n'],
    ['an empty origin', '\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'],
    ['an empty extension line', 'origin\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\nmore\n'],
  ])('is refused with %s, however well it is signed', (_what, text) => {
    expect(() => verifyCheckpoint(formatNote({ text, signatures: [signatureOver(text)] }), KEY)).toThrow(invalid);
  });
});

function signatureOver(text: string) {
  const { publicKey, privateKey } = SIGNING;
  return {
    name: SEAL_NAME,
    keyId: noteKeyId(SEAL_NAME, publicKey),
    signature: sign(null, Buffer.from(text), privateKey),
  };
}
