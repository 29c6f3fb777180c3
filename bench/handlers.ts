/**
 * How large each handler's bundle is, and how long a fresh process needs to load it: the best of several, so that other
 * work on the machine changes little. Aims: 500 KB and 60 ms each.
 *
 * node bench/handlers.ts [--rounds 10] [--json]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundle, handlerEntries } from '../infra/bundle.ts';
import { ENVIRONMENT } from '../shared/environment.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, json: { type: 'boolean', default: false } },
});
const AIM = { bytes: 500_000, loadMs: 60 };

/** What every handler asks for before it exports anything: form counts, not truth. */
const environment = {
  ...Object.fromEntries(Object.values(ENVIRONMENT).map((name) => [name, 'measured'])),
  [ENVIRONMENT.auditRetentionDays]: '1',
  [ENVIRONMENT.auditRetentionMode]: 'GOVERNANCE',
  [ENVIRONMENT.leaseSeconds]: '60',
  [ENVIRONMENT.longestTokenSeconds]: '60',
  AWS_REGION: 'us-east-1',
};

interface Load {
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

function load(file: string): Load {
  const script = join(import.meta.dirname, 'handler-load.mjs');
  return JSON.parse(execFileSync(process.execPath, [script, file], { encoding: 'utf8', env: environment }));
}

const folder = bundle(handlerEntries());
try {
  const handlers = Object.keys(handlerEntries()).map((actor) => {
    const file = join(folder, actor, 'index.mjs');
    const bytes = readFileSync(file);
    const loads = Array.from({ length: Number(options.rounds) }, () => load(file));
    return {
      actor,
      bytes: bytes.length,
      zippedBytes: gzipSync(bytes).length,
      loadMs: Math.min(...loads.map(({ elapsedMs }) => elapsedMs)),
      cpuMs: Math.min(...loads.map(({ cpuMs }) => cpuMs)),
    };
  });
  if (options.json) console.log(JSON.stringify({ aim: AIM, handlers }));
  else {
    console.log('handler         bundle     zipped   load (CPU)');
    for (const { actor, bytes, zippedBytes, loadMs, cpuMs } of handlers) {
      const kilobytes = (count: number): string => `${(count / 1000).toFixed(0)} KB`.padStart(8);
      const aims = bytes <= AIM.bytes && loadMs <= AIM.loadMs ? '' : '  aim missed';
      console.log(
        `${actor.padEnd(14)} ${kilobytes(bytes)} ${kilobytes(zippedBytes)}   ${loadMs.toFixed(0)} ms (${cpuMs.toFixed(0)} ms)${aims}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
