import { describe, expect, it } from 'vitest';
import { Sandbox, type SandboxLimits } from '../../../functions/submission/processing/sandbox.ts';

const LIMITS: SandboxLimits = { memoryBytes: 32 * 1024 * 1024, stackBytes: 128 * 1024, batchMs: 250 };

async function judge(code: string, batch: unknown = [], configuration: unknown = {}): Promise<unknown> {
  using sandbox = await Sandbox.open(code, LIMITS, Date.now);
  return JSON.parse(sandbox.judge(JSON.stringify(batch), JSON.stringify(configuration)));
}

describe('the sandbox', () => {
  it('gives JSON for JSON', async () => {
    const code = 'export function judge(batch, configuration) { return batch.map((each) => each * configuration.by); }';
    expect(await judge(code, [1, 2, 3], { by: 2 })).toEqual([2, 4, 6]);
  });

  it('[B11] has no clock, no chance, no I/O and no host', async () => {
    const names = [
      ...['Date', 'performance', 'setTimeout', 'setInterval', 'queueMicrotask', 'fetch', 'XMLHttpRequest', 'process'],
      ...[
        'require',
        'module',
        'console',
        'eval',
        'WeakRef',
        'FinalizationRegistry',
        'SharedArrayBuffer',
        'Atomics',
        'Buffer',
      ],
      ...['std', 'os', 'scriptArgs', 'print', 'judge', 'WebAssembly', 'Worker', 'navigator'],
    ];
    const code = `export function judge(names) { return names.filter((name) => typeof globalThis[name] !== 'undefined'); }`;
    expect(await judge(code, names)).toEqual([]);
    expect(await judge('export function judge() { return [typeof Math.random]; }')).toEqual(['undefined']);
  });

  it('[B11] cannot import anything', async () => {
    await expect(judge("import 'node:fs'; export function judge() {}")).rejects.toMatchObject({ fault: 'threw' });
    // A promise of a module, that nothing ever settles.
    expect(await judge("export const judge = () => [import('os')];")).toEqual([{}]);
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ['deadline', 'loops for ever', 'export function judge() { for (;;); }'],
    [
      'deadline',
      'catches and loops on',
      'export function judge() { try { for (;;); } catch {} finally { for (;;); } }',
    ],
    ['deadline', 'backtracks for ever', 'export function judge() { return /(a+)+$/.test("a".repeat(40) + "b"); }'],
    ['deadline', 'loops while it loads', 'for (;;); export function judge() {}'],
    ['memory', 'takes too much memory', 'export function judge() { return "x".repeat(1e9); }'],
    ['threw', 'throws', 'export function judge() { throw new Error("no"); }'],
    ['threw', 'throws what is no error', 'export function judge() { throw undefined; }'],
    ['threw', 'recurses too deep', 'export function judge() { const f = () => f() + 1; return f(); }'],
    ['threw', 'does not parse', 'export function judge( {'],
    ['answer', 'has no judge', 'export const other = 1;'],
    ['answer', 'returns nothing', 'export function judge() {}'],
    ['answer', 'returns what is no JSON', 'export function judge() { return () => 1; }'],
    ['threw', 'returns a circle', 'export function judge() { const a = []; a.push(a); return a; }'],
  ];
  it.each(faults)('[B12] ends with %s what %s', async (fault, _what, code) => {
    await expect(judge(code)).rejects.toMatchObject({ name: 'SandboxFailure', fault });
  });

  it('keeps packs apart, and every one from what came before', async () => {
    await judge('globalThis.left = 1; Object.prototype.left = 1; export function judge() { return []; }');
    expect(await judge('export function judge() { return [typeof globalThis.left, typeof {}.left]; }')).toEqual([
      'undefined',
      'undefined',
    ]);
  });

  it('goes on working after a pack has broken its machine', async () => {
    await expect(judge('export function judge() { const f = () => f() + 1; return f(); }')).rejects.toThrow();
    expect(await judge('export function judge() { return [1]; }')).toEqual([1]);
  });
});
