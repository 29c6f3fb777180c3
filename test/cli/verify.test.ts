import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { fileOf } from '../../cli/seal-folder.ts';
import { formatVerifierKey } from '../../shared/audit/verifier-key.ts';
import { goodRun, KEY, RUN, SEAL_NAME, sealed } from '../shared/audit/fixtures.ts';
import { jsonOf, parapet } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'parapet-verify-'));
const at = (...path: readonly string[]): string => join(folder, ...path);
const segments = goodRun();
const seal = await sealed(segments);
const pem = KEY.publicKey.export({ type: 'spki', format: 'pem' }).toString();

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(at('seal'), { recursive: true });
  writeFileSync(at('seal', 'seal.json'), seal.document);
  writeFileSync(at('seal', 'checkpoint'), seal.checkpoint);
  for (const [key, bytes] of seal.segments) {
    mkdirSync(dirname(at('seal', key)), { recursive: true });
    writeFileSync(at('seal', key), bytes);
  }
  writeFileSync(at('key.pem'), pem);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const verify = (...options: readonly string[]) => parapet('verify', at('seal'), ...options);
const withKey = ['--public-key', at('key.pem')];

describe('parapet verify', () => {
  it('[B16] verifies a seal offline with the public key alone', async () => {
    const ended = await verify(...withKey, '--json');
    expect(ended.code).toBe(EXIT.ok);
    expect(jsonOf(ended)).toMatchObject({
      verified: true,
      key: 'given',
      run: RUN,
      outcome: 'partly-exported',
      counts: { received: 5, exported: 3, quarantined: 2 },
      problems: { 'field-missing': 2 },
      treeSize: 15,
      keyName: SEAL_NAME,
    });
    const plain = await verify(...withKey);
    expect(plain.out).toContain(`seal of run ${RUN}, generation 1: verified`);
    expect(plain.out).toContain('5 received, 3 exported, 2 quarantined');
  });

  it('takes a verifier key, or the key beside the seal, and says so', async () => {
    writeFileSync(at('key.vkey'), `${formatVerifierKey(SEAL_NAME, KEY.publicKey)}\n`);
    expect((await verify('--public-key', at('key.vkey'))).code).toBe(EXIT.ok);
    expect((await verify()).code).toBe(EXIT.usage);
    writeFileSync(at('seal', 'public-key.pem'), pem);
    const beside = await verify();
    expect(beside.code).toBe(EXIT.ok);
    expect(beside.out).toContain('found beside the seal');
    expect(jsonOf(await verify('--json'))).toMatchObject({ key: 'beside' });
  });

  it('takes the entries from another folder, or from one file', async () => {
    mkdirSync(at('empty'));
    expect((await verify(...withKey, '--entries', at('empty'))).code).toBe(EXIT.refused);
    expect((await verify(...withKey, '--entries', at('seal'))).code).toBe(EXIT.ok);
    const all = Buffer.concat(segments.map(({ bytes }) => bytes));
    writeFileSync(at('all.ndjson'), all);
    expect((await verify(...withKey, '--entries', at('all.ndjson'))).code).toBe(EXIT.ok);
    writeFileSync(at('all.ndjson'), all.subarray(0, -1));
    expect((await verify(...withKey, '--entries', at('all.ndjson'))).code).toBe(EXIT.refused);
  });

  it('[B16] ends with 2 when one byte of the evidence is another', async () => {
    for (const [file, where] of [
      ['seal.json', '"root":"'],
      ['checkpoint', `${SEAL_NAME} `],
      [segments[0]?.key ?? '', '"payload":"'],
    ] as const) {
      const before = readFileSync(at('seal', file));
      const position = before.lastIndexOf(where) + where.length;
      writeFileSync(at('seal', file), before.with(position, (before[position] ?? 0) ^ 1));
      const ended = await verify(...withKey, '--json');
      expect(ended.code).toBe(EXIT.refused);
      expect(jsonOf(ended)).toMatchObject({ type: expect.stringMatching(/(seal|evidence)-invalid$/) });
      writeFileSync(at('seal', file), before);
    }
  });

  it('ends with 4 when there is no seal', async () => {
    expect((await parapet('verify', at('nothing'), ...withKey)).code).toBe(EXIT.missing);
  });

  it('does not follow a key out of the folder', async () => {
    const document = JSON.parse(seal.document);
    document.segments[0].key = `entries/${RUN}/../../../outside`;
    writeFileSync(at('seal', 'seal.json'), JSON.stringify(document));
    writeFileSync(at('outside'), segments[0]?.bytes ?? '');
    const ended = await verify(...withKey);
    expect(ended.code).toBe(EXIT.refused);
    expect(ended.err).toContain('is missing');
  });
});

describe('parapet verify --entry', () => {
  it('[B16] proves one entry, and writes a proof that verifies by itself', async () => {
    const ended = await verify(...withKey, '--entry', '3', '--proof-out', at('entry.tlog-proof'), '--json');
    expect(jsonOf(ended)).toMatchObject({ verified: true, index: 3, entry: { stage: 'ingestion' } });
    const alone = await parapet('verify', at('entry.tlog-proof'), ...withKey, '--json');
    expect(alone.code).toBe(EXIT.ok);
    expect(jsonOf(alone)).toMatchObject({ verified: true, index: 3, entry: { stage: 'ingestion' }, treeSize: 15 });
  });

  it('finds where a record ended', async () => {
    expect(jsonOf(await verify(...withKey, '--record', '4', '--json'))).toMatchObject({
      entry: { action: 'record.exported', resource: 'record/4' },
    });
    expect((await verify(...withKey, '--record', '2')).out).toContain('"record.quarantined"');
    expect((await verify(...withKey, '--record', '6')).code).toBe(EXIT.missing);
  });

  it('refuses a proof with another entry in it', async () => {
    await verify(...withKey, '--entry', '3', '--proof-out', at('proof'));
    const text = readFileSync(at('proof'), 'utf8');
    writeFileSync(at('proof'), text.replace('index 3', 'index 2'));
    expect((await parapet('verify', at('proof'), ...withKey)).code).toBe(EXIT.refused);
  });

  it.each([
    ['no entry for a proof', ['--proof-out', at('proof')], EXIT.usage],
    ['an entry past the end', ['--entry', '15'], EXIT.missing],
    ['a negative entry', ['--entry', '-1'], EXIT.usage],
    ['half an entry', ['--entry', '1.5'], EXIT.usage],
    ['an entry and a record', ['--entry', '1', '--record', '1'], EXIT.usage],
  ])('refuses %s', async (_what, options, code) => {
    expect((await verify(...withKey, ...options)).code).toBe(code);
  });

  it('says what a file is not, and what may have been meant, before it asks for a key', async () => {
    writeFileSync(at('dv.html'), '<!doctype html>');
    writeFileSync(at('dv.verdict.json'), '{}');
    const page = await parapet('verify', at('dv.html'));
    expect(page.code).toBe(EXIT.refused);
    expect(page.err).toContain(`dv.html is no seal, proof or verdict (did you mean ${at('dv.verdict.json')}?).`);
    expect((await parapet('verify', at('seal', 'seal.json'))).err).toContain(`did you mean ${at('seal')}?`);
    expect((await parapet('verify', at('key.pem'))).err).toContain('key.pem is no seal, proof or verdict.');
    expect((await parapet('verify', folder)).code).toBe(EXIT.missing);
  });

  it('is called wrongly where --public-key names no key', async () => {
    const ended = await verify('--public-key', at('seal', 'seal.json'));
    expect(ended.code).toBe(EXIT.usage);
    expect(ended.err).toContain('seal.json is no public key');
  });

  it('does not replace a proof unless it is told to', async () => {
    writeFileSync(at('proof'), 'mine');
    const options = [...withKey, '--entry', '1', '--proof-out', at('proof')];
    expect((await verify(...options)).code).toBe(EXIT.usage);
    expect(readFileSync(at('proof'), 'utf8')).toBe('mine');
    expect((await verify(...options, '--force')).code).toBe(EXIT.ok);
  });
});

// `seal fetch` writes by the keys of a document that nobody has verified yet.
describe('the file of an object', () => {
  it('lies in the folder', () => {
    expect(fileOf('evidence', `entries/${RUN}/10-ingestion/000000.ndjson`)).toBe(
      join('evidence', 'entries', RUN, '10-ingestion', '000000.ndjson'),
    );
  });

  it.each(['../x', 'entries/../../x', 'entries/./x', '/etc/passwd', 'entries//x', 'entries\\..\\x', ''])(
    'is none for the key %j',
    (key) => {
      expect(fileOf('evidence', key)).toBeUndefined();
    },
  );
});
