import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cycles, importGraph, type Module } from './support/import-graph.ts';

const root = join(import.meta.dirname, '..');
const modules = importGraph(root);

/** Who may import whom. `from` and `to` are path prefixes; what `to` does not list is refused. Every rule says why. */
const DIRECTIONS: readonly { from: string; to: readonly string[]; because: string }[] = [
  {
    from: 'shared/',
    to: ['shared/'],
    because: 'shared says what things mean; it knows neither a function nor a cloud',
  },
  {
    from: 'functions/',
    to: ['functions/', 'shared/'],
    because: 'a function must not know whether it runs in AWS or on a laptop',
  },
  {
    from: 'infra/',
    to: [
      'infra/',
      'shared/contract/',
      'shared/environment.ts',
      'shared/names.ts',
      'shared/messages.ts',
      'shared/problem.ts',
    ],
    because:
      'infrastructure shares names and messages with the handlers and points at them by path; it runs none of their code',
  },
  {
    from: 'local/',
    to: ['local/', 'shared/', 'infra/app.ts', 'infra/config.ts'],
    because: 'the embedded cloud reads the synthesized template and runs bundles; it must not call a handler beside it',
  },
  {
    from: 'cli/',
    to: ['cli/', 'local/', 'infra/', 'functions/', 'shared/'],
    because: 'the command stands on everything but tests',
  },
];

/** Packages that a room may use. What is not listed is refused. */
const PACKAGES: readonly { from: string; packages: readonly RegExp[]; because: string }[] = [
  {
    from: 'shared/',
    packages: [
      /^zod$/,
      /^@noble\/hashes$/,
      /^jose$/,
      /^csv-parse$/,
      /^saxes$/,
      /^node:(crypto|buffer|util|zlib|string_decoder|assert)$/,
    ],
    because: 'shared is pure: no file, socket, process, clock or SDK',
  },
];

function importsOf(from: string, list: (module: Module) => readonly string[]): { path: string; target: string }[] {
  return modules
    .filter((module) => module.path.startsWith(from))
    .flatMap((module) => list(module).map((target) => ({ path: module.path, target })));
}

const sdk = (target: string): boolean => target.startsWith('@aws-sdk') || target.startsWith('@smithy');
const stageOf = (path: string): string | undefined => /^functions\/(?:submission|sweep)\/([^/]+)\//.exec(path)?.[1];

describe('architecture', () => {
  it('finds the rooms', () => {
    expect(modules.map((module) => module.path)).toContain('shared/problem.ts');
  });

  it.each(DIRECTIONS)('$from imports only $to: $because', ({ from, to }) => {
    const wrong = importsOf(from, (module) => module.internal).filter(
      ({ target }) => !to.some((prefix) => target.startsWith(prefix)),
    );
    expect(wrong).toEqual([]);
  });

  it.each(PACKAGES)('$from uses only $packages: $because', ({ from, packages }) => {
    const wrong = importsOf(from, (module) => module.external).filter(
      ({ target }) => !packages.some((allowed) => allowed.test(target)),
    );
    expect(wrong).toEqual([]);
  });

  it('lets only functions/aws (and the command, as a client) import the AWS SDK: a stage speaks to ports', () => {
    const wrong = ['shared/', 'functions/', 'infra/', 'local/']
      .flatMap((from) => importsOf(from, (module) => module.external))
      .filter(({ path, target }) => sdk(target) && !path.startsWith('functions/aws/'));
    expect(wrong).toEqual([]);
  });

  it('keeps every SDK client in a file of its own, so that no bundle carries a client that it does not call', () => {
    const crowded = modules
      .filter((module) => module.path.startsWith('functions/aws/'))
      .filter((module) => new Set(module.external.filter((target) => target.startsWith('@aws-sdk/client-'))).size > 1);
    expect(crowded.map((module) => module.path)).toEqual([]);
  });

  it('[B19] never lets one stage import another: what they share is a message or lies in shared', () => {
    const shared = new Set(['protocol', 'engines']);
    const wrong = importsOf('functions/', (module) => module.internal).filter(({ path, target }) => {
      const mine = stageOf(path);
      const theirs = stageOf(target);
      return mine !== undefined && theirs !== undefined && mine !== theirs && !shared.has(theirs);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps the mathematics free of policy and contracts: it must stay checkable by itself', () => {
    const wrong = ['shared/canonical/', 'shared/fingerprint/', 'shared/sketch/', 'shared/merkle/']
      .flatMap((from) => importsOf(from, (module) => module.internal))
      .filter(({ target }) => /^shared\/(policy|contract|credential|audit)\//.test(target));
    expect(wrong).toEqual([]);
  });

  it('has no import cycle: two files that need each other are one idea, or hide a third', () => {
    expect(cycles(modules)).toEqual([]);
  });

  it('keeps rooms small: a file over 400 lines is two files', () => {
    const long = modules.filter((module) => module.lines > 401).map((module) => `${module.path}: ${module.lines}`);
    expect(long).toEqual([]);
  });

  it('has no utils: a name must say what is inside', () => {
    expect(
      modules.map((module) => module.path).filter((path) => /\/(utils?|helpers?|misc|common)(\.ts|\/)/.test(path)),
    ).toEqual([]);
  });
});
