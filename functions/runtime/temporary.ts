import { closeSync, existsSync, fsyncSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const ZEROS = new Uint8Array(64 * 1024);

/**
 * Overwrites and removes whatever an invocation left in its temporary folder (requirements B14, S07). No stage writes
 * there; this holds for libraries that might. In Lambda the folder is the execution environment's own; elsewhere the
 * caller names a folder that is, as other programs' files must not be touched.
 */
export function scrubTemporary(folder: string | undefined = lambdaTemporary()): number {
  if (folder === undefined) return 0;
  let removed = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    overwrite(join(entry.parentPath, entry.name));
    removed += 1;
  }
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  return removed;
}

/** Only where Lambda's own runtime stands is `/tmp` this function's alone. */
function lambdaTemporary(): string | undefined {
  return existsSync('/var/runtime/bootstrap') && process.env.AWS_LAMBDA_FUNCTION_NAME ? '/tmp' : undefined;
}

function overwrite(path: string): void {
  const file = openSync(path, 'r+');
  try {
    for (let left = statSync(path).size; left > 0; left -= ZEROS.byteLength) {
      writeSync(file, ZEROS, 0, Math.min(left, ZEROS.byteLength));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
