/**
 * `cdk synth` of both profiles: the CLI, the bundles of every handler, CloudFormation's schemas. Aim: 10 s together on two
 * processors. The time of processors is said beside, which other work on the machine leaves nearly as it is.
 *
 * node bench/synth.ts [--rounds 3] [--json]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});
const CDK = join(import.meta.dirname, '..', 'node_modules', '.bin', 'cdk');

interface Took {
  readonly wallMs: number;
  /** Of all processors; null where the system does not say. */
  readonly processorMs: number | null;
}

/** Ticks that children which have ended spent: fields 16 and 17 of proc(5), of which there are 100 a second on Linux. */
function childrenMs(): number | null {
  if (!existsSync('/proc/self/stat')) return null;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function timed(command: string, args: (outdir: string) => readonly string[]): Took {
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-bench-synth-'));
  try {
    const before = childrenMs();
    const start = process.hrtime.bigint();
    execFileSync(command, args(outdir), { cwd: join(import.meta.dirname, '..'), stdio: 'ignore' });
    const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
    const after = childrenMs();
    return { wallMs, processorMs: before === null || after === null ? null : after - before };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const cli = (profile: string): Took =>
  timed(CDK, (outdir) => [
    'synth',
    '--quiet',
    '--output',
    outdir,
    '--context',
    `parapet=${JSON.stringify({ profile })}`,
  ]);
const once = (): Took => timed(process.execPath, (outdir) => [join(import.meta.dirname, 'synth-run.ts'), outdir]);

/** Other work on the machine can only make a round slower. */
function best(run: () => Took): Took {
  const rounds = Array.from({ length: Number(options.rounds) }, run);
  const processors = rounds.flatMap(({ processorMs }) => processorMs ?? []);
  return {
    wallMs: Math.min(...rounds.map(({ wallMs }) => wallMs)),
    processorMs: processors.length === 0 ? null : Math.min(...processors),
  };
}

const sum = (one: Took, other: Took): Took => ({
  wallMs: one.wallMs + other.wallMs,
  processorMs: one.processorMs === null || other.processorMs === null ? null : one.processorMs + other.processorMs,
});

const sandbox = best(() => cli('sandbox'));
const production = best(() => cli('production'));
const results = {
  'cdk synth, sandbox': sandbox,
  'cdk synth, production': production,
  'cdk synth, one after the other': sum(sandbox, production),
  'both in one process': best(once),
};
const load = loadavg()[0] ?? 0;
if (options.json) console.log(JSON.stringify({ ...results, load }));
else {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  for (const [name, { wallMs, processorMs }] of Object.entries(results)) {
    console.log(`${name}: ${seconds(wallMs)}${processorMs === null ? '' : `, ${seconds(processorMs)} of processors`}`);
  }
  console.log(`load ${load.toFixed(1)}`);
}
