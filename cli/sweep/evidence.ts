/** The files of a sealed verdict: beside each other, under one name. */
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Report } from '../../functions/sweep/report/report.ts';
import type { Signer } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import type { SealedVerdict } from '../../shared/verdict/seal.ts';
import { isFile, readText, writeText } from '../files.ts';
import { PUBLIC_KEY_FILE } from '../seal-folder.ts';

const PAGE = '.html';
const VERDICT = '.verdict.json';
const ENTRIES = '.entries.ndjson';
const CHECKPOINT = '.checkpoint';

export interface EvidenceFiles {
  readonly page: string;
  readonly verdict: string;
  readonly entries: string;
  readonly checkpoint: string;
  readonly publicKey: string;
}

/** `report` is the page's name; without an extension it gets one. */
export function evidenceFiles(report: string): EvidenceFiles {
  const base = report.endsWith(PAGE) ? report.slice(0, -PAGE.length) : report;
  return {
    page: `${base}${PAGE}`,
    verdict: `${base}${VERDICT}`,
    entries: `${base}${ENTRIES}`,
    checkpoint: `${base}${CHECKPOINT}`,
    publicKey: `${base}.${PUBLIC_KEY_FILE}`,
  };
}

/** Problem('usage-invalid') when they cannot be written; asked before anything is read for them. */
export function demandFree(files: EvidenceFiles, force: boolean): void {
  const taken = force ? undefined : Object.values(files).find(isFile);
  if (taken !== undefined)
    throw new Problem('usage-invalid', { detail: `${taken} is there already; --force replaces it.` });
  if (!existsSync(dirname(files.page))) {
    throw new Problem('usage-invalid', { detail: `${dirname(files.page)} is no folder.` });
  }
}

export async function writeEvidence(
  files: EvidenceFiles,
  report: Report,
  signer: Signer,
  force: boolean,
): Promise<void> {
  const publicKey = createPublicKey({ key: Buffer.from(await signer.publicKey()), format: 'der', type: 'spki' });
  // The divergences name keys: readable by their owner alone.
  const write = (file: string, text: string): void => writeText(file, text, { force, mode: 0o600 });
  write(files.page, report.page);
  write(files.verdict, report.document);
  write(files.entries, report.entries);
  write(files.checkpoint, report.checkpoint);
  write(files.publicKey, publicKey.export({ type: 'spki', format: 'pem' }).toString());
}

export const isVerdictFile = (path: string): boolean => path.endsWith(VERDICT) && isFile(path);

/** The verdict that a file lies beside, under the same name. */
export function verdictBeside(path: string): string | undefined {
  const ending = [PAGE, ENTRIES, CHECKPOINT, `.${PUBLIC_KEY_FILE}`].find((each) => path.endsWith(each));
  const verdict = ending === undefined ? undefined : `${path.slice(0, -ending.length)}${VERDICT}`;
  return verdict !== undefined && isFile(verdict) ? verdict : undefined;
}

/** What lies beside a verdict. */
export function readEvidence(verdictFile: string): SealedVerdict & { readonly publicKeyFile: string } {
  const base = verdictFile.slice(0, -VERDICT.length);
  return {
    document: readText(verdictFile),
    entries: readText(`${base}${ENTRIES}`),
    checkpoint: readText(`${base}${CHECKPOINT}`),
    publicKeyFile: `${base}.${PUBLIC_KEY_FILE}`,
  };
}
