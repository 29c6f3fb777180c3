/** `parapet verify FILE.verdict.json`: the verdict of a sweep, with what lies beside it. */
import { createPublicKey } from 'node:crypto';
import { parseVerifierKey } from '../../shared/audit/verifier-key.ts';
import { Problem } from '../../shared/problem.ts';
import { isP256 } from '../../shared/signature/signer.ts';
import { parseEntries, type SweepEntry } from '../../shared/verdict/entries.ts';
import type { Verdict } from '../../shared/verdict/schema.ts';
import { verifyVerdict } from '../../shared/verdict/verify.ts';
import { readPrivateKey } from '../commands/keys.ts';
import { isFile, readText } from '../files.ts';
import { givenKey } from '../seal-folder.ts';
import { answer, type OutputOptions } from '../terminal.ts';
import { readEvidence } from './evidence.ts';
import { folderStore } from './folder-store.ts';
import { localKeys } from './local-keys.ts';
import { divergencesText, rowsText } from './print.ts';
import { type Recomputed, recompute } from './recompute.ts';
import { readKeys, retainedFolder } from './retained.ts';

interface Options extends OutputOptions {
  readonly publicKey?: string;
  readonly recompute?: boolean;
  readonly key?: string;
  readonly state: string;
}

export async function verifyVerdictFile(file: string, options: Options): Promise<void> {
  const evidence = readEvidence(file);
  const from = options.publicKey === undefined ? 'beside' : 'given';
  const keyFile = options.publicKey ?? evidence.publicKeyFile;
  if (!isFile(keyFile)) {
    throw new Problem('usage-invalid', { detail: 'Give --public-key: there is none beside the verdict.' });
  }
  const { verdict, checkpoint } = verifyVerdict(
    evidence,
    from === 'given' ? givenKey(keyFile) : parseVerifierKey(readText(keyFile)),
  );
  const { contract, sweep, startedAt, endedAt, freshUntil } = verdict;
  const again =
    options.recompute === true ? await recomputed(verdict, parseEntries(evidence.entries), options) : undefined;
  const lines = [
    `verdict of sweep ${sweep}: verified`,
    `  verdict   ${verdict.verdict}`,
    `  contract  ${contract.dataset} version ${contract.version}, sha256 ${contract.sha256}`,
    `  signed by ${contract.signer}${contract.development ? ' (the development key: proves nothing about who wrote the contract)' : ''}`,
    `  read      from ${startedAt} to ${endedAt}${freshUntil === undefined ? '' : `, fresh until ${freshUntil}`}`,
    `  rows      ${rowsText(verdict)}`,
    `  differ    ${divergencesText(verdict)}`,
    `  tree      ${checkpoint.size} leaves, sealed by ${checkpoint.keyName}`,
    ...(from === 'given'
      ? []
      : [
          '  key       found beside the verdict: nothing was changed since, but who signed is for you to know (--public-key)',
        ]),
  ];
  answer(options, again === undefined ? lines : [...lines, ...recomputedLines(again)], {
    verified: true,
    key: from,
    sweep,
    verdict: verdict.verdict,
    treeSize: checkpoint.size,
    ...(again === undefined ? {} : { recomputed: again }),
  });
}

function recomputed(verdict: Verdict, entries: readonly SweepEntry[], { key, state }: Options): Promise<Recomputed> {
  if (key === undefined) {
    throw new Problem('usage-invalid', { detail: 'Give --key: the one for which the sweep retained its results.' });
  }
  const privateKey = readPrivateKey(key);
  if (!isP256(createPublicKey(privateKey))) throw new Problem('usage-invalid', { detail: `${key} is no P-256 key.` });
  const folder = retainedFolder(state, verdict.sweep);
  const { storeKey, masterKey } = readKeys(folder, verdict.sweep, privateKey);
  return recompute(verdict, entries, { store: folderStore(folder, storeKey), keys: localKeys(masterKey) });
}

const recomputedLines = ({ results, located }: Recomputed): string[] => [
  `  again     ${results} retained results give the same verdict, byte by byte`,
  ...(located
    ? ['            what reading the suspects again gave is as the sweep kept it: only it could read them']
    : []),
];
