import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SWEEP_EXIT } from '../../../cli/commands/sweep.ts';
import { Verdict } from '../../../shared/verdict/schema.ts';
import { FILES_CONTRACT, manyThings, ThingFiles } from '../../support/sweep/files.ts';
import { type Ended, jsonOf, parapet } from '../run.ts';

let files: ThingFiles;
beforeEach(() => {
  files = new ThingFiles();
});
afterEach(() => {
  vi.unstubAllEnvs();
  files.remove();
});

const sweep = (...more: readonly string[]): Promise<Ended> => parapet(...files.arguments, '--workers', '2', ...more);

describe('parapet sweep', () => {
  it('[S05] [S20] ends with 0 and says EQUAL of two files that hold the same', async () => {
    await files.write(manyThings(3000), manyThings(3000).toReversed());
    const ended = await sweep('--json');
    expect(ended.code).toBe(SWEEP_EXIT.EQUAL);
    expect(Verdict.parse(jsonOf(ended))).toMatchObject({
      verdict: 'EQUAL',
      counts: { source: 3000, target: 3000 },
      contract: { dataset: 'file-things', signer: files.signer, development: false },
    });
  });

  it('[S05] ends with 1 and lists the keys that differ, with the columns', async () => {
    await files.write(
      manyThings(300, (row) => (row.id === 4 ? undefined : row)),
      manyThings(300, (row) => (row.id === 5 ? undefined : row.id === 6 ? { ...row, amount: '0' } : row)),
    );
    const ended = await sweep();
    expect(ended.code).toBe(SWEEP_EXIT.DIVERGED);
    expect(ended.out).toContain('extra   id=4');
    expect(ended.out).toContain('missing id=5');
    expect(ended.out).toContain('changed id=6: amount');
    expect(ended.out).toContain('4 rows had no equal on the other side');
    expect(ended.out).not.toMatch(/at least|not read again/);
  });

  it('shows nothing as 0 that is not known, and of equal sides that nothing differs', async () => {
    await files.write(manyThings(30), []);
    const unknown = await sweep();
    expect(unknown.out).toContain('not read at the source, not read at the target');
    expect(unknown.out).toContain('columns to be compared');
    expect(unknown.out).toContain('divergences unknown');
    await files.write(manyThings(30), manyThings(30));
    expect((await sweep()).out).toContain('drift       none');
  });

  it('ends with 2 and the reason when nothing can be said', async () => {
    await files.write(manyThings(30), []);
    const ended = await sweep('--json');
    expect(ended.code).toBe(SWEEP_EXIT.INCONCLUSIVE);
    expect(jsonOf(ended)).toMatchObject({ reasons: [{ code: 'side-missing', side: 'target', problem: 'not-found' }] });
  });

  it('never ends with 2 when frozen sides differ beyond the capacity', async () => {
    await files.write(
      manyThings(3000),
      manyThings(3000, (row) => ({ ...row, amount: '0' })),
    );
    const ended = await sweep('--json', '--capacity', '10');
    expect(ended.code).toBe(SWEEP_EXIT.DIVERGED);
    expect(jsonOf(ended)).toMatchObject({ listing: 'partial', drift: { standardError: expect.any(Number) } });
  });

  it('[S09] ends with 3 and runs nothing under a contract that was altered, or that another key signed', async () => {
    await files.write(manyThings(3), manyThings(3));
    const text = readFileSync(files.contract, 'utf8');
    writeFileSync(files.contract, text.replace('Things', 'things'));
    expect(await sweep('--json')).toMatchObject({ code: 3, out: expect.stringContaining('contract-untrusted') });
    writeFileSync(files.contract, text);
    const [command, ...options] = files.arguments;
    const other = options.with(options.indexOf(files.signer), '0'.repeat(64));
    expect(await parapet(command ?? '', ...other)).toMatchObject({ code: 3 });
    expect((await sweep('--minimum-version', '2')).code).toBe(3);
    expect((await sweep()).code).toBe(0);
  });

  it('ends with 3 where --state is a file, or lies below one: that is no answer about the data', async () => {
    await files.write(manyThings(3), manyThings(3));
    for (const state of [files.contract, `${files.contract}/below`]) {
      const ended = await sweep('--state', state);
      expect(ended.code).toBe(3);
      expect(ended.err).toContain(`--state: ${files.contract} is no folder.`);
    }
  });

  it('ends with 3 where nobody has signed the contract, or the page is given another ending', async () => {
    await files.write(manyThings(3), manyThings(3));
    const unsigned = await sweep('--signature', '/nowhere.jws');
    expect(unsigned).toMatchObject({ code: 3, err: expect.stringContaining('parapet contract sign') });
    expect(await sweep('--report', '/tmp/page.txt')).toMatchObject({ code: 3, err: expect.stringContaining('HTML') });
  });

  it('ends with 3 where one place is named twice, or another than the contract names', async () => {
    await files.write(manyThings(3), manyThings(3));
    const { urls } = files;
    const named = (target: string): readonly string[] =>
      files.arguments.with(files.arguments.indexOf(urls.target), target);
    expect((await parapet(...named(urls.source))).code).toBe(3);
    expect(await parapet(...named('file:///elsewhere/other.ndjson'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('--target: The path is not the one that the contract names'),
    });
    expect((await parapet(...named('postgres://someone:canary@127.0.0.1/db'))).code).toBe(3);
    expect(await parapet(...named('gopher://canary'))).toMatchObject({
      code: 3,
      err: expect.not.stringContaining('canary'),
    });
    expect((await parapet(...named('http://[canary'))).err).not.toContain('canary');
  });

  it('takes the addresses that a contract was drafted from, as long as they say what it says', async () => {
    await files.write(manyThings(3), manyThings(3));
    const named = (more: string): Promise<Ended> =>
      parapet(...files.arguments.with(files.arguments.indexOf(files.urls.target), `${files.urls.target}${more}`));
    expect((await named('?format=ndjson')).code).toBe(0);
    expect(await named('?format=csv')).toMatchObject({ code: 3, err: expect.stringContaining('another format') });
  });

  it('ends with 3 when it is called wrongly', async () => {
    await files.write(manyThings(3), manyThings(3));
    expect((await parapet('sweep')).code).toBe(3);
    expect((await sweep('--workers', '0')).code).toBe(3);
    expect((await sweep('--capacity', '1.5')).code).toBe(3);
    expect((await sweep('--report', files.at('no/such/folder/report.html'))).code).toBe(3);
  });

  it('says what each exit code means', async () => {
    const { out } = await parapet('sweep', '--help');
    expect(out).toMatch(/0 {2}EQUAL.*1 {2}DIVERGED.*2 {2}INCONCLUSIVE.*3 {2}nothing was run/s);
  });

  it('writes a page and a sealed verdict, which verifies, and no more when a byte of it changed', async () => {
    await files.write(manyThings(300), manyThings(299));
    const ended = await sweep('--json', '--report', files.at('report.html'));
    expect(ended.code).toBe(1);
    const verdict = files.at('report.verdict.json');
    expect(JSON.parse(readFileSync(verdict, 'utf8'))).toEqual(jsonOf(ended));
    expect(statSync(verdict).mode & 0o777).toBe(0o600);
    const verified = await parapet('verify', verdict);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('DIVERGED') });
    expect(verified.out).toContain(`signed by ${files.signer}\n`);
    expect(verified.out).toMatch(/ {2}read {6}from \d{4}-.*Z to \d{4}-.*Z\n/);
    expect(verified.out).toContain('1 missing, 0 extra, 0 changed');
    expect((await sweep('--report', files.at('report.html'))).code).toBe(3);
    writeFileSync(verdict, readFileSync(verdict, 'utf8').replace('"missing":1', '"missing":0'));
    expect((await parapet('verify', verdict)).code).toBe(2);
  });

  it('[S04] [S08] [S16] leaves no value of a masked column, and nothing at all in the temporary folder', async () => {
    // A temporary folder of its own: others are swept at the same time.
    const temporary = files.at('temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const secret = {
      ...FILES_CONTRACT,
      columns: FILES_CONTRACT.columns.map((column) => ({ ...column, class: 'internal' as const })),
    };
    await files.write(
      manyThings(300),
      manyThings(299, (row) => (row.id % 9 === 0 ? { ...row, email: `canary-other-${row.id}@example.org` } : row)),
      secret,
    );
    const ended = await sweep('--report', files.at('report.html'));
    expect(ended.code).toBe(1);
    const written = readdirSync(files.folder).filter((name) => name.startsWith('report.'));
    expect(written).toHaveLength(5);
    const texts = [ended.out, ended.err, ...written.map((name) => readFileSync(files.at(name), 'utf8'))];
    // Names of things are internal: not masked, and nobody's to read in a report.
    for (const text of texts) expect(text).not.toMatch(/canary|thing \d/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('shows how far it is without a word of what it reads', async () => {
    await files.write(manyThings(300), manyThings(300));
    const { err } = await sweep();
    expect(err).toContain('planning');
    expect(err).not.toMatch(/canary|thing/);
  });

  it('takes the development key for granted with a word about it, and never a key that was not named', async () => {
    await files.write(manyThings(3), manyThings(3));
    const [, ...options] = files.arguments;
    const unnamed = options.toSpliced(options.indexOf('--signer'), 2);
    expect((await parapet('sweep', ...unnamed)).code).toBe(3);
    expect((await parapet('contract', 'sign', files.contract, '--development', '--force')).code).toBe(0);
    const ended = await parapet('sweep', ...unnamed, '--json');
    expect(ended).toMatchObject({ code: 0, err: expect.stringContaining('development key') });
    expect(jsonOf(ended)).toMatchObject({ contract: { development: true } });
  });
});

describe('parapet contract, of a sweep', () => {
  it('says of which side a draft could not be made', async () => {
    await files.write(manyThings(1), manyThings(1));
    const missing = `${files.urls.target}.no.ndjson`;
    const ended = await parapet('contract', 'infer', '--source', files.urls.source, '--target', missing);
    expect(ended.code).not.toBe(0);
    expect(ended.err).toContain('--target');
    expect(ended.err).not.toContain('--source');
  });

  it('checks, signs and verifies it as a kind of its own', async () => {
    await files.write(manyThings(1), manyThings(1));
    expect(jsonOf(await parapet('contract', 'check', files.contract, '--json'))).toMatchObject({
      contracts: [{ valid: true, dataset: 'file-things', version: 1 }],
    });
    const verified = await parapet('contract', 'verify', files.contract, '--signer', files.signer, '--json');
    expect(jsonOf(verified)).toMatchObject({ dataset: 'file-things', signer: files.signer });
    writeFileSync(files.contract, readFileSync(files.contract, 'utf8').replace('"key":["id"]', '"key":["none"]'));
    expect((await parapet('contract', 'check', files.contract)).code).toBe(2);
    expect((await parapet('contract', 'sign', files.contract, '--development', '--force')).code).not.toBe(0);
  });
});
