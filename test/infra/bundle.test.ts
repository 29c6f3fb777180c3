import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, handlerEntries } from '../../infra/bundle.ts';
import { ACTORS } from '../../infra/principals.ts';

let folder: string;
beforeAll(() => {
  folder = bundle(handlerEntries());
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const code = (actor: string): string => readFileSync(join(folder, actor, 'index.mjs'), 'utf8');

describe.each(ACTORS)('the bundle of %s', (actor) => {
  it('needs nothing at its start that Lambda does not have: only Node’s own modules', () => {
    const imports = [...code(actor).matchAll(/\b(?:import|export)\b[^;"'()]*?\bfrom\s*["']([^"']+)["']/g)].map(
      (match) => match[1] ?? '',
    );
    expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(imports).not.toEqual([]);
  });

  it('exports a handler', () => {
    expect(code(actor)).toMatch(/export\s*\{[^}]*\bas handler\b[^}]*\}/);
  });
});
