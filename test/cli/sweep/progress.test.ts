import { describe, expect, it } from 'vitest';
import { barText, progressBar } from '../../../cli/sweep/progress.ts';

describe('the progress bar', () => {
  it('shows partitions, rows a second and the time left', () => {
    const text = barText({ partitions: 8, done: 2, expected: 100_000, rows: 25_000, milliseconds: 10_000 });
    expect(text).toContain('2/8 partitions');
    expect(text).toContain('25,000 rows');
    expect(text).toContain('2,500 rows/s');
    expect(text).toContain('30 s left');
  });

  it.each([
    { partitions: 8, done: 0, expected: 0, rows: 0, milliseconds: 0 },
    { partitions: 1, done: 0, expected: 10, rows: 5000, milliseconds: 1000 },
    { partitions: 0, done: 0, expected: 0, rows: 0, milliseconds: 5 },
    { partitions: 3, done: 3, expected: 10, rows: 9, milliseconds: 4_000_000 },
  ])('holds in %j', (standing) => {
    const text = barText(standing);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    expect(text.match(/[█░]/g)).toHaveLength(24);
  });

  it.each([true, false])('draws a bar in a terminal alone: %s', (isTTY) => {
    const shown: string[] = [];
    const line = { show: (text: string) => void shown.push(text), clear() {} };
    const bar = progressBar(Object.assign(Object.create(process.stderr), { isTTY }), () => 0, line);
    bar.planned(2, 1000);
    bar.step('hashing');
    expect(shown.at(-1)).toContain('0/2 partitions');
    expect(/[█░]/.test(shown.at(-1) ?? '')).toBe(isTTY);
  });

  it('says each step at once, and rows at most ten times a second', () => {
    let now = 0;
    const shown: string[] = [];
    const line = { show: (text: string) => void shown.push(text), clear: () => void shown.push('cleared') };
    const bar = progressBar(process.stderr, () => now, line);
    bar.step('planning');
    bar.planned(2, 1000);
    bar.step('hashing');
    for (let row = 0; row < 500; row++) {
      now += 1;
      bar.rows('source', 1);
    }
    bar.partition('source');
    bar.step('comparing');
    bar.end();
    expect(shown.filter((text) => text.includes('rows/s')).length).toBeLessThanOrEqual(6);
    expect([shown[0], shown.at(-2), shown.at(-1)]).toEqual(['planning', 'comparing', 'cleared']);
  });
});
