import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEntries } from '../../../shared/verdict/entries.ts';
import { FILES_CONTRACT, manyThings, ThingFiles } from '../../support/sweep/files.ts';
import { type Ended, jsonOf, parapet } from '../run.ts';

const DATASET = FILES_CONTRACT.dataset;
const contract = { ...FILES_CONTRACT, breaker: { drift: { rows: 5 } } };

let files: ThingFiles;
beforeEach(() => {
  files = new ThingFiles();
});
afterEach(() => files.remove());

const sweep = (...more: readonly string[]): Promise<Ended> => parapet(...files.arguments, '--workers', '1', ...more);
const ask = (...argv: readonly string[]): Promise<Ended> => parapet(...argv, '--state', files.state);
const drifted = (rows: number) => manyThings(100, (row) => (row.id < rows ? { ...row, name: 'x' } : row));

describe('[S13] [S17] parapet breaker and parapet gate', () => {
  it('opens on drift, refuses to sweep, is closed by a person with a reason, and lets nobody through until all is EQUAL again', async () => {
    await files.write(manyThings(100), drifted(6), contract);
    const tripping = await sweep();
    expect(tripping.code).toBe(1);
    expect(tripping.out).toContain('100 at the source, 100 at the target');
    expect(tripping.out).toContain('tripped on drift: 6 where 5 is allowed');
    expect(tripping.out).toContain('6 missing, 6 extra, 0 changed');
    expect(tripping.out).toContain('suspects were not read again, so a changed row may stand as one missing and one');
    expect(tripping.out).toContain(`parapet breaker close ${DATASET} --reason`);

    const refused = await sweep('--report', files.at('refused.html'));
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('breaker-open');
    expect(refused.err).toContain('Nothing was read.');
    expect(existsSync(files.at('refused.html'))).toBe(false);

    const list = await ask('breaker', 'list', '--json');
    expect(list.code).toBe(0);
    expect(jsonOf(list)).toMatchObject({
      breakers: [{ dataset: DATASET, breaker: 'open', trips: [{ cause: 'drift', seen: 6, allowed: 5 }] }],
    });
    expect((await ask('breaker', 'show', DATASET)).out).toMatch(
      /: breaker open\n .*drift: 6 where 5 is allowed; sweep [0-9a-f]{32}/,
    );
    expect(await ask('gate', DATASET)).toMatchObject({ code: 1, out: expect.stringContaining('closed (tripped)') });

    expect((await ask('breaker', 'close', DATASET)).code).toBe(3);
    expect((await ask('breaker', 'close', DATASET, '--reason', ' ')).code).toBe(3);
    expect((await ask('breaker', 'close', DATASET, '--reason', 'x', '--sweep', '0'.repeat(32))).code).toBe(4);
    const closed = await ask('breaker', 'close', DATASET, '--reason', 'the load was repeated\u001b[2J');
    expect(closed).toMatchObject({ code: 0, out: expect.stringContaining('the load was repeated\\u{1b}[2J') });
    expect((await ask('breaker', 'close', DATASET, '--reason', 'again')).code).toBe(4);
    const settled = await ask('gate', DATASET);
    expect(settled.code).toBe(1);
    expect(settled.out).toMatch(/gate closed \(tripped\)\n {2}The breaker was closed at \d{4}.*; sweep again/);
    expect(settled.out).not.toContain('where 5 is allowed');

    await files.write(manyThings(100), manyThings(100), contract);
    expect((await sweep('--report', files.at('report.html'))).code).toBe(0);
    const entries = parseEntries(readFileSync(files.at('report.entries.ndjson'), 'utf8'));
    expect(entries[0]).toMatchObject({
      action: 'breaker.closed',
      dataset: DATASET,
      cause: 'drift',
      by: expect.stringMatching(/./),
      reason: 'the load was repeated\u001b[2J',
    });
    expect((await parapet('verify', files.at('report.verdict.json'))).code).toBe(0);
    const open = await ask('gate', DATASET, '--json');
    expect(open.code).toBe(0);
    expect(jsonOf(open)).toMatchObject({ open: true, verdict: { verdict: 'EQUAL' }, ageMs: expect.any(Number) });
    expect((await ask('breaker', 'show', DATASET)).out).toBe(`${DATASET}: breaker closed\n`);
  });

  it('closes the gate with every verdict that is not EQUAL, and opens it again without a person where the breaker did not trip', async () => {
    await files.write(manyThings(10), manyThings(10), contract);
    expect((await sweep()).code).toBe(0);
    expect((await ask('gate', DATASET)).out).toMatch(
      /: gate open\n {2}verdict {2}EQUAL of sweep [0-9a-f]{32}, 0 min ago/,
    );
    await files.write(manyThings(10), drifted(5).slice(0, 10), contract);
    expect((await sweep()).code).toBe(1);
    expect(await ask('gate', DATASET)).toMatchObject({ code: 1, out: expect.stringContaining('closed (diverged)') });
    await files.write(manyThings(10), [], contract);
    expect((await sweep()).code).toBe(2);
    expect(await ask('gate', DATASET)).toMatchObject({ code: 1, out: expect.stringContaining('(inconclusive)') });
    await files.write(manyThings(10), manyThings(10), contract);
    expect((await sweep()).code).toBe(0);
    expect((await ask('gate', DATASET)).code).toBe(0);
  });

  it('changes nothing in the name of a contract that is not trusted', async () => {
    await files.write(manyThings(10), manyThings(10), contract);
    expect((await sweep()).code).toBe(0);
    await files.write(manyThings(10), drifted(9).slice(0, 10), contract);
    const options = files.arguments;
    const other = options.with(options.indexOf(files.signer), '0'.repeat(64));
    expect((await parapet(...other)).code).toBe(3);
    expect((await ask('gate', DATASET)).code).toBe(0);
  });

  it('knows nothing of what was never swept: closed, and nothing to close', async () => {
    expect((await ask('gate', DATASET)).code).toBe(1);
    expect((await ask('breaker', 'list')).code).toBe(4);
    await files.write(manyThings(10), manyThings(10), contract);
    await sweep();
    expect(await ask('gate', 'other', '--json')).toMatchObject({
      code: 1,
      out: expect.stringContaining('never-swept'),
    });
    expect((await ask('gate', '../gates')).code).toBe(1);
    expect((await ask('breaker', 'show', 'other')).code).toBe(4);
    expect((await ask('breaker', 'close', DATASET, '--reason', 'none')).code).toBe(4);
    expect((await ask('gate')).code).toBe(3);
  });
});
