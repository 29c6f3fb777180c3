import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
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

  it('[B14] is nobody’s but Lambda’s: elsewhere nothing is touched', () => {
    expect(scrubTemporary()).toBe(0);
  });
});
