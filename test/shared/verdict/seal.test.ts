import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localSigner } from '../../../cli/sweep/local-keys.ts';
import { importPublicKey, type VerifierKey } from '../../../shared/audit/verifier-key.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { parseEntries } from '../../../shared/verdict/entries.ts';
import { Verdict } from '../../../shared/verdict/schema.ts';
import type { SealedVerdict } from '../../../shared/verdict/seal.ts';
import { verifyVerdict } from '../../../shared/verdict/verify.ts';
import { sweepTables } from '../../support/sweep/run.ts';
import { frozenThings, tables, things } from '../../support/sweep/things.ts';

const signer = localSigner();
const key: VerifierKey = { publicKey: importPublicKey(await signer.publicKey()) };
const report = await sweepTables(frozenThings(), tables(things(200), things(199)), { signer });
const sealed: SealedVerdict = { document: report.document, entries: report.entries, checkpoint: report.checkpoint };

const codeOf = (evidence: SealedVerdict, by = key): string => {
  try {
    verifyVerdict(evidence, by);
    return 'verified';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'other';
  }
};

describe('[B16] a sealed verdict', () => {
  it('verifies with the public key alone', () => {
    const { verdict, checkpoint } = verifyVerdict(sealed, key);
    expect(verdict).toEqual(report.verdict);
    expect(checkpoint).toMatchObject({ keyName: 'parapet.test', origin: `parapet.test/${verdict.sweep}` });
  });

  it('has one entry for every partition, and ends with the verdict', () => {
    const entries = parseEntries(sealed.entries);
    expect(entries.map(({ action }) => action)).toEqual([
      'sweep.planned',
      ...Array.from({ length: 8 }, () => 'partition.hashed'),
      'sweep.compared',
      'sweep.located',
      'sweep.ended',
    ]);
    expect(entries.at(-1)).toMatchObject({ outcome: 'DIVERGED', verdict: sha256Hex(sealed.document) });
  });

  it('is of the declared form', () => {
    expect(Verdict.parse(JSON.parse(sealed.document))).toEqual(report.verdict);
  });

  const lines = sealed.entries.trimEnd().split('\n');
  it.each<[string, Partial<SealedVerdict>, string]>([
    [
      'another answer',
      { document: sealed.document.replace('"verdict":"DIVERGED"', '"verdict":"EQUAL"') },
      'evidence-invalid',
    ],
    ['another count', { document: sealed.document.replace('"missing":1', '"missing":2') }, 'evidence-invalid'],
    ['a space', { document: sealed.document.replace(':', ': ') }, 'seal-invalid'],
    ['another member', { document: sealed.document.replace('{', '{"a":1,') }, 'seal-invalid'],
    ['no last entry', { entries: `${lines.slice(0, -1).join('\n')}\n` }, 'evidence-invalid'],
    ['a missing entry', { entries: `${lines.toSpliced(2, 1).join('\n')}\n` }, 'evidence-invalid'],
    ['swapped entries', { entries: `${[lines[1], lines[0], ...lines.slice(2)].join('\n')}\n` }, 'evidence-invalid'],
    ['another size', { checkpoint: sealed.checkpoint.replace('\n12\n', '\n13\n') }, 'seal-invalid'],
    ['no checkpoint', { checkpoint: '' }, 'seal-invalid'],
  ])('does not verify with %s', (_name, change, code) => {
    expect(codeOf({ ...sealed, ...change })).toBe(code);
  });

  it('does not verify under another key, nor with the evidence of another sweep', async () => {
    expect(codeOf(sealed, { publicKey: generateKeyPairSync('ed25519').publicKey })).toBe('seal-invalid');
    const other = await sweepTables(frozenThings(), tables(things(200), things(199)), { signer });
    expect(codeOf({ ...sealed, checkpoint: other.checkpoint, entries: other.entries })).toBe('seal-invalid');
    expect(codeOf({ ...sealed, document: other.document })).toBe('seal-invalid');
  });
});
