/** The command as a process of its own, as a person or a script calls it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Ended } from '../run.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'cli', 'parapet.mjs');

export function parapetProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  cwd?: string,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, AWS_ACCESS_KEY_ID: undefined, AWS_PROFILE: undefined, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
}
