import { createPublicKey } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { sha256Hex } from '../../shared/digest.ts';
import { Problem, type ProblemDocument } from '../../shared/problem.ts';
import { signDetached } from '../../shared/signature/detached.ts';
import { DEVELOPMENT_KEYS } from '../../shared/signature/development.ts';
import { type Es256Signer, isP256, keyId, localSigner } from '../../shared/signature/signer.ts';
import { DEVELOPMENT_SIGNING_KEY } from '../development.ts';
import { EXIT } from '../exit-codes.ts';
import { readText, writeText } from '../files.ts';
import { kmsSigner } from '../kms-signer.ts';
import { parseDocument, typeOf, verifyDocument } from '../signed-document.ts';
import { signerId } from '../signer-id.ts';
import { answer, note, type OutputOptions, problemLines } from '../terminal.ts';
import { addDrafting } from './contract-draft.ts';
import { readPrivateKey } from './keys.ts';

/** Where the signature of a document lies: beside it. */
export const signatureFile = (file: string): string => `${file}.jws`;

export const command = new Command('contract').description(
  'Check, sign and verify contracts and rule packs; draft the contract of a sweep from two schemas.',
);

command
  .command('check')
  .description('Check that contracts are valid; every mistake is named by a JSON pointer. Exit code 2 if one is not.')
  .argument('<files...>', 'contract documents (JSON)')
  .action((files: readonly string[], options: OutputOptions) => {
    const contracts = files.map(checkContract);
    if (contracts.some(({ valid }) => !valid)) process.exitCode = EXIT.refused;
    answer(options, contracts.flatMap(checkLines), { contracts });
  });

interface Checked {
  readonly file: string;
  readonly valid: boolean;
  readonly dataset?: string;
  readonly version?: number;
  readonly sha256?: string;
  readonly problem?: ProblemDocument;
}

function checkContract(file: string): Checked {
  const text = readText(file);
  try {
    const { dataset, version } = parseDocument(typeOf(file, text), text) ?? {};
    if (dataset === undefined || version === undefined) {
      throw new Problem('configuration-invalid', { detail: 'It is a rule pack, and no contract.' });
    }
    return { file, valid: true, dataset, version, sha256: sha256Hex(text) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { file, valid: false, problem: error.toDocument() };
  }
}

function checkLines({ file, dataset, version, sha256, problem }: Checked): string[] {
  if (problem !== undefined) return [`${file}: not valid`, ...problemLines(problem).map((line) => `  ${line}`)];
  return [`${file}: valid (${dataset} version ${version}, sha256 ${sha256})`];
}

interface SignOptions extends OutputOptions {
  readonly key?: string;
  readonly kmsKey?: string;
  readonly development?: true;
  readonly out?: string;
  readonly force?: boolean;
}

command
  .command('sign')
  .description('Sign the exact bytes of a contract (.json) or rule pack (.js), as a detached JWS beside it.')
  .argument('<file>', 'the document')
  .addOption(new Option('--key <file>', 'private P-256 key in PEM').conflicts(['kmsKey', 'development']))
  .addOption(new Option('--kms-key <id>', 'id, ARN or alias of an ECC_NIST_P256 key in KMS').conflicts(['development']))
  .addOption(
    new Option('--development', 'the development key of this repository, which only the embedded cloud trusts'),
  )
  .option('--out <file>', 'where to write the signature (default: <file>.jws)')
  .option('--force', 'replace a signature that is there')
  .action(async (file: string, options: SignOptions) => {
    const text = readText(file);
    const type = typeOf(file, text);
    // Nobody should sign what nothing will accept.
    parseDocument(type, text);
    const signer = await signerOf(options);
    const out = options.out ?? signatureFile(file);
    writeText(out, `${await signDetached(text, type, signer)}\n`, { force: options.force === true });
    const id = keyId(signer.publicKey);
    answer(options, [`${out}: signed by ${id}`], { file, signature: out, signer: id, sha256: sha256Hex(text) });
  });

async function signerOf({ key, kmsKey, development }: SignOptions): Promise<Es256Signer> {
  if (kmsKey !== undefined) return kmsSigner(kmsKey);
  const file = development ? DEVELOPMENT_SIGNING_KEY : key;
  if (file === undefined) throw new Problem('usage-invalid', { detail: 'Give --key, --kms-key or --development.' });
  const privateKey = readPrivateKey(file);
  if (!isP256(createPublicKey(privateKey))) throw new Problem('usage-invalid', { detail: `${file} is no P-256 key.` });
  return localSigner(privateKey);
}

interface VerifyOptions extends OutputOptions {
  readonly signature?: string;
  readonly signer: readonly string[];
  readonly allowDevelopment?: true;
  readonly minimumVersion: number;
}

function versionNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('A version is a whole number from 1.');
  return Number(text);
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

command
  .command('verify')
  .description('Verify the signature of a contract or rule pack against the keys that may have signed it.')
  .argument('<file>', 'the document')
  .option('--signature <file>', 'the detached JWS (default: <file>.jws)')
  .option(
    '--signer <key>',
    'a key that may have signed it: its id, or a file with the public key; repeatable',
    collect,
    [],
  )
  .option('--allow-development', 'also trust the development key of this repository')
  .option('--minimum-version <number>', 'refuse a contract older than this', versionNumber, 1)
  .action((file: string, options: VerifyOptions) => {
    const signers = [...options.signer.map(signerId), ...(options.allowDevelopment ? DEVELOPMENT_KEYS : [])];
    if (signers.length === 0) {
      throw new Problem('usage-invalid', {
        detail: 'Give --signer or --allow-development: a signature proves nothing by itself.',
      });
    }
    const { minimumVersion } = options;
    const trust = { signers, allowDevelopmentKeys: options.allowDevelopment === true, minimumVersion };
    const signed = { text: readText(file), signature: readText(options.signature ?? signatureFile(file)) };
    const verified = verifyDocument(typeOf(file, signed.text), signed, trust);
    if (DEVELOPMENT_KEYS.has(verified.signer)) note('Signed by the development key: no deployment accepts this.');
    answer(options, [`${file}: signed by ${verified.signer} (sha256 ${verified.sha256})`], { file, ...verified });
  });

addDrafting(command);
