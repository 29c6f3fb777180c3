/**
 * Synthesized assemblies by the digest of everything that they are made from, so that only a changed source or
 * configuration is synthesized again. An assembly stays where it is while a cloud runs from it.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { AppOptions } from '../infra/app.ts';
import { type DeploymentConfiguration, loadConfiguration } from '../infra/config.ts';

const ROOT = join(import.meta.dirname, '..');
/** With what judges the definitions: an assembly that is found here has been judged. */
const SOURCES = ['infra', 'functions', 'shared', 'local/states'];
/** What resolves the packages that go into the bundles. */
const FILES = ['package-lock.json', 'tsconfig.json'];
/** Of the repository: shared by every state folder, and no state itself. */
const CACHE = join(ROOT, '.parapet', 'assemblies');
const KEPT_MS = 7 * 24 * 3_600_000;

export interface Assembly {
  readonly folder: string;
  /** Whether it had to be synthesized. */
  readonly fresh: boolean;
  /** Whether a cloud has found that it can run it. */
  readonly accepted: boolean;
  accept(): void;
}

export type AssemblyOptions = Pick<AppOptions, 'entries'> & { readonly config: DeploymentConfiguration };

/** The deployment's configuration as `cdk deploy` would read it. */
export function ownConfiguration(): DeploymentConfiguration {
  return loadConfiguration(join(ROOT, 'parapet.config.json'));
}

export async function findAssembly(options: AssemblyOptions): Promise<Assembly> {
  const folder = join(CACHE, digestOf(options));
  if (existsSync(join(folder, 'manifest.json'))) return assemblyIn(folder, false);
  mkdirSync(CACHE, { recursive: true });
  forget();
  const outdir = mkdtempSync(join(CACHE, 'new-'));
  // The CDK takes a second to load: only when it is needed.
  const { synthesize } = await import('../infra/app.ts');
  try {
    synthesize({ ...options, outdir });
    renameSync(outdir, folder);
  } catch (error) {
    rmSync(outdir, { recursive: true, force: true });
    // Another process may have been faster: both are the same.
    if (!existsSync(join(folder, 'manifest.json'))) throw error;
  }
  return assemblyIn(folder, true);
}

function assemblyIn(folder: string, fresh: boolean): Assembly {
  const mark = join(folder, 'accepted');
  return { folder, fresh, accepted: existsSync(mark), accept: () => writeFileSync(mark, '') };
}

function digestOf({ config, entries }: AssemblyOptions): string {
  const hash = createHash('sha256');
  const add = (name: string, content: string | Uint8Array): void => {
    hash.update(`${name}\0${content.length}\0`).update(content);
  };
  add('node', process.versions.node);
  add('config', JSON.stringify(config));
  for (const file of FILES) add(file, readFileSync(join(ROOT, file)));
  for (const folder of SOURCES) for (const file of filesBelow(join(ROOT, folder))) add(keyOf(file), readFileSync(file));
  // Handlers of a test's own.
  for (const [actor, file] of Object.entries(entries ?? {})) add(actor, readFileSync(file));
  return hash.digest('hex').slice(0, 32);
}

const keyOf = (file: string): string => relative(ROOT, file).split(sep).join('/');

/** In the order of their names by code unit, whatever the file system gives. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((one, other) => (one < other ? -1 : 1));
}

/** Old ones go; a cloud that has run from one for longer than a week would be the exception. */
function forget(): void {
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
