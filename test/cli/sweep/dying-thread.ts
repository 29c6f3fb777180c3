/** A worker thread that dies in the middle of the first task of all of them, once; then it is an ordinary one. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { folder }: { readonly folder: string } = workerData;
const mark = join(folder, '.died');
parentPort?.once('message', () => {
  if (existsSync(mark)) return;
  writeFileSync(mark, '');
  // As the kernel would end it: no handler runs, and no answer is sent.
  process.exit(137);
});
await import('../../../cli/sweep/thread.ts');
