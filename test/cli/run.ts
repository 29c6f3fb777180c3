import { vi } from 'vitest';
import { COMMANDS } from '../../cli/main.ts';
import { runProgram } from '../../cli/program.ts';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process and gives what it wrote. */
export async function parapet(...argv: readonly string[]): Promise<Ended> {
  const written = { out: '', err: '' };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text);
    return true;
  });
  const exitCode = process.exitCode;
  try {
    return { code: await runProgram(COMMANDS, argv), ...written };
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = exitCode;
  }
}

/** The one object that `--json` writes. */
export function jsonOf({ out }: Ended): unknown {
  return JSON.parse(out);
}
