import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderStore } from '../../../cli/sweep/folder-store.ts';
import { localKeys, random } from '../../../cli/sweep/local-keys.ts';
import { openRunning, resume } from '../../../cli/sweep/running.ts';
import { Problem } from '../../../shared/problem.ts';
import { isOpen } from '../../../shared/verdict/is-open.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';
import { MemoryGates } from '../../support/memory/gates.ts';
import { manyThings, ThingFiles } from '../../support/sweep/files.ts';
import { openTables, sweepTables } from '../../support/sweep/run.ts';
import { settledThings, type Tables, tables, things } from '../../support/sweep/things.ts';
import { jsonOf, parapet } from '../run.ts';

let files: ThingFiles;
let state: string;
let secret: string;
beforeEach(() => {
  files = new ThingFiles();
  state = files.at('state');
  secret = files.at('secret');
  writeFileSync(secret, random(32));
});
afterEach(() => files.remove());

describe('a sweep that broke off', () => {
  const contract = settledThings();
  const ROWS = 800;
  const PARTITIONS = 8;
  const code = '0'.repeat(64);

  /** One run of the command; `after`: partitions after which somebody interrupts. */
  async function run(both: Tables, after = Number.POSITIVE_INFINITY, gates = new MemoryGates()): Promise<Verdict> {
    const running = await openRunning(state, contract.dataset, secret);
    const [store, keys] = [folderStore(running.folder, running.storeKey), localKeys(running.masterKey)];
    const interruption = new AbortController();
    let done = 0;
    const { verdict } = await sweepTables(contract, both, {
      laneCount: 1,
      request: { partitions: PARTITIONS },
      store,
      keys,
      gates,
      signal: interruption.signal,
      resume: (request) => resume(running, request, { open: openTables(both), store, keys, code }),
      progress: {
        rows() {},
        planned() {},
        step() {},
        partition: () => {
          done += 1;
          if (done === after) interruption.abort();
        },
      },
    });
    return verdict;
  }

  const scanned = ({ source, target }: Tables): number => source.scanned + target.scanned;

  it('goes on where it was: what was read is not read again, and the verdict is the same', async () => {
    const both = tables(
      things(ROWS),
      things(ROWS, (row, id) => (id === 5 ? undefined : row)),
      true,
    );
    expect(await run(both, 10)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'interrupted' }] });
    const before = scanned(both);
    const verdict = await run(both);
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', divergences: { missing: 1, extra: 0, changed: 0 } });
    expect(verdict.coverage).toMatchObject({ source: { rows: ROWS }, target: { rows: ROWS - 1 } });
    // Beside the six that were left, and what was in hand when it was interrupted: one lookup of a suspect, which takes a look at every row.
    const [left, again] = [6 * (ROWS / PARTITIONS), ROWS / PARTITIONS];
    expect(scanned(both) - before).toBeLessThanOrEqual(left + again + 2 * ROWS);
    expect(scanned(both) - before).toBeGreaterThanOrEqual(left);
  });

  it('reads nothing again when everything had been read', async () => {
    const both = tables(things(ROWS), things(ROWS), true);
    await run(both, 2 * PARTITIONS);
    const before = scanned(both);
    expect(await run(both)).toMatchObject({ verdict: 'EQUAL', counts: { source: ROWS, target: ROWS } });
    expect(scanned(both)).toBe(before);
  });

  it.each([
    ['another contract', { ...contract, version: 2 }],
    ['columns that changed', contract],
    ['another place', contract],
  ])('begins anew under %s', async (name, other) => {
    const both = tables(things(ROWS), things(ROWS), true);
    await run(both, 10);
    const before = scanned(both);
    if (name === 'another place') both.source.identity = 'memory:another';
    if (name === 'columns that changed') both.source.columns = { ...both.source.columns, more: 'any' };
    const running = await openRunning(state, contract.dataset, secret);
    const [store, keys] = [folderStore(running.folder, running.storeKey), localKeys(running.masterKey)];
    const { verdict } = await sweepTables(other, both, {
      store,
      keys,
      resume: (request) => resume(running, request, { open: openTables(both), store, keys, code }),
    });
    expect(verdict.verdict).toBe('EQUAL');
    expect(scanned(both) - before).toBe(2 * ROWS);
  });

  it('[S08] leaves nothing that can be opened without the secret, and refuses another', async () => {
    const both = tables(
      things(ROWS, (row) => ({ ...row, name: `canary ${row.name}` })),
      things(ROWS),
      true,
    );
    await run(both, 10);
    const left = readdirSync(state, { recursive: true, encoding: 'utf8' }).map((name) => join(state, name));
    const contents = left.filter((name) => statSync(name).isFile()).map((name) => readFileSync(name));
    expect(contents.length).toBeGreaterThan(10);
    for (const bytes of [...contents, ...left.map((name) => Buffer.from(name))]) {
      expect(bytes.includes('canary')).toBe(false);
      expect(bytes.includes('parapet-sweep"')).toBe(false);
    }
    writeFileSync(secret, random(32));
    const refused = await run(both).catch((error: unknown) => error);
    expect(refused instanceof Problem && refused.code).toBe('usage-invalid');
  });

  it('[S13] [S17] opens the gate if nobody else began meanwhile, and counts as old as it is if somebody did', async () => {
    const gates = new MemoryGates();
    const answer = async () => isOpen((await gates.read(contract.dataset))?.gate, Date.now());
    const same = (): Tables => tables(things(ROWS), things(ROWS), true);
    expect((await run(same(), 10, gates)).verdict).toBe('INCONCLUSIVE');
    expect((await run(same(), undefined, gates)).verdict).toBe('EQUAL');
    expect(await answer()).toMatchObject({ open: true });
    // What the rest of the sweep finds is EQUAL again, and was in part read before the other found a difference.
    for (const name of readdirSync(join(state, 'running', contract.dataset))) {
      if (name !== 'salt') rmSync(join(state, 'running', contract.dataset, name), { recursive: true });
    }
    expect((await run(same(), 10, gates)).verdict).toBe('INCONCLUSIVE');
    const other = things(ROWS, (row, id) => (id === 1 ? { ...row, name: 'x' } : row));
    await sweepTables(contract, tables(things(ROWS), other, true), { gates });
    expect(await answer()).toMatchObject({ open: false, because: 'diverged' });
    expect((await run(same(), undefined, gates)).verdict).toBe('EQUAL');
    expect(await answer()).toMatchObject({ open: false, because: 'diverged' });
  });

  it.each([0, 31, 5000])('takes no secret of %i bytes', async (bytes) => {
    writeFileSync(secret, random(bytes));
    await expect(openRunning(state, 'things', secret)).rejects.toMatchObject({ code: 'usage-invalid' });
  });
});

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'cli', 'parapet.mjs');

describe('[S20] parapet sweep --resume', () => {
  const ROWS = 60_000;
  const command = (): readonly string[] => [
    ...files.arguments,
    ...['--workers', '2', '--state', state, '--resume', secret, '--json'],
  ];
  const results = (): string[] => {
    const folder = join(state, 'running', 'file-things', 'results');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile() === true);
  };

  async function killedWithSome(): Promise<void> {
    const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...command()], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (results().length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGKILL');
    await ended;
  }

  it('goes on after the command was killed, and leaves nothing when it is over', async () => {
    await files.write(
      manyThings(ROWS),
      manyThings(ROWS, (row) => (row.id === 7 ? { ...row, amount: '0' } : row)),
    );
    await killedWithSome();
    const kept = new Map(results().map((name) => [name, statSync(name).ino]));
    expect(kept.size).toBeGreaterThan(0);
    const ended = await parapet(...command());
    expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('Going on with sweep') });
    expect(jsonOf(ended)).toMatchObject({
      verdict: 'DIVERGED',
      counts: { source: ROWS, target: ROWS },
      divergences: { missing: 0, extra: 0, changed: 1 },
    });
    expect(results()).toEqual([]);
    expect(existsSync(join(state, 'running', 'file-things'))).toBe(false);
    // The next one is a sweep of its own.
    expect((await parapet(...command())).err).not.toContain('Going on');
  });

  it('begins anew when a file is another than the one that was being read', async () => {
    await files.write(manyThings(ROWS), manyThings(ROWS));
    await killedWithSome();
    await files.write(manyThings(ROWS + 1), manyThings(ROWS + 1));
    const first = await parapet(...command());
    // Whatever the first run finds of the old plan, no run calls a mixture equal.
    if (first.code !== 0)
      expect(jsonOf(first)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'snapshot-gone' }] });
    const ended = first.code === 0 ? first : await parapet(...command());
    expect(jsonOf(ended)).toMatchObject({ verdict: 'EQUAL', counts: { source: ROWS + 1, target: ROWS + 1 } });
  });
});
