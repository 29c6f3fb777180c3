/** The `parapet` command: a table of subcommands, each imported when it is called. Started by cli/parapet.mjs. */
import { type CommandEntry, runProgram } from './program.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'verify',
    summary: 'verify a seal, or the proof of one entry, offline with the public key alone',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'contract',
    summary: 'check, sign and verify contracts and rule packs',
    load: () => import('./commands/contract.ts'),
  },
  {
    name: 'keys',
    summary: 'make signing keys, and name a key by its id',
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'requirements',
    summary: 'list which requirements have passing tests, and which have none',
    load: () => import('./commands/requirements.ts'),
  },
];

if (import.meta.main) process.exitCode = await runProgram(COMMANDS, process.argv.slice(2));
