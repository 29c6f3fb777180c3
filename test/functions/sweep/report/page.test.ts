/** The page of a verdict, as a browser and as an auditor get it. */
import { hash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { escapeText } from '../../../../functions/sweep/report/html.ts';
import { verdictPage } from '../../../../functions/sweep/report/page.ts';
import { SCRIPT } from '../../../../functions/sweep/report/page-script.ts';
import type { Verdict } from '../../../../shared/verdict/schema.ts';
import { contractOf } from '../../../support/sweep/contract.ts';
import { MemoryTable } from '../../../support/sweep/memory-table.ts';
import { sweepTables } from '../../../support/sweep/run.ts';
import { frozenThings, settledThings, tables, things } from '../../../support/sweep/things.ts';

const HOSTILE = `</code><script>alert("1")</script><img src=x onerror='alert(2)'>&lt;\u202e\u0000`;
const VOID = ['meta', 'input', 'br', 'img'];

/** Every tag that is opened is closed, in order; gives how often each stands there. */
function tagsOf(page: string): Map<string, number> {
  const open: string[] = [];
  const counts = new Map<string, number>();
  const body = page.replace('<!doctype html>', '').replace(/(<style>|<script>).*?(?=<\/)/gs, '$1');
  for (const [, slash, name = ''] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*>/g)) {
    if (slash === '/') expect(open.pop()).toBe(name);
    else {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (!VOID.includes(name)) open.push(name);
    }
  }
  expect(open).toEqual([]);
  return counts;
}

const textOf = (page: string): string =>
  page
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

async function pageOf(
  ...[contract, both, more]: Parameters<typeof sweepTables>
): Promise<{ page: string; verdict: Verdict }> {
  return sweepTables(contract, both, more);
}

describe('the page of a verdict', () => {
  it('is one well-formed document that loads nothing and lets no script run but its own', async () => {
    const { page } = await pageOf(frozenThings(), tables(things(300), things(290)));
    const tags = tagsOf(page);
    expect(tags.get('script')).toBe(1);
    expect(tags.get('style')).toBe(1);
    for (const name of ['link', 'img', 'iframe', 'object', 'embed', 'base', 'a']) expect(tags.has(name)).toBe(false);
    expect(page).not.toMatch(/https?:|\/\/|url\(|@import|\son\w+=|\sstyle=|javascript:/i);
    const [, policy = ''] = /content="(default-src[^"]*)"/.exec(page) ?? [];
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; script-src 'sha256-${hash('sha256', script, 'base64')}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('[S05] tells of what differs: how much, where, which rows, in which columns, and by which rules', async () => {
    const contract = frozenThings({
      columns: [
        { name: 'id', type: { kind: 'integer' } },
        { name: 'name', type: { kind: 'text', padding: 'trim' } },
        { name: 'amount', type: { kind: 'decimal' } },
      ],
    });
    const target = things(400, (row, id) =>
      id === 7 ? undefined : id === 9 ? { ...row, amount: '0' } : id === 11 ? { ...row, name: `${row.name}  ` } : row,
    );
    const { page } = await pageOf(contract, tables(things(400), target));
    const text = textOf(page);
    expect(page).toMatch(/<tr class="missing" data-kind="missing"[^>]*>.*?<bdi>7<\/bdi>/s);
    expect(page).toMatch(/<tr class="changed" data-kind="changed" data-columns="amount">.*?<bdi>9<\/bdi>/s);
    expect(text).toContain(
      '400 rows at the source 399 rows at the target 1 missing at the target 0 extra at the target 1 changed',
    );
    expect(text).toContain(
      '3 rows had no equal on the other side when both were first read; a row that changed is one',
    );
    // The list is whole: 2 and 0.5 % are what an estimate would say beside it.
    expect(text).not.toMatch(/at least|of the rows differ/i);
    expect(text).toContain('2 rows looked at again');
    expect(text).toContain('This page is not signed');
    expect(text).toMatch(/name target padding 1/);
    expect([...page.matchAll(/<span class="heat(\d+)"/g)].filter(([, step]) => step !== '0').length).toBeGreaterThan(0);
  });

  it('[S11] shows whatever a key or a column is called as text', async () => {
    const columns = { id: 'text', v: 'text', [HOSTILE]: 'text' };
    const contract = contractOf({
      key: ['id'],
      columns: [
        { name: 'id', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'text' } },
        { name: 'v', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'text' } },
      ],
    });
    const { page, verdict } = await pageOf(contract, {
      source: new MemoryTable('left', columns, [
        { id: HOSTILE, v: 'a' },
        { id: '1', v: 'a' },
      ]),
      target: new MemoryTable('right', columns, [
        { id: HOSTILE, v: 'b' },
        { id: '1', v: 'a' },
      ]),
    });
    expect(verdict.divergences.changed).toBe(1);
    for (const raw of ['<img', 'alert("', '\u202e', '\0']) expect(page).not.toContain(raw);
    expect(page.split(escapeText(HOSTILE))).toHaveLength(4);
    expect(tagsOf(page).get('script')).toBe(1);
  });

  it('never shows a number that is not known: a sweep that broke off is none that found nothing', async () => {
    const both = tables(things(90), things(90));
    both.target.columns = { id: 'any', name: 'any', amount: 'double precision' };
    const text = textOf((await pageOf(frozenThings(), both)).page);
    expect(text).toContain('not read rows at the source not read rows at the target unknown missing at the target');
    expect(text).toContain('Nothing was compared');
    expect(text).not.toMatch(/\b0 (missing|extra|changed)|None\. |Every column/);
  });

  it('[S05] says that a list is partial, and how much the drift is estimated to be', async () => {
    const other = things(2000, (row, id) => (id % 8 === 0 ? { ...row, amount: '0' } : row));
    const both = tables(things(2000), other);
    const { page, verdict } = await pageOf(frozenThings(), both, { request: { capacity: 20 } });
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', listing: 'partial' });
    const text = textOf(page);
    expect(text).toMatch(/estimated, standard error \d/);
    expect(text).toMatch(/(at least \d+|unknown) changed/);
    expect(text).toMatch(/This list is partial|None is listed: far more/);
  });

  it('[S13] says of what the breaker stopped that nobody read it again, with no more digits than tell numbers apart', async () => {
    const contract = frozenThings({ breaker: { drift: { share: 0.1 } } });
    const other = things(9, (row, id) => (id < 3 ? { ...row, amount: '0' } : row));
    const text = textOf((await pageOf(contract, tables(things(9), other))).page);
    expect(text).toContain('Seen: 0.333.');
    expect(text).toContain('It tripped on drift: 0.333 where 0.100 is allowed.');
    expect(text).toContain(
      'The breaker tripped: suspects were not read again, so a changed row may stand as one missing',
    );
    expect(text).toContain('3 suspects');
    expect(text).toContain('at least 33.3% of the rows differ');
    expect(text).not.toContain('looked at again');
  });

  it('says nothing of the columns that were found where a value kept the rows from being read', async () => {
    const both = tables(
      things(9),
      things(9, (row) => ({ ...row, amount: 'none' })),
    );
    const { page, verdict } = await pageOf(frozenThings(), both);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'value-refused' }] });
    expect(textOf(page)).not.toContain('Every column');
  });

  it('says of equal sides that no row differs, and how they were read', async () => {
    const text = textOf((await pageOf(settledThings(), tables(things(50), things(50), true))).page);
    expect(text).toContain('No row of either side is without its equal on the other');
    expect(text).toContain('in use while they were read');
    expect(text).not.toContain('at least');
  });

  it('[S04] [S16] holds of a masked column neither a value nor a count of what its rules changed', async () => {
    const contract = frozenThings({
      columns: [
        { name: 'id', type: { kind: 'integer' } },
        { name: 'name', type: { kind: 'text', padding: 'trim' }, class: 'pii', mask: 'token' },
        { name: 'amount', type: { kind: 'decimal' } },
      ],
    });
    const target = things(90, (row, id) => ({ ...row, name: id === 3 ? 'canary' : `${row.name}  ` }));
    const { page } = await pageOf(contract, tables(things(90), target));
    expect(page).toContain('data-columns="name"');
    expect(page).not.toMatch(/canary|n3\b|<td>padding/);
  });

  it('is the same page for the same verdict, and stays small when much differs', async () => {
    const { verdict, page } = await pageOf(
      frozenThings(),
      tables(
        things(2100),
        things(2100, (row) => ({ ...row, name: 'x' })),
      ),
      {
        request: { capacity: 3000 },
      },
    );
    expect(verdict.divergences.list).toHaveLength(2100);
    expect(verdictPage(verdict)).toBe(page);
    expect([...page.matchAll(/<tr class="changed"/g)]).toHaveLength(2000);
    expect(page).toContain('The first 2,000 of 2,100');
  });
});

interface Row {
  readonly dataset: { readonly kind: string; readonly columns: string };
  readonly cells: readonly { readonly textContent: string }[];
  hidden: boolean;
}

describe('the filters of the page', () => {
  const row = (kind: string, key: string, columns: string): Row => ({
    dataset: { kind, columns },
    cells: [{ textContent: kind }, { textContent: key }],
    hidden: false,
  });

  function filtered(data: { kind: readonly string[]; column: string; text: string }) {
    const rows = [
      row('missing', 'id 1', ''),
      row('changed', 'id 12', 'name amount'),
      row('changed', 'id 2', 'amounts'),
    ];
    const shown = { textContent: '' };
    const listeners = new Map<string, () => void>();
    const filters = { hidden: true, addEventListener: (name: string, run: () => void) => listeners.set(name, run) };
    runInNewContext(SCRIPT, {
      document: {
        getElementById: (id: string) => (id === 'filters' ? filters : shown),
        querySelectorAll: () => rows,
      },
      FormData: class {
        get = (name: 'column' | 'text'): string => data[name];
        getAll = (): readonly string[] => data.kind;
      },
    });
    listeners.get('input')?.();
    return { keys: rows.filter(({ hidden }) => !hidden).map(({ cells }) => cells[1]?.textContent), shown, filters };
  }

  const KINDS = ['missing', 'extra', 'changed'];

  it.each([
    [{ kind: KINDS, column: '', text: '' }, ['id 1', 'id 12', 'id 2']],
    [{ kind: ['changed'], column: '', text: '' }, ['id 12', 'id 2']],
    [{ kind: KINDS, column: 'amount', text: '' }, ['id 12']],
    [{ kind: KINDS, column: '', text: 'ID 1' }, ['id 1', 'id 12']],
    [{ kind: [], column: '', text: '' }, []],
  ])('show of the rows those that fit %j', (data, keys) => {
    const { shown, filters, ...found } = filtered(data);
    expect(found.keys).toEqual(keys);
    expect(shown.textContent).toBe(`${keys.length} of 3 shown`);
    expect(filters.hidden).toBe(false);
  });

  it('do nothing on a page without a list', () => {
    expect(() => runInNewContext(SCRIPT, { document: { getElementById: () => null } })).not.toThrow();
  });
});
