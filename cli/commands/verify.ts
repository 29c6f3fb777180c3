import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { resourceOfRecord } from '../../shared/audit/entry.ts';
import { formatProof } from '../../shared/audit/proof.ts';
import { proveEntry } from '../../shared/audit/prove-entry.ts';
import { parseSealDocument, type SealDocument } from '../../shared/audit/seal-document.ts';
import { decodeLeaf, parseEntry } from '../../shared/audit/segment.ts';
import { type ProvenEntry, verifyProof } from '../../shared/audit/verify-proof.ts';
import { type SealReport, verifySeal } from '../../shared/audit/verify-seal.ts';
import { Problem } from '../../shared/problem.ts';
import { isFile, readText, writeText } from '../files.ts';
import {
  CHECKPOINT_FILE,
  leavesIn,
  SEAL_FILE,
  type SegmentSource,
  segmentSource,
  type TrustedKey,
  trustedKey,
} from '../seal-folder.ts';
import { isVerdictFile } from '../sweep/evidence.ts';
import { DEFAULT_STATE } from '../sweep/file-gates.ts';
import { verifyVerdictFile } from '../sweep/verify-verdict.ts';
import { answer, note, type OutputOptions } from '../terminal.ts';
import { demandVerifiable } from '../verifiable.ts';

interface Options extends OutputOptions {
  readonly publicKey?: string;
  readonly entries?: string;
  readonly entry?: number;
  readonly record?: number;
  readonly proofOut?: string;
  readonly force?: boolean;
  readonly recompute?: boolean;
  readonly key?: string;
  readonly state: string;
}

export const command = new Command('verify')
  .description(
    'Verify a seal, or the proof of one entry, offline with the public key alone. Exit code 2 if it does not.',
  )
  .argument(
    '<seal>',
    'a folder with seal.json, checkpoint and entries/, the proof of a single entry, or the verdict of a sweep (.verdict.json)',
  )
  .option(
    '--public-key <file>',
    'the public key: PEM, or a C2SP verifier key (default: public-key.pem beside the seal)',
  )
  .option('--entries <path>', 'where the entries lie: a folder that holds entries/, or one file with all of them')
  .addOption(new Option('--entry <index>', 'also show this entry of the log (from 0) and prove it').argParser(index))
  .addOption(
    new Option('--record <ordinal>', 'also show where this record ended (from 1) and prove it')
      .argParser(index)
      .conflicts('entry'),
  )
  .option('--proof-out <file>', 'write the proof of that entry: one file that anybody can verify')
  .option(
    '--recompute',
    'compute the verdict of a sweep again from what it retained, and hold it against the sealed one',
  )
  .option('--key <file>', 'private P-256 key in PEM for which the sweep retained its results')
  .option('--state <folder>', 'where the sweep retained them', DEFAULT_STATE)
  .option('--force', 'replace a proof that is there')
  .action((seal: string, options: Options) => {
    if (!existsSync(seal)) throw new Problem('not-found', { detail: `${seal} cannot be read.` });
    if (isVerdictFile(seal)) return verifyVerdictFile(seal, options);
    if (options.recompute === true) {
      throw new Problem('usage-invalid', { detail: 'Only the verdict of a sweep (.verdict.json) can be recomputed.' });
    }
    demandVerifiable(seal);
    return (isFile(seal) ? verifyProofFile : verifySealFolder)(seal, options);
  });

function verifyProofFile(file: string, options: Options): void {
  const trusted = trustedKey(options.publicKey, dirname(file));
  const proven = verifyProof(readText(file), trusted.key);
  answer(options, [`proof of entry ${proven.index}: verified`, ...keyLines(trusted), ...entryLines(proven)], {
    verified: true,
    key: trusted.from,
    ...entryMembers(proven),
  });
}

async function verifySealFolder(folder: string, options: Options): Promise<void> {
  const trusted = trustedKey(options.publicKey, folder);
  const checkpoint = readText(join(folder, CHECKPOINT_FILE));
  const text = readText(join(folder, SEAL_FILE));
  const newSource = (): SegmentSource => segmentSource(options.entries ?? folder);
  const report = await verifySeal({ checkpoint, document: text, segment: newSource(), key: trusted.key });
  const seal: VerifiedSeal = { report, checkpoint, document: parseSealDocument(text), newSource };
  const proven = await provenEntry(seal, trusted, options);
  const lines = [...sealLines(report), ...keyLines(trusted), ...(proven === undefined ? [] : entryLines(proven))];
  answer(options, lines, {
    verified: true,
    key: trusted.from,
    ...sealMembers(report),
    ...(proven === undefined ? {} : entryMembers(proven)),
  });
}

interface VerifiedSeal {
  readonly report: SealReport;
  readonly checkpoint: string;
  readonly document: SealDocument;
  readonly newSource: () => SegmentSource;
}

/** Makes the proof of the entry that was asked for, and verifies it as anybody else would. */
async function provenEntry(
  seal: VerifiedSeal,
  { key }: TrustedKey,
  options: Options,
): Promise<ProvenEntry | undefined> {
  const wanted = options.record === undefined ? options.entry : await indexOfRecord(seal, options.record);
  if (wanted === undefined) {
    if (options.proofOut === undefined) return undefined;
    throw new Problem('usage-invalid', { detail: '--proof-out needs --entry or --record.' });
  }
  const { size } = seal.report.checkpoint;
  const leaves = leavesIn(seal.document, seal.newSource());
  const proof = formatProof(await proveEntry(leaves, { index: wanted, size, checkpoint: seal.checkpoint }));
  const proven = verifyProof(proof, key);
  if (options.proofOut !== undefined) {
    writeText(options.proofOut, proof, { force: options.force === true });
    note(`${options.proofOut}: proof of entry ${wanted}`);
  }
  return proven;
}

async function indexOfRecord({ document, newSource }: VerifiedSeal, ordinal: number): Promise<number> {
  const resource = resourceOfRecord(ordinal);
  let position = 0;
  for await (const leaf of leavesIn(document, newSource())) {
    if (parseEntry(decodeLeaf(leaf)).resource === resource) return position;
    position++;
  }
  throw new Problem('not-found', { detail: `No entry says where record ${ordinal} ended.` });
}

function sealLines({ run, generation, outcome, counts, actions, problems, checkpoint }: SealReport): string[] {
  return [
    `seal of run ${run}, generation ${generation}: verified`,
    `  outcome   ${outcome}`,
    `  records   ${counts.received} received, ${counts.exported} exported, ${counts.quarantined} quarantined`,
    `  entries   ${countList(Object.entries(actions))}`,
    ...(problems.size === 0 ? [] : [`  problems  ${countList([...problems])}`]),
    `  tree      ${checkpoint.size} leaves, root ${hex(checkpoint.root)}`,
    `  signed by ${checkpoint.keyName}`,
  ];
}

function sealMembers({ problems, checkpoint, ...report }: SealReport): object {
  const { size, root, keyName } = checkpoint;
  return { ...report, problems: Object.fromEntries(problems), treeSize: size, root: hex(root), keyName };
}

function keyLines({ from }: TrustedKey): string[] {
  if (from === 'given') return [];
  return [
    '  key       found beside the seal: nothing was changed since, but who signed is for you to know (--public-key)',
  ];
}

function entryLines({ entry, index: position, checkpoint }: ProvenEntry): string[] {
  return [`entry ${position} of ${checkpoint.size}, in the log ${checkpoint.origin}:`, JSON.stringify(entry, null, 2)];
}

function entryMembers({ entry, index: position, checkpoint }: ProvenEntry): object {
  return { index: position, entry, origin: checkpoint.origin, treeSize: checkpoint.size, root: hex(checkpoint.root) };
}

function countList(counts: readonly (readonly [string, number])[]): string {
  const present = counts.filter(([, count]) => count > 0);
  return present.map(([name, count]) => `${name} ${count}`).join(', ');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function index(text: string): number {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
}
