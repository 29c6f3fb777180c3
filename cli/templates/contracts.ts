import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseContract } from '../../shared/contract/parse.ts';
import type { Contract } from '../../shared/contract/schema.ts';

/** The contracts of datasets that lie in `contracts/`. @throws Problem `configuration-invalid` for one that is none. */
export function contractsIn(root: string): { readonly file: string; readonly contract: Contract }[] {
  const folder = join(root, 'contracts');
  return readdirSync(folder)
    .filter((name) => /\.v\d+\.json$/.test(name))
    .sort()
    .map((name) => ({
      file: join('contracts', name),
      contract: parseContract(readFileSync(join(folder, name), 'utf8')),
    }));
}
