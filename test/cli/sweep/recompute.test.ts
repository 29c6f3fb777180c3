import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localSigner } from '../../../cli/sweep/local-keys.ts';
import { openRetained, readKeys, retainedFolder } from '../../../cli/sweep/retained.ts';
import { parseEntries } from '../../../shared/verdict/entries.ts';
import { Verdict } from '../../../shared/verdict/schema.ts';
import { sealVerdict } from '../../../shared/verdict/seal.ts';
import { FILES_CONTRACT, manyThings, ThingFiles } from '../../support/sweep/files.ts';
import { type Ended, jsonOf, parapet } from '../run.ts';

let files: ThingFiles;
let publicKey: string;
beforeEach(() => {
  files = new ThingFiles();
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(files.at('key.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(files.at('key.pub.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
  publicKey = files.at('key.pub.pem');
});
afterEach(() => files.remove());

const sweep = (...more: readonly string[]): Promise<Ended> =>
  parapet(...files.arguments, '--workers', '1', '--json', '--report', files.at('report.html'), ...more);
const again = (...more: readonly string[]): Promise<Ended> =>
  parapet('verify', files.at('report.verdict.json'), '--recompute', '--state', files.state, ...more);
const withKey = (): Promise<Ended> => again('--key', files.at('key.pem'), '--json');
const idOf = (ended: Ended): string => (jsonOf(ended) as { sweep: string }).sweep;

/** Every file below a folder. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('parapet verify --recompute', () => {
  it('gives the same verdict from the retained results alone, after the data is gone', async () => {
    await files.write(
      manyThings(300),
      manyThings(300, (row) => (row.id === 4 ? undefined : row.id === 5 ? { ...row, amount: '0' } : row)),
    );
    const swept = await sweep('--retain', publicKey);
    expect(swept.code).toBe(1);
    rmSync(files.at('source.csv'));
    rmSync(files.at('target.ndjson'));
    const ended = await withKey();
    expect(ended.code, ended.out).toBe(0);
    expect(jsonOf(ended)).toMatchObject({ verified: true, verdict: 'DIVERGED', recomputed: { located: true } });
    expect((await again('--key', files.at('key.pem'))).out).toContain('give the same verdict, byte by byte');
  });

  it.each([
    ['EQUAL', 0, manyThings(50), FILES_CONTRACT],
    ['INCONCLUSIVE', 2, [], FILES_CONTRACT],
    [
      'DIVERGED',
      1,
      manyThings(50, (row) => ({ ...row, amount: '0' })),
      { ...FILES_CONTRACT, breaker: { drift: { rows: 3 } } },
    ],
  ] as const)('recomputes %s as well', async (verdict, code, target, contract) => {
    await files.write(manyThings(50), target, contract);
    expect((await sweep('--retain', publicKey)).code).toBe(code);
    const ended = await withKey();
    expect(ended.code, ended.out).toBe(0);
    expect(jsonOf(ended)).toMatchObject({ verdict });
  });

  it('[S08] keeps nothing that opens without the key, readable by its owner alone', async () => {
    await files.write(manyThings(300), manyThings(299));
    const id = idOf(await sweep('--retain', publicKey));
    const folder = retainedFolder(files.state, id);
    expect(filesIn(folder).length).toBeGreaterThan(4);
    for (const file of filesIn(folder)) {
      expect(readFileSync(file, 'latin1')).not.toMatch(/canary|thing|file-things/);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    expect(() => readKeys(folder, id, other)).toThrow(expect.objectContaining({ code: 'ciphertext-invalid' }));
    writeFileSync(files.at('other.pem'), other.export({ type: 'pkcs8', format: 'pem' }));
    expect((await again('--key', files.at('other.pem'))).code).toBe(2);
  });

  it('notices a result that was altered, exchanged or taken away, and keys of another sweep', async () => {
    await files.write(manyThings(300), manyThings(299));
    const first = retainedFolder(files.state, idOf(await sweep('--retain', publicKey)));
    const second = retainedFolder(files.state, idOf(await sweep('--retain', publicKey, '--force')));
    const [result] = filesIn(join(second, 'results'));
    if (result === undefined) throw new Error('nothing was retained');
    const bytes = readFileSync(result);
    const damaged = async (change: () => void): Promise<number> => {
      change();
      const { code } = await withKey();
      writeFileSync(result, bytes);
      return code;
    };
    expect(await damaged(() => {})).toBe(0);
    expect(await damaged(() => writeFileSync(result, bytes.with(40, (bytes[40] ?? 0) ^ 1)))).toBe(2);
    expect(await damaged(() => rmSync(result))).toBe(2);
    renameSync(second, `${second}-kept`);
    expect((await withKey()).code).toBe(4);
    renameSync(first, second);
    expect((await withKey()).code).toBe(2);
  });

  it('notices a verdict that says otherwise, also when it was sealed again', async () => {
    await files.write(manyThings(300), manyThings(299));
    await sweep('--retain', publicKey);
    const at = (end: string): string => files.at(`report.${end}`);
    const verdict = Verdict.parse(JSON.parse(readFileSync(at('verdict.json'), 'utf8')));
    const events = parseEntries(readFileSync(at('entries.ndjson'), 'utf8'))
      .slice(0, -1)
      .map(({ schema: _, sweep: __, sequence: ___, time: ____, ...event }) => event);
    const seal = generateKeyPairSync('ed25519');
    const forged = { ...verdict, listing: 'partial' as const, scans: { source: 3, target: 1 } };
    const ports = { signer: localSigner(seal.privateKey), sealName: 'parapet.local', clock: { now: () => Date.now() } };
    const sealed = await sealVerdict(forged, events, ports);
    writeFileSync(at('verdict.json'), sealed.document);
    writeFileSync(at('entries.ndjson'), sealed.entries);
    writeFileSync(at('checkpoint'), sealed.checkpoint);
    writeFileSync(at('public-key.pem'), seal.publicKey.export({ type: 'spki', format: 'pem' }));
    expect((await parapet('verify', at('verdict.json'))).code).toBe(0);
    const ended = await withKey();
    expect(ended.code).toBe(2);
    expect(jsonOf(ended)).toMatchObject({ errors: [{ pointer: '/listing' }, { pointer: '/scans' }] });
  });

  it('says what it needs, and keeps nothing unless it was asked to', async () => {
    await files.write(manyThings(3), manyThings(3));
    expect((await sweep()).code).toBe(0);
    expect(readdirSync(files.state)).not.toContain('results');
    expect((await again()).code).toBe(3);
    expect((await withKey()).code).toBe(4);
    expect((await parapet(...files.arguments, '--retain', publicKey)).code).toBe(3);
    expect((await sweep('--force', '--retain', files.contract)).code).toBe(3);
    expect((await parapet('verify', files.contract, '--recompute')).code).toBe(3);
  });

  it('leaves nothing of a sweep that could not run', async () => {
    await files.write(manyThings(3), manyThings(3));
    expect(statSync(await openRetained(files.state)).mode & 0o777).toBe(0o700);
    rmSync(files.state, { recursive: true });
    const [command = '', ...options] = files.arguments;
    const same = options.with(options.indexOf(files.urls.target), files.urls.source);
    expect((await parapet(command, ...same, '--report', files.at('r.html'), '--retain', publicKey)).code).toBe(3);
    expect(filesIn(join(files.state, 'results'))).toEqual([]);
  });
});
