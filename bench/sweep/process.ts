/** A program in a process of its own, with what it printed, how long it took and the most memory that it and its children ever held. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Ran {
  readonly stdout: string;
  readonly exitCode: number;
  readonly seconds: number;
  /** Of this process and its descendants. Resident, and summed; undefined where there is no /proc. */
  readonly peakBytes: number | undefined;
  /** Processor time that they took, as of the last sample; 0 where there is no /proc. */
  readonly processorSeconds: number;
}

const SAMPLE_MS = 20;

export function run(program: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [program, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    let peak: number | undefined;
    let processorSeconds = 0;
    const sample = (): void => {
      const bytes = child.pid === undefined ? undefined : treeBytes(child.pid);
      if (bytes !== undefined) peak = Math.max(peak ?? 0, bytes);
      if (child.pid !== undefined) processorSeconds = Math.max(processorSeconds, processorTime(child.pid));
    };
    const timer = setInterval(sample, SAMPLE_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - start) / 1000;
      if (code === null || code > 2)
        reject(
          new Error(
            `${program} ended with ${code}: ${Buffer.concat([...stdout, ...stderr]).toString('utf8', 0, 2000)}`,
          ),
        );
      else
        resolve({
          stdout: Buffer.concat(stdout).toString('utf8'),
          exitCode: code,
          seconds,
          peakBytes: peak,
          processorSeconds,
        });
    });
  });
}

/** The most that a process ever held, as the kernel keeps it; so a short peak between two samples counts too. */
function treeBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    return childrenOf(pid).reduce((sum, child) => sum + (treeBytes(child) ?? 0), own);
  } catch {
    return undefined;
  }
}

/** Ticks of the kernel's accounting: 100 a second on every Linux that there is. */
const TICKS = 100;

/** Seconds of processor that a process and its children, also those that ended, took so far; 0 where there is no /proc. */
export function processorTime(pid: number): number {
  try {
    // The name, which may hold anything, stands in parentheses.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
    return childrenOf(pid).reduce((sum, child) => sum + processorTime(child), own);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** The parent, such as the postmaster of a backend; undefined where there is no /proc. */
export function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
