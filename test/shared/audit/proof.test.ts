import { describe, expect, it } from 'vitest';
import { sealOrigin } from '../../../shared/audit/checkpoint.ts';
import { formatProof } from '../../../shared/audit/proof.ts';
import { leavesOf } from '../../../shared/audit/segment.ts';
import { parseProof, verifyProof } from '../../../shared/audit/verify-proof.ts';
import { leafHash } from '../../../shared/merkle/hash.ts';
import { inclusionProof } from '../../../shared/merkle/prove.ts';
import { goodRun, KEY, SEAL_NAME, SIGNING, sealed, signed } from './fixtures.ts';

const segments = goodRun();
const leaves = segments.flatMap(({ bytes }) => [...leavesOf(bytes)]);
const hashes = leaves.map(leafHash);
const { checkpoint } = await sealed(segments);
const at = (index: number): Uint8Array => leaves[index] ?? new Uint8Array();
const proofOf = (index: number): string =>
  formatProof({ leaf: at(index), index, path: inclusionProof(hashes, index), checkpoint });
const text = proofOf(3);
const codeOf = (proof: string): unknown => {
  try {
    return verifyProof(proof, KEY).index;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('proof of one entry', () => {
  it('[B16] verifies every entry of a log with the public key alone', () => {
    leaves.forEach((leaf, index) => {
      const proven = verifyProof(proofOf(index), KEY);
      expect(proven.entry).toEqual(JSON.parse(Buffer.from(leaf).toString()));
      expect(proven.index).toBe(index);
    });
  });

  it('is a C2SP tlog-proof', () => {
    const lines = text.split('\n');
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1');
    expect(lines[1]).toBe(`extra ${Buffer.from(at(3)).toString('base64')}`);
    expect(lines[2]).toBe('index 3');
    expect(text.endsWith(`\n\n${checkpoint}`)).toBe(true);
    expect(formatProof(parseProof(text))).toBe(text);
  });

  it('needs no path in a log of one entry', async () => {
    const [leaf = new Uint8Array()] = leaves;
    const alone = await signed({
      origin: sealOrigin(SEAL_NAME, '00112233445566778899aabbccddeeff'),
      size: 1,
      root: leafHash(leaf),
    });
    expect(codeOf(formatProof({ leaf, index: 0, path: [], checkpoint: alone }))).toBe(0);
  });

  it.each([
    ['evidence-invalid', 'another entry', text.replace(/extra .*/, `extra ${Buffer.from(at(4)).toString('base64')}`)],
    ['evidence-invalid', 'another index', text.replace('index 3', 'index 2')],
    ['evidence-invalid', 'an index past the end', text.replace('index 3', 'index 99')],
    ['evidence-invalid', 'a hash less', text.replace(/(index 3\n).{44}\n/, '$1')],
    ['evidence-invalid', 'a hash more', text.replace(/(index 3\n.{44}\n)/, `$1${'A'.repeat(43)}=\n`)],
    ['evidence-invalid', 'another hash', text.replace(/(index 3\n).{4}/, '$1AAAA')],
    ['seal-invalid', 'another root', text.replace(/(\n15\n).{4}/, '$1AAAA')],
    ['seal-invalid', 'another header', text.replace('@v1', '@v2')],
    ['seal-invalid', 'no entry', text.replace(/extra .*\n/, '')],
    ['seal-invalid', 'an index with a leading zero', text.replace('index 3', 'index 03')],
    ['seal-invalid', 'no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['seal-invalid', 'something before it', ` ${text}`],
    ['seal-invalid', 'something after it', `${text}\n`],
    ['seal-invalid', 'another spelling of the entry', text.replace(/(extra .*)/, '$1=')],
    ['seal-invalid', 'nothing', ''],
  ])('[B16] is refused as %s with %s', (code, _what, changed) => {
    expect(changed).not.toBe(text);
    expect(codeOf(changed)).toBe(code);
  });

  it('is refused under another name of the key', () => {
    expect(() => verifyProof(text, { publicKey: SIGNING.publicKey, name: 'other' })).toThrow(
      expect.objectContaining({ code: 'seal-invalid' }),
    );
  });

  it('is refused when the log is of another run than the entry', async () => {
    const root = leafHash(at(0));
    const other = await signed({ origin: sealOrigin(SEAL_NAME, 'f'.repeat(32)), size: 1, root });
    expect(codeOf(formatProof({ leaf: at(0), index: 0, path: [], checkpoint: other }))).toBe('evidence-invalid');
  });

  it('is refused when what is proven is no entry', async () => {
    const leaf = Buffer.from('{"hello":"world"}');
    const made = await signed({ origin: sealOrigin(SEAL_NAME, 'f'.repeat(32)), size: 1, root: leafHash(leaf) });
    expect(codeOf(formatProof({ leaf, index: 0, path: [], checkpoint: made }))).toBe('evidence-invalid');
  });
});
