import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EXIT, EXIT_CODES, exitCodeOf } from '../../cli/exit-codes.ts';
import { COMMANDS } from '../../cli/main.ts';
import { runProgram } from '../../cli/program.ts';
import { Problem } from '../../shared/problem.ts';
import { jsonOf, parapet } from './run.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

describe('parapet', () => {
  it('says how it is called, and which exit codes there are', async () => {
    const { code, out } = await parapet('--help');
    expect(code).toBe(EXIT.ok);
    for (const { name } of COMMANDS) expect(out).toContain(`  ${name} `);
    for (const { code: each, meaning } of EXIT_CODES) expect(out).toContain(`  ${each}  ${meaning}`);
  });

  it('runs as a process', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'keys', '--help']);
    expect(stdout).toContain('Usage: parapet keys');
  });

  it.each(COMMANDS.map(({ name }) => [name]))('%s has help, and --json wherever it does something', async (name) => {
    const { code, out } = await parapet(name, '--help');
    expect(code).toBe(EXIT.ok);
    expect(out).toContain(`Usage: parapet ${name}`);
    const { command } = (await COMMANDS.find((entry) => entry.name === name)?.load()) ?? { command: new Command() };
    for (const leaf of leavesOf(command)) expect(leaf.helpInformation()).toContain('--json');
  });

  it.each([
    ['nothing', []],
    ['an unknown command', ['bogus']],
    ['an unknown option', ['keys', 'id', 'x', '--bogus']],
    ['a missing argument', ['keys', 'id']],
    ['an argument too many', ['keys', 'id', 'x', 'y']],
    ['a command without its subcommand', ['keys']],
    ['a number that is none', ['demo', '--records', 'many']],
    ['a number that is none', ['submit', 'x.csv', '--timeout', '']],
    ['a port that is none', ['up', '--port', 'abc']],
    ['a port beyond all ports', ['up', '--port', '65536']],
    ['a number that is too small', ['demo', '--records', '0']],
  ])('ends with 3 when called with %s', async (_what, argv) => {
    const ended = await parapet(...argv);
    expect(ended.code).toBe(EXIT.usage);
    expect(ended.err).not.toBe('');
  });

  it.each([
    ['verify', ['verify', '/nowhere']],
    ['contract check', ['contract', 'check', '/nowhere']],
    ['generate', ['generate', '--contract', '/nowhere']],
    ['keys', ['keys', 'id', '/nowhere']],
  ])('%s ends with 4, and names the file, where it is given one that is not there', async (_command, argv) => {
    const { code, err } = await parapet(...argv);
    expect(code).toBe(EXIT.missing);
    expect(err).toContain('/nowhere cannot be read.');
  });

  it('removes nothing but what a demonstration has left', async () => {
    const home = mkdtempSync(join(tmpdir(), 'parapet-home-'));
    try {
      mkdirSync(join(home, 'samples'));
      writeFileSync(join(home, 'thesis.txt'), 'years of work');
      const { code, err } = await parapet('demo', '--folder', home);
      expect(code).toBe(EXIT.usage);
      expect(err).toContain('name another folder');
      expect(readdirSync(home).toSorted()).toEqual(['samples', 'thesis.txt']);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('reports a problem as code, title and detail, or as its document', async () => {
    const plain = await parapet('bogus');
    expect(plain.err).toContain('usage-invalid: The command was not called rightly.\n  unknown command');
    expect(plain.out).toBe('');
    const json = await parapet('bogus', '--json');
    expect(jsonOf(json)).toMatchObject({ type: 'urn:parapet:problem:usage-invalid', status: 400 });
  });

  it('says every mistake of a configuration once, and in words', async () => {
    const missing = await parapet('doctor', '--config', '/nowhere.json');
    expect(missing.code).toBe(EXIT.missing);
    expect(missing.err).toContain('/nowhere.json: there is no such file');
    const home = mkdtempSync(join(tmpdir(), 'parapet-home-'));
    try {
      const file = join(home, 'wrong.json');
      writeFileSync(file, '{"deployment": 1}');
      const { err } = await parapet('doctor', '--config', file);
      expect(err.match(/\/deployment: a value of type string/g)).toHaveLength(1);
      const other = await parapet('doctor', '--connection', file);
      expect(other.err).toContain('wrong.json is not a connection.');
      expect(other.err).toContain(': required (');
      expect(other.err).not.toContain('invalid_type');
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('names an unknown option before a required one that is missing', async () => {
    const { code, err } = await parapet('sweep', '--bogus=x');
    expect(code).toBe(EXIT.usage);
    expect(err).toContain("unknown option '--bogus'");
    expect((await parapet('sweep')).err).toContain("required option '--contract");
  });

  it.each([['sweep'], ['contract', 'decide']])('shows no empty default: %s %s', async (...words) => {
    expect((await parapet(...words, '--help')).out).not.toMatch(/default: (\[\]|\{\})/);
  });

  it('says that a file cannot be written', async () => {
    const { code, err } = await parapet('generate', '--records', '1', '--out', '/nowhere/x.csv');
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('/nowhere/x.csv cannot be written.');
  });

  it('gives help on a command by name', async () => {
    expect((await parapet('help', 'keys')).out).toContain('Usage: parapet keys');
  });
});

describe('a command that fails', () => {
  const failing = (error: unknown) => [
    {
      name: 'fail',
      summary: '',
      load: async () => ({
        command: new Command('fail').action(() => {
          throw error;
        }),
      }),
    },
  ];
  const named = (name: string): Error => Object.assign(new Error('no'), { name });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = 0;
  });

  it.each([
    ['a problem of the input', new Problem('seal-invalid'), EXIT.refused],
    ['a problem of our own', new Problem('internal-failure'), EXIT.failed],
    ['an untrusted contract', new Problem('contract-untrusted'), EXIT.refused],
    ['a thing that is not there', new Problem('run-unknown'), EXIT.missing],
    ['a denial', new Problem('access-denied'), EXIT.denied],
    ['a denial by AWS', named('AccessDeniedException'), EXIT.denied],
    ['what is not there yet', new Problem('not-implemented'), EXIT.unsupported],
    ['an error', new TypeError('no'), EXIT.failed],
    ['no error at all', 'text', EXIT.failed],
  ])('by %s ends with its code', async (_what, error, code) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(failing(error), ['fail'])).toBe(code);
    expect(written).toHaveBeenCalled();
  });
});

describe('exit codes', () => {
  it('follow from the problem', () => {
    expect(exitCodeOf('usage-invalid')).toBe(EXIT.usage);
    expect(exitCodeOf('credential-expired')).toBe(EXIT.refused);
    expect(exitCodeOf('scope-escalation')).toBe(EXIT.refused);
    expect(exitCodeOf('rule-pack-untrusted')).toBe(EXIT.refused);
    expect(exitCodeOf('rule-pack-failed')).toBe(EXIT.failed);
  });
});

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}
