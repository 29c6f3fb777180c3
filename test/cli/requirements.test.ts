import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { jsonOf, parapet } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'parapet-requirements-'));
const results = join(folder, 'results');
const list = join(folder, 'list.json');
const row = (id: string) => ({ id, requirement: `what ${id} asks for` });
const test = (ids: readonly string[], state: string, file = 'test/a.test.ts') => ({
  ids,
  title: ids.join(),
  file,
  state,
});
const suite = (...requirements: readonly object[]) =>
  JSON.stringify({ passed: 0, failed: 0, skipped: 0, requirements });
const requirements = (...options: readonly string[]) =>
  parapet('requirements', '--list', list, '--results', results, ...options);

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const groups = [
    { title: 'One', requirements: [row('B01'), row('B02')] },
    { title: 'Two', requirements: [row('S01'), row('P01')] },
  ];
  writeFileSync(list, JSON.stringify({ groups }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('parapet requirements', () => {
  it('says which have passing tests and which have none, over all suites', async () => {
    writeFileSync(join(results, 'quick.json'), suite(test(['B01', 'S01'], 'passed'), test(['P01'], 'skipped')));
    writeFileSync(join(results, 'full.json'), suite(test(['B01'], 'passed', 'test/b.full.test.ts')));
    const ended = await requirements('--json');
    expect(ended.code).toBe(EXIT.ok);
    expect(jsonOf(ended)).toMatchObject({
      requirements: [
        { id: 'B01', state: 'passing', passed: 2, failed: 0, files: ['test/a.test.ts', 'test/b.full.test.ts'] },
        { id: 'B02', state: 'untested' },
        { id: 'S01', state: 'passing' },
        { id: 'P01', state: 'untested' },
      ],
      totals: { passing: 2, failing: 0, untested: 2 },
    });
    expect((await requirements()).out).toContain('2 with passing tests, 0 failing, 2 without a test');
  });

  it('ends with 2 as soon as one test fails', async () => {
    writeFileSync(join(results, 'quick.json'), suite(test(['B01'], 'passed'), test(['B01'], 'failed')));
    const ended = await requirements('--json');
    expect(ended.code).toBe(EXIT.refused);
    expect(jsonOf(ended)).toMatchObject({ requirements: [{ id: 'B01', state: 'failing' }, {}, {}, {}] });
  });

  it('ends with 4 when no suite has run', async () => {
    const ended = await requirements();
    expect(ended.code).toBe(EXIT.missing);
    expect(ended.err).toContain('npm test');
  });

  it('refuses a list or a result that is none', async () => {
    writeFileSync(join(results, 'quick.json'), '{}');
    expect((await requirements()).code).toBe(EXIT.refused);
    writeFileSync(list, '[');
    expect((await requirements()).code).toBe(EXIT.refused);
  });
});

describe('the list of requirements', () => {
  it('holds every row once, numbered through', () => {
    const file = join(import.meta.dirname, '..', '..', 'docs', 'requirements.json');
    const { groups } = JSON.parse(readFileSync(file, 'utf8')) as {
      groups: { requirements: { id: string; requirement: string }[] }[];
    };
    const ids = groups.flatMap((group) => group.requirements.map(({ id }) => id));
    const numbered = (letter: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`);
    expect(ids).toEqual([...numbered('B', 22), ...numbered('S', 20), ...numbered('T', 15), ...numbered('P', 25)]);
  });
});
