import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { jsonOf, parapet } from '../cli/run.ts';

it('[S03] proves the profile that is asked for, writes the page, and ends with 0', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const page = join(folder, 'perimeter.html');
  const ended = await parapet('perimeter', '--profile', 'production', '--json', '--html', page);
  expect(ended.code).toBe(0);
  expect(jsonOf(ended)).toMatchObject({ surprises: [], gaps: [] });
  expect(readFileSync(page, 'utf8')).toContain('</html>');
});
