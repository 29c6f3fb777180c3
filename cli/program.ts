/** Makes a program of the command table, runs it once, and turns whatever goes wrong into a problem and an exit code. */
import { Command, CommanderError, Help } from 'commander';
import { Problem } from '../shared/problem.ts';
import { EXIT, EXIT_CODES, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { note, reportProblem } from './terminal.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Imported only when the command is called: no command waits for another's dependencies. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/**
 * Runs `argv` (without node and script) and resolves with the exit code; never throws. A command that gives a negative answer
 * without throwing sets `process.exitCode`.
 */
export async function runProgram(entries: readonly CommandEntry[], argv: readonly string[]): Promise<number> {
  process.exitCode = EXIT.ok;
  let program: Command | undefined;
  try {
    program = await makeProgram(entries, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    return endWith(program === undefined ? error : misspelt(error, program, argv), argv.includes('--json'));
  }
}

async function makeProgram(entries: readonly CommandEntry[], argv: readonly string[]): Promise<Command> {
  const codes = EXIT_CODES.map(({ code, meaning }) => `  ${code}  ${meaning}`);
  const program = new Command('parapet')
    .description('A data perimeter and parity checker for AWS.')
    .exitOverride()
    // Errors are printed once, as problems.
    .configureOutput({ outputError: () => undefined })
    // An empty list or map is no default that a person could have meant.
    .configureHelp({
      optionDescription(option) {
        return Help.prototype.optionDescription.call(this, option).replace(/ ?\(default: (?:\[\]|\{\})\)$/, '');
      },
    })
    .addHelpText('after', ['', 'Exit codes:', ...codes].join('\n'));
  const [first, second] = argv.filter((argument) => !argument.startsWith('-'));
  const called = first === 'help' ? second : first;
  for (const { name, summary, load } of entries) {
    if (name !== called) {
      program.command(name).description(summary);
      continue;
    }
    const { command } = await load();
    prepare(command, program);
    program.addCommand(command);
  }
  return program;
}

/** Every command that does something takes `--json`, and none ends the process by itself. */
function prepare(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  if (command.commands.length === 0 && !command.options.some(({ long }) => long === '--json')) {
    command.option('--json', 'write the answer as one JSON object');
  }
  for (const child of command.commands) prepare(child, command);
}

/** Commander looks for required options first; where one is unknown, that is the mistake to name: it may be the required one, misspelt. */
function misspelt(error: unknown, program: Command, argv: readonly string[]): unknown {
  if (!(error instanceof CommanderError) || error.code !== 'commander.missingMandatoryOptionValue') return error;
  let command = program;
  for (const word of argv) {
    const child = command.commands.find((each) => each.name() === word);
    if (child === undefined) break;
    command = child;
  }
  const known = new Set(command.options.map(({ long }) => long));
  const unknown = argv.map((word) => word.replace(/=.*$/s, '')).find((word) => /^--./.test(word) && !known.has(word));
  return unknown === undefined
    ? error
    : new CommanderError(error.exitCode, 'commander.unknownOption', `error: unknown option '${unknown}'`);
}

function endWith(error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const problem = toProblem(error);
  // A command that is called without its subcommand has printed its help already.
  if (json || !(error instanceof CommanderError && error.code === 'commander.help')) {
    reportProblem({ json }, problem.toDocument());
  }
  if (process.env.PARAPET_DEBUG !== undefined && error instanceof Error) note(error.stack ?? error.message);
  return exitCodeOf(problem.code);
}

const DENIALS: ReadonlySet<string> = new Set(['AccessDenied', 'AccessDeniedException', 'Forbidden']);

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CommanderError) {
    return new Problem('usage-invalid', { detail: error.message.replace(/^error: /, ''), cause: error });
  }
  if (!(error instanceof Error)) return new Problem('internal-failure', { cause: error });
  if ('code' in error && error.code === 'ENOENT' && 'path' in error) {
    return new Problem('not-found', { detail: `${String(error.path)} cannot be read.`, cause: error });
  }
  const code = DENIALS.has(error.name) ? 'access-denied' : 'internal-failure';
  return new Problem(code, { detail: `${error.name}: ${error.message}`, cause: error });
}
