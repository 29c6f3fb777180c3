/** Handlers → one ESM file each, by one call of esbuild for all (a call per function would parse the SDK seven times). */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type Actor, CUSTODY, type RotationActor, SWEEP_STEPS, type SweepActor, sweepActor } from '../shared/names.ts';
import { ACTORS } from './principals.ts';

/** By actor; those of a sweep only where anything is swept. What rotates is found where it stands, unless another is named. */
export type Entries = Readonly<Record<Actor, string>> & Readonly<Partial<Record<SweepActor | RotationActor, string>>>;

const root = join(import.meta.dirname, '..');

function rotationEntry(of: string): string {
  return join(root, 'functions', 'rotation', of, 'handler.ts');
}

/** A stage's name is its folder; custody is the custodian's. */
export function handlerEntries({ sweeps, rotatesDatabases = false }: Wanted = { sweeps: false }): Entries {
  const folder = (actor: Actor): string => (actor === CUSTODY ? 'custodian' : actor);
  const entry = (actor: Actor): string => join(root, 'functions', 'submission', folder(actor), 'handler.ts');
  const stages = Object.fromEntries(ACTORS.map((actor) => [actor, entry(actor)])) as Record<Actor, string>;
  if (!sweeps) return stages;
  const steps = SWEEP_STEPS.map((step) => [sweepActor(step), join(root, 'functions', 'sweep', step, 'handler.ts')]);
  const turns = rotatesDatabases ? { 'database-rotation': rotationEntry('database') } : {};
  return { ...stages, ...Object.fromEntries(steps), ...turns };
}

/** What a configuration asks for besides the stages. */
export interface Wanted {
  readonly sweeps: boolean;
  readonly rotatesDatabases?: boolean;
}

/** CommonJS packages inside an ES module bundle still ask for Node's builtins by `require`. */
const REQUIRE =
  "import { createRequire as parapetRequire } from 'node:module'; const require = parapetRequire(import.meta.url);";

/**
 * What the SDK would import, at the moment it needs them, to find credentials in files, browsers and metadata services. In
 * Lambda they stand in the environment, which is asked first: a fifth of each bundle would never run.
 */
const NEVER_REACHED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/token-providers',
  '@smithy/credential-provider-imds',
];

const ROTATIONS = {
  'salt-rotation': rotationEntry('salts'),
} as const satisfies Partial<Record<RotationActor, string>>;

/** @returns a folder with `<actor>/index.mjs` for each; the caller removes it once CDK has staged it. */
export function bundle(entries: Entries): string {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-bundle-'));
  buildSync({
    absWorkingDir: root,
    entryPoints: Object.entries({ ...ROTATIONS, ...entries }).map(([actor, entry]) => ({
      in: entry,
      out: join(actor, 'index'),
    })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The `module` builds are smaller and load faster than the CommonJS ones that Node's own resolution prefers.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    external: NEVER_REACHED,
    alias: { '@smithy/core/event-streams': join(import.meta.dirname, 'no-event-streams.ts') },
    banner: { js: REQUIRE },
    legalComments: 'none',
    logLevel: 'silent',
  });
  return folder;
}
