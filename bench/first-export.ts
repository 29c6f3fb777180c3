/**
 * From the start of a process to the first export, with the assembly at hand and without. Aim: 10 s on two processors.
 *
 * node bench/first-export.ts [--rounds 3] [--json]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});

interface Start {
  /** Milliseconds since the process began. */
  readonly readyMs: number;
  readonly exportMs: number;
  readonly sealedMs: number;
}

function start(flags: readonly string[]): Start {
  const script = join(import.meta.dirname, 'first-export-run.ts');
  const node = ['--disable-warning=ExperimentalWarning', script, ...flags];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return JSON.parse(execFileSync(process.execPath, node, { encoding: 'utf8', stdio: [...stdio] }));
}

/** The best of the rounds: other work on the machine can only make a start slower. */
function best(flags: readonly string[]): Start {
  const starts = Array.from({ length: Number(options.rounds) }, () => start(flags));
  const least = (of: (each: Start) => number): number => Math.min(...starts.map(of));
  return {
    readyMs: least(({ readyMs }) => readyMs),
    exportMs: least(({ exportMs }) => exportMs),
    sealedMs: least(({ sealedMs }) => sealedMs),
  };
}

// Once before, so that an assembly is at hand.
start([]);
const results = { cold: best(['--cold']), warm: best([]) };
if (options.json) console.log(JSON.stringify(results));
else {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  for (const [name, { readyMs, exportMs, sealedMs }] of Object.entries(results)) {
    console.log(
      `${name}: ready after ${seconds(readyMs)}, first export ${seconds(exportMs)}, sealed ${seconds(sealedMs)}`,
    );
  }
}
