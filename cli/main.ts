/** The `parapet` command: a table of subcommands, each imported when it is called. Started by cli/parapet.mjs. */
import { type CommandEntry, runProgram } from './program.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'boot the embedded cloud, upload samples, show what became of every record',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'up',
    summary: 'serve the embedded cloud on loopback until interrupted',
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'submit',
    summary: 'upload a file and say what became of every record',
    load: () => import('./commands/submit.ts'),
  },
  {
    name: 'status',
    summary: 'say what became of a run',
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'retry',
    summary: 'take up a run that failed',
    load: () => import('./commands/retry.ts'),
  },
  {
    name: 'token',
    summary: 'mint a submission token for a file',
    load: () => import('./commands/token.ts'),
  },
  {
    name: 'quarantine',
    summary: 'list, explain, release and discard what was turned away',
    load: () => import('./commands/quarantine.ts'),
  },
  {
    name: 'seal',
    summary: 'fetch the evidence of a run, to be verified offline',
    load: () => import('./commands/seal.ts'),
  },
  {
    name: 'seed',
    summary: 'fill the registries from files',
    load: () => import('./commands/seed.ts'),
  },
  {
    name: 'verify',
    summary: 'verify a seal, or the proof of one entry, offline with the public key alone',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'contract',
    summary: 'check, sign and verify contracts and rule packs; draft the contract of a sweep from two schemas',
    load: () => import('./commands/contract.ts'),
  },
  {
    name: 'keys',
    summary: 'make signing keys, and name a key by its id',
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'sweep',
    summary: 'say whether two copies of a dataset are equal, or which rows differ',
    load: () => import('./commands/sweep.ts'),
  },
  {
    name: 'breaker',
    summary: 'say which breakers of sweeps are open and why, and close one',
    load: () => import('./commands/breaker.ts'),
  },
  {
    name: 'gate',
    summary: 'say by the exit code whether consumers may take a dataset',
    load: () => import('./commands/gate.ts'),
  },
  {
    name: 'generate',
    summary: 'make sample records: any number, seeded, with a chosen share of faults',
    load: () => import('./commands/generate.ts'),
  },
  {
    name: 'perimeter',
    summary: 'prove offline who may do what in a deployment, and that the proof would notice a mistake',
    load: () => import('./commands/perimeter.ts'),
  },
  {
    name: 'roles',
    summary: 'who may do what; the SQL that makes it so in a PostgreSQL, and what differs there',
    load: () => import('./commands/roles.ts'),
  },
  {
    name: 'cost',
    summary: 'say what a deployment costs a month, per resource, and what its records cost',
    load: () => import('./commands/cost.ts'),
  },
  {
    name: 'diagram',
    summary: 'draw a deployment from its own templates',
    load: () => import('./commands/diagram.ts'),
  },
  {
    name: 'doctor',
    summary: 'look at a configuration before it is deployed, or at a deployed stack, and say what to do',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'posture',
    summary: 'run the production checklist against a configuration or a deployed stack, row by row',
    load: () => import('./commands/posture.ts'),
  },
  {
    name: 'evidence',
    summary: 'write the controls and what the tests say of them, as OSCAL',
    load: () => import('./commands/evidence.ts'),
  },
  {
    name: 'requirements',
    summary: 'list which requirements have passing tests, and which have none',
    load: () => import('./commands/requirements.ts'),
  },
];

if (import.meta.main) process.exitCode = await runProgram(COMMANDS, process.argv.slice(2));
