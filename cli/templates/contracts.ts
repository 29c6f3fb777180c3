import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseContract } from '../../shared/contract/parse.ts';
import type { Contract } from '../../shared/contract/schema.ts';

/** The contracts of submissions that lie in `contracts/`; those of sweeps, which lie beside them, are none. @throws Problem `configuration-invalid` for one that is none. */
export function contractsIn(root: string): { readonly file: string; readonly contract: Contract }[] {
  const folder = join(root, 'contracts');
  return readdirSync(folder)
    .filter((name) => /\.v\d+\.json$/.test(name))
    .sort()
    .map((name) => ({ file: join('contracts', name), text: readFileSync(join(folder, name), 'utf8') }))
    .filter(({ text }) => JSON.parse(text).kind !== 'equivalence')
    .map(({ file, text }) => ({ file, contract: parseContract(text) }));
}
