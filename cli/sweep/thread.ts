/** The program of a worker thread: takes one task after the other, and says what became of it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { HashTask } from '../../functions/sweep/protocol/tasks.ts';
import { openUrls } from './endpoints.ts';
import { folderStore } from './folder-store.ts';
import { HashWorker } from './hash-worker.ts';
import { localKeys } from './local-keys.ts';
import { toMessage, type WorkerAnswer } from './messages.ts';
import { END, type ThreadSetup } from './thread-lane.ts';

/** Rows are told of at most so often. */
const TELL_MS = 100;

const { contract, urls, folder, storeKey, masterKey, synced }: ThreadSetup = workerData;
const tell = (answer: WorkerAnswer): void => parentPort?.postMessage(answer);

const worker = new HashWorker({
  contract,
  open: openUrls(urls),
  store: folderStore(folder, storeKey, synced),
  keys: localKeys(masterKey),
  clock: { now: () => performance.timeOrigin + performance.now() },
});

async function run(task: HashTask): Promise<void> {
  let rows = 0;
  let last = performance.now();
  const tellRows = (): void => {
    tell({ type: 'rows', rows });
    rows = 0;
    last = performance.now();
  };
  try {
    await worker.run(task, (more) => {
      rows += more;
      if (performance.now() - last >= TELL_MS) tellRows();
    });
    tellRows();
    tell({ type: 'done' });
  } catch (error) {
    tellRows();
    tell({ type: 'failed', error: toMessage(error) });
  }
}

async function end(): Promise<void> {
  await worker.close();
  parentPort?.close();
}

parentPort?.on('message', (task: HashTask | typeof END) => void (task === END ? end() : run(task)));
