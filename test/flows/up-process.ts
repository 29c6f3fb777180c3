/** `parapet up` as a person starts it: a process of its own, known by the line that it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '..', '..');
export const LAUNCHER = join(ROOT, 'cli', 'parapet.mjs');

const Ready = z.object({
  endpoint: z.url(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  landingBucket: z.string(),
  connection: z.string(),
});

export interface Up {
  readonly ready: z.infer<typeof Ready>;
  readonly s3: S3Client;
  /** Ends the process that was started, as SIGKILL does: without a word to it. */
  kill(): Promise<void>;
  /** As Ctrl-C does; resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

/** `flags` are Node's own. */
export async function startUp(folder: string, flags: readonly string[] = []): Promise<Up> {
  const child = spawn(process.execPath, [...flags, LAUNCHER, 'up', '--folder', folder, '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = Ready.parse(JSON.parse(await firstLine(child)));
  const { endpoint, region, accessKeyId, secretAccessKey } = ready;
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    s3.destroy();
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  };
  return {
    ready,
    s3,
    kill: async () => {
      await end('SIGKILL');
    },
    interrupt: () => end('SIGINT'),
  };
}

/** Runs one command to its end, and gives what it printed. */
export async function parapet(...given: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [LAUNCHER, ...given], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`parapet ${given[0]} ended with ${code}`);
  return text.trim();
}

/** The process that holds the folder; `undefined` when none does. */
export function holderOf(folder: string): number | undefined {
  const holder = Number(readFileSync(join(folder, 'lock.pid'), 'utf8'));
  try {
    process.kill(holder, 0);
    return holder;
  } catch {
    return undefined;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no standard output');
  const exited = once(child, 'exit').then(([code]): never => {
    throw new Error(`parapet up ended with ${String(code)} before it was ready`);
  });
  const line = once(createInterface(child.stdout), 'line').then(([text]) => String(text));
  return Promise.race([line, exited]);
}
