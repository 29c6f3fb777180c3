/** `parapet verify FILE.verdict.json`: the verdict of a sweep, with what lies beside it. */
import { parseVerifierKey } from '../../shared/audit/verifier-key.ts';
import { Problem } from '../../shared/problem.ts';
import { verifyVerdict } from '../../shared/verdict/verify.ts';
import { isFile, readText } from '../files.ts';
import { answer, type OutputOptions } from '../terminal.ts';
import { readEvidence } from './evidence.ts';

export function verifyVerdictFile(file: string, options: OutputOptions & { readonly publicKey?: string }): void {
  const evidence = readEvidence(file);
  const from = options.publicKey === undefined ? 'beside' : 'given';
  const keyFile = options.publicKey ?? evidence.publicKeyFile;
  if (!isFile(keyFile)) {
    throw new Problem('usage-invalid', { detail: 'Give --public-key: there is none beside the verdict.' });
  }
  const { verdict, checkpoint } = verifyVerdict(evidence, parseVerifierKey(readText(keyFile)));
  const { contract, sweep, counts } = verdict;
  const lines = [
    `verdict of sweep ${sweep}: verified`,
    `  verdict   ${verdict.verdict}`,
    `  contract  ${contract.dataset} version ${contract.version}, sha256 ${contract.sha256}`,
    `  rows      ${counts.source} at the source, ${counts.target} at the target`,
    `  tree      ${checkpoint.size} leaves, signed by ${checkpoint.keyName}`,
    ...(from === 'given'
      ? []
      : [
          '  key       found beside the verdict: nothing was changed since, but who signed is for you to know (--public-key)',
        ]),
  ];
  answer(options, lines, { verified: true, key: from, sweep, verdict: verdict.verdict, treeSize: checkpoint.size });
}
