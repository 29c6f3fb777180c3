/**
 * One start of the embedded cloud in a process of its own, up to the first export of a sample and the seal of its run. Prints
 * milliseconds since the process began, as JSON. With `--cold` no assembly is at hand: the templates are synthesized and the
 * handlers bundled, as after every change of a source.
 *
 * node bench/first-export-run.ts [--cold]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from '../cli/session/clients.ts';
import { startEmbedded } from '../cli/session/embedded.ts';
import { issuerOf } from '../cli/session/issuer.ts';
import { tokenFor, upload } from '../cli/session/submission.ts';
import { handlerEntries } from '../infra/bundle.ts';
import type { Cloud } from '../local/cloud.ts';
import { ASSET_PATH } from '../local/template/deployment.ts';
import { samplePayload } from './samples.ts';

const RECORDS = 100;

const cold = process.argv.includes('--cold');
const folder = mkdtempSync(join(tmpdir(), 'parapet-bench-'));
let assembly: string | undefined;
try {
  const cloud = await startEmbedded({ folder, ...(cold ? { entries: entriesNeverSeen() } : {}) });
  const readyMs = performance.now();
  assembly = assemblyOf(cloud.cloud);
  let exportMs: number | undefined;
  cloud.cloud.setHook(({ caller, operation }) => {
    if (caller.name.endsWith('-egress') && operation === 'S3.PutObject') exportMs ??= performance.now();
    return undefined;
  });
  await submit(cloud.connection, join(folder, 'sample.csv'));
  await cloud.cloud.idle();
  const sealedMs = performance.now();
  await cloud.cloud.stop();
  console.log(JSON.stringify({ readyMs, exportMs, sealedMs }));
} finally {
  rmSync(folder, { recursive: true, force: true });
  // Nobody will ask for it again.
  if (cold && assembly !== undefined) rmSync(assembly, { recursive: true, force: true });
}

/** The same handlers by another text, so that the cache of assemblies does not know them. */
function entriesNeverSeen(): ReturnType<typeof handlerEntries> {
  const entries = handlerEntries();
  const file = join(folder, 'seal.ts');
  writeFileSync(file, `export { handler } from ${JSON.stringify(entries.seal)}; // ${process.pid} ${Date.now()}\n`);
  return { ...entries, seal: file };
}

/** The folder in which the code of the functions lies. */
function assemblyOf({ deployment }: Cloud): string | undefined {
  const [code] = deployment.ofType('AWS::Lambda::Function').flatMap(({ metadata }) => metadata[ASSET_PATH] ?? []);
  return typeof code === 'string' ? dirname(code) : undefined;
}

async function submit(connection: Parameters<typeof connect>[0], file: string): Promise<void> {
  writeFileSync(file, await samplePayload('csv', RECORDS));
  const uploader = connect(connection, 'uploader');
  const key = 'bench/sample.csv';
  const dataset = 'grant-submission';
  const token = await tokenFor(file, { connection, ...issuerOf(connection, {}), subject: 'bench', dataset, key });
  await upload(uploader, connection.buckets.landing, file, { key, token, contentType: 'text/csv' });
  uploader.close();
}
