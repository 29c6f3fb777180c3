import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileGates } from '../../../cli/sweep/file-gates.ts';
import { beginSweep } from '../../../functions/sweep/protocol/gate.ts';
import { gateStoreCases } from '../../conformance/gate-store.cases.ts';

let folder: string;
let ordinal = 0;
const dataset = (): string => `things-${++ordinal}`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-gates-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('gates in a folder', () => {
  gateStoreCases(async () => ({ store: fileGates(folder), dataset: dataset() }));

  it('keeps no more revisions than anybody may be about to write over', async () => {
    const name = dataset();
    for (let sweep = 0; sweep < 120; sweep++) await beginSweep(fileGates(folder), name, () => 'e');
    expect(readdirSync(join(folder, 'gates', name)).length).toBeLessThan(110);
    expect((await fileGates(folder).read(name))?.gate.begun).toBe(120);
    expect(readdirSync(folder).toSorted()).toEqual(['closings', 'gates']);
  });

  it('believes no file that says something else: nothing opens by it', async () => {
    const name = dataset();
    await beginSweep(fileGates(folder), name, () => 'e');
    writeFileSync(join(folder, 'gates', name, '000000007.json'), '{"dataset":"other"}');
    await expect(fileGates(folder).read(name)).rejects.toMatchObject({ code: 'configuration-invalid' });
  });
});
