/** What a file is that somebody wants verified: told before anything is asked for it. */
import { basename, dirname, join } from 'node:path';
import { PROOF_HEADER } from '../shared/audit/proof.ts';
import { Problem } from '../shared/problem.ts';
import { isFile, readText } from './files.ts';
import { CHECKPOINT_FILE, SEAL_FILE } from './seal-folder.ts';
import { verdictBeside } from './sweep/evidence.ts';

/** Problem('seal-invalid') for a file that is no proof, with what may have been meant; Problem('not-found') for a folder without a seal. */
export function demandVerifiable(path: string): void {
  if (!isFile(path)) {
    const seal = join(path, SEAL_FILE);
    if (!isFile(seal)) throw new Problem('not-found', { detail: `${seal} cannot be read.` });
    return;
  }
  if (readText(path).startsWith(`${PROOF_HEADER}\n`)) return;
  const meant = verdictBeside(path) ?? sealAround(path);
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  throw new Problem('seal-invalid', { detail: `${path} is no seal, proof or verdict${hint}.` });
}

/** A seal is named by its folder. */
function sealAround(path: string): string | undefined {
  return [SEAL_FILE, CHECKPOINT_FILE].includes(basename(path)) && isFile(join(dirname(path), SEAL_FILE))
    ? dirname(path)
    : undefined;
}
