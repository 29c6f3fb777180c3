import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { isProblemCode } from '../../shared/problem.ts';
import { hostileSamples } from '../../shared/sample/hostile.ts';
import { CONTRACT } from '../flows/support.ts';

const launcher = join(import.meta.dirname, '..', '..', 'cli', 'parapet.mjs');
const count = z.int().min(0);
const code = z.string().refine(isProblemCode);

/** The interface of `npm start -- --json`: these members and no others. */
const Demonstration = z.strictObject({
  submissions: z.array(
    z.strictObject({
      file: z.string(),
      run: z.string().regex(/^[0-9a-f]{32}$/),
      outcome: z.enum(['exported', 'partly-exported', 'quarantined', 'refused']),
      records: z.strictObject({ received: count, exported: count, quarantined: count }),
      problems: z.array(z.strictObject({ record: z.int().positive().nullable(), code, pointer: z.string() })),
      seal: z.string(),
    }),
  ),
  totals: z.strictObject({ submissions: count, received: count, exported: count, quarantined: count }),
  sweeps: z.array(
    z.strictObject({
      contract: z.literal('ledger.v1'),
      verdict: z.enum(['EQUAL', 'DIVERGED', 'INCONCLUSIVE']),
      rows: z.strictObject({ source: count, target: count }),
      divergences: z.strictObject({ missing: count, extra: count, changed: count }),
      durationMs: z.number().positive(),
      report: z.string(),
    }),
  ),
  iam: z.strictObject({ calls: z.int().positive(), denied: z.literal(0), unusedGrants: z.array(z.string()) }),
  durationMs: z.number().positive(),
});

it('[B06] [B16] shows every sample, ends with 0, and says all of it in one JSON object on the last line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-demo-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const argv = [launcher, 'demo', '--json', '--records', '20', '--folder', join(folder, 'demo')];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 64 * 1024 ** 2 });
  const { submissions, totals, sweeps } = Demonstration.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));

  expect(sweeps.map(({ verdict, divergences }) => [verdict, divergences])).toEqual([
    ['EQUAL', { missing: 0, extra: 0, changed: 0 }],
    ['DIVERGED', { missing: 1, extra: 1, changed: 1 }],
  ]);
  for (const { report } of sweeps) expect(existsSync(report), report).toBe(true);

  const files = submissions.map(({ file }) => file.replace(/\.[a-z]+$/, ''));
  for (const { name } of hostileSamples(CONTRACT, {})) expect(files).toContain(name);
  for (const name of ['forged', 'expired', 'wrong-audience', 'alg-none', 'another-payload'])
    expect(files).toContain(name);
  for (const { file, outcome, records, problems } of submissions) {
    if (outcome !== 'refused')
      expect({ file, settled: records.exported + records.quarantined }).toEqual({ file, settled: records.received });
    if (outcome !== 'exported') expect({ file, problems: problems.length > 0 }).toEqual({ file, problems: true });
  }
  const sum = (of: 'received' | 'exported' | 'quarantined') =>
    submissions.reduce((all, { records }) => all + records[of], 0);
  expect(totals).toEqual({
    submissions: submissions.length,
    received: sum('received'),
    exported: sum('exported'),
    quarantined: sum('quarantined'),
  });
});
