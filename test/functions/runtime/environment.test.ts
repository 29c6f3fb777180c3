import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../functions/runtime/environment.ts';
import { scrubTemporary } from '../../../functions/runtime/temporary.ts';

describe('the environment', () => {
  it('[S18] gives what was asked for', () => {
    expect(readEnvironment(['deployment'], { PARAPET_DEPLOYMENT: 'sandbox', OTHER: 'x' })).toEqual({
      deployment: 'sandbox',
    });
  });

  it('[S18] names every variable that is missing or empty, at once', () => {
    expect(() => readEnvironment(['deployment', 'runsTable', 'auditKey'], { PARAPET_AUDIT_KEY: '' })).toThrow(
      expect.objectContaining({
        code: 'configuration-invalid',
        detail: 'Missing: PARAPET_DEPLOYMENT, PARAPET_RUNS_TABLE, PARAPET_AUDIT_KEY.',
      }),
    );
  });
});

describe('the temporary folder', () => {
  it('[B14] [S07] is empty after an invocation, whatever was left in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-test-'));
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    writeFileSync(join(folder, 'one'), 'a'.repeat(200_000));
    writeFileSync(join(folder, 'deep/er/two'), 'b');
    expect(scrubTemporary(folder)).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
    expect(scrubTemporary(folder)).toBe(0);
  });

  it('[B14] [S07] is overwritten before it is emptied, and nothing beside it is touched', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-test-'));
    const beside = mkdtempSync(join(tmpdir(), 'parapet-test-'));
    const content = 'Jane Roe, jane@roe.example\n'.repeat(10_000);
    writeFileSync(join(folder, 'spilled'), content);
    // A second name of the same bytes: it shows what became of them after the first is gone.
    linkSync(join(folder, 'spilled'), join(beside, 'same-bytes'));
    writeFileSync(join(beside, 'mine'), 'kept');
    symlinkSync(join(beside, 'mine'), join(folder, 'pointer'));
    scrubTemporary(folder);
    expect(readdirSync(folder)).toEqual([]);
    const left = readFileSync(join(beside, 'same-bytes'));
    expect(left.byteLength).toBe(content.length);
    expect(left.every((byte) => byte === 0)).toBe(true);
    expect(readFileSync(join(beside, 'mine'), 'utf8')).toBe('kept');
  });

  it('[B14] is nobody’s but Lambda’s: elsewhere nothing is touched', () => {
    expect(scrubTemporary()).toBe(0);
  });
});
