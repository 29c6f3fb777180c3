/** Both profiles in one process, with CloudFormation's schemas: what bench/synth.ts times beside two starts of the CLI. */
import { join } from 'node:path';
import { buildApp, CONFIGURATION_FILE } from '../infra/app.ts';
import { loadConfiguration } from '../infra/config.ts';

const outdir = process.argv[2];
if (outdir === undefined) throw new Error('a folder for the assemblies');
for (const profile of ['sandbox', 'production'] as const) {
  buildApp({ config: loadConfiguration(CONFIGURATION_FILE, { profile }), outdir: join(outdir, profile) }).synth();
}
