import type { KeyObject } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { isPassing } from '../../functions/sweep/plan/take-up.ts';
import type { Report } from '../../functions/sweep/report/report.ts';
import { codeDigest } from '../../infra/code-digest.ts';
import { parseEquivalence } from '../../shared/equivalence/parse.ts';
import type { SignedText } from '../../shared/ports.ts';
import { Problem, type ProblemCode } from '../../shared/problem.ts';
import { DOCUMENT_TYPES } from '../../shared/signature/detached.ts';
import { DEVELOPMENT_KEYS } from '../../shared/signature/development.ts';
import { isP256 } from '../../shared/signature/signer.ts';
import { verifyDetached } from '../../shared/signature/verify.ts';
import type { Verdict } from '../../shared/verdict/schema.ts';
import { demandFolder, isFile, readText } from '../files.ts';
import { signerId } from '../signer-id.ts';
import { openUrls } from '../sweep/endpoints.ts';
import { demandFree, evidenceFiles, writeEvidence } from '../sweep/evidence.ts';
import { DEFAULT_STATE, fileGates } from '../sweep/file-gates.ts';
import { folderStore, removeFolder } from '../sweep/folder-store.ts';
import { InlineLane } from '../sweep/inline-lane.ts';
import { localKeys, localSigner, random } from '../sweep/local-keys.ts';
import { verdictLines } from '../sweep/print.ts';
import { progressBar } from '../sweep/progress.ts';
import { closeRetained, openRetained, retainEnding, retainedFolder } from '../sweep/retained.ts';
import { openRunning, resume } from '../sweep/running.ts';
import { type SweepRequest, sweep } from '../sweep/sweep.ts';
import { ThreadLane } from '../sweep/thread-lane.ts';
import { answer, note, type OutputOptions, reportProblem } from '../terminal.ts';
import { readPrivateKey, readPublicKey } from './keys.ts';

/** This command's own exit codes: scripts branch on the verdict. */
export const SWEEP_EXIT = { EQUAL: 0, DIVERGED: 1, INCONCLUSIVE: 2, refused: 3 } as const satisfies Record<
  Verdict['verdict'] | 'refused',
  number
>;

/** Problems before anything was read, and the command's own failure: no answer about the data, not even that there is none. */
const NO_ANSWER: ReadonlySet<ProblemCode> = new Set([
  'usage-invalid',
  'not-found',
  'contract-untrusted',
  'configuration-invalid',
  'endpoint-same',
  'tls-required',
  'not-implemented',
  'internal-failure',
]);

const HELP = `
Exit codes of this command:
  0  EQUAL: both sides hold the same rows under the contract
  1  DIVERGED: they do not
  2  INCONCLUSIVE: nothing can be said, with the reason; or nothing was read, as the breaker of the dataset is open
  3  nothing was run: usage, an invalid or untrusted contract, one place named twice, no verified TLS; or this command itself failed

Every verdict opens or closes the gate of its dataset (parapet gate). A breaker that trips keeps the dataset from being swept until a
person closes it (parapet breaker close).

Addresses, as parapet contract infer takes them too. Each must be of the place that the contract names: of a file, its path must be
that of its location or end in it (infer writes the whole path down; a relative one there leaves open in which folder):
  file:///path.csv            a file, or every file below a folder; the contract says the format
  s3://bucket/prefix          every object below a prefix (?endpoint=…&region=…)
  postgres://user:password@host:port/database
  mysql://user:password@host:port/schema
  dynamodb://table            (?endpoint=…&region=…)`;

interface Options extends OutputOptions {
  readonly contract: string;
  readonly signature?: string;
  readonly source: string;
  readonly target: string;
  readonly signer: readonly string[];
  readonly minimumVersion: number;
  readonly workers: number;
  readonly capacity?: number;
  readonly report?: string;
  readonly state: string;
  readonly retain?: string;
  readonly resume?: string;
  readonly sealKey?: string;
  readonly sealName: string;
  readonly force?: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

function wholeNumber(maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[1-9][0-9]{0,8}$/.test(text) || value > maximum) {
      throw new InvalidArgumentError(`A whole number from 1 to ${maximum} is needed.`);
    }
    return value;
  };
}

const MAXIMUM_WORKERS = 256;
/** So many are hashed in less time than a thread takes to start. */
const FEW_ROWS = 20_000;
/** Of each side. More partitions than workers, so that none waits long for the last; but each has a sketch to write and to add up. */
const PARTITIONS_PER_WORKER = 2;

export const command = new Command('sweep')
  .description('Say whether two copies of a dataset are equal under a signed contract, or which rows differ.')
  .requiredOption('--contract <file>', 'the contract; its signature lies beside it (<file>.jws)')
  .requiredOption('--source <url>', 'address of the source')
  .requiredOption('--target <url>', 'address of the target')
  .option('--signature <file>', 'the detached JWS (default: <contract>.jws)')
  .option(
    '--signer <key>',
    'a key that may have signed it: its id, or a file with the public key; repeatable (default: the development key)',
    collect,
    [],
  )
  .option('--minimum-version <number>', 'refuse a contract older than this', wholeNumber(999_999), 1)
  .option('--workers <number>', 'worker threads', wholeNumber(MAXIMUM_WORKERS), availableParallelism())
  .option('--capacity <rows>', 'differing rows to list (default: what the contract says)', wholeNumber(4_000_000))
  .option('--state <folder>', 'where gates, breakers, retained results and those of --resume are held', DEFAULT_STATE)
  .option('--report <file>', 'write the page (.html), and beside it the sealed verdict and its log')
  .option(
    '--retain <key>',
    'keep the encrypted results below --state, for the holder of this P-256 key to recompute the verdict (PEM; its public half is enough)',
  )
  .option(
    '--resume <secret>',
    'after a crash, the same command goes on where it was: results lie below --state, encrypted under this file of 32 random bytes',
  )
  .option('--seal-key <file>', 'private Ed25519 key in PEM that seals it (default: one made for this sweep)')
  .option('--seal-name <name>', 'name of that key in the checkpoint', 'parapet.local')
  .option('--force', 'replace files that are there')
  .addHelpText('after', HELP)
  .action(run);

/** Whatever goes wrong on the way must not end with the code of an answer. */
async function run(options: Options): Promise<void> {
  try {
    const { verdict } = await sweepAsAsked(options);
    process.exitCode = SWEEP_EXIT[verdict.verdict];
    answer(options, verdictLines(verdict), verdict);
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem('internal-failure', { cause: error });
    reportProblem(options, problem.toDocument());
    if (process.env.PARAPET_DEBUG !== undefined && error instanceof Error) note(error.stack ?? error.message);
    process.exitCode = NO_ANSWER.has(problem.code) ? SWEEP_EXIT.refused : SWEEP_EXIT.INCONCLUSIVE;
  }
}

async function sweepAsAsked(options: Options): Promise<Report> {
  demandFolder(options.state, '--state');
  const force = options.force === true;
  const files = options.report === undefined ? undefined : evidenceFiles(demandPage(options.report));
  if (files !== undefined) demandFree(files, force);
  const request = requestOf(options);
  const signer = localSigner(options.sealKey === undefined ? undefined : readPrivateKey(options.sealKey));
  const urls = { source: options.source, target: options.target };
  const recipient = options.retain === undefined ? undefined : retainedFor(options.retain, options.report);
  const running =
    options.resume === undefined ? undefined : await openRunning(options.state, request.dataset, options.resume);
  const folder = running?.folder ?? (await emptyFolder(recipient === undefined ? undefined : options.state));
  const [storeKey, masterKey] = [running?.storeKey ?? random(32), running?.masterKey ?? random(32)];
  const synced = running !== undefined;
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const clock = { now: () => performance.timeOrigin + performance.now() };
  const bar = progressBar(process.stderr, clock.now);
  const open = openUrls(urls);
  const store = folderStore(folder, storeKey, synced);
  const keys = localKeys(masterKey);
  const gates = fileGates(options.state);
  const code = codeDigest();
  let over = running === undefined;
  try {
    const report = await sweep(request, {
      open,
      store,
      keys,
      gates,
      clock,
      wait: (milliseconds) => waitUnless(interruption.signal, milliseconds),
      lanes: (contract, rows = Number.POSITIVE_INFINITY) =>
        rows <= FEW_ROWS
          ? [new InlineLane({ contract, open, store, keys, clock })]
          : Array.from(
              { length: options.workers },
              () => new ThreadLane({ contract, urls, folder, storeKey, masterKey, synced }),
            ),
      code,
      ...(running && { resume: (asked) => resume(running, asked, { open, store, keys, code }) }),
      signer,
      sealName: options.sealName,
      signal: interruption.signal,
      ...(recipient === undefined ? {} : { retain: (ending) => retainEnding(store, request.signed, ending) }),
      ...(files && { publish: (report) => writeEvidence(files, report, signer, force) }),
      progress: bar,
    });
    bar.end();
    const { verdict: said, reasons } = report.verdict;
    over ||= said !== 'INCONCLUSIVE' || !isPassing(reasons.map((reason) => reason.code));
    if (recipient !== undefined) {
      const { sweep: id } = report.verdict;
      await closeRetained(folder, { state: options.state, sweep: id, recipient }, { storeKey, masterKey });
      note(`${retainedFolder(options.state, id)}: the encrypted results, for parapet verify --recompute`);
    }
    if (files !== undefined) {
      note(`${files.page}: the report; beside it ${files.verdict}, sealed`);
    }
    return report;
  } finally {
    bar.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    if (over) await removeFolder(folder);
  }
}

/** A name without an ending gets one; another ending would promise another format. */
function demandPage(file: string): string {
  if (!/\.(?:csv|json|md|ndjson|pdf|txt|xml)$/i.test(file)) return file;
  throw new Problem('usage-invalid', { detail: `--report: the page is HTML, and ${file} ends otherwise.` });
}

/** `state`: where it will stay. */
async function emptyFolder(state: string | undefined): Promise<string> {
  return state === undefined ? mkdtempSync(join(tmpdir(), 'parapet-sweep-')) : openRetained(state);
}

function retainedFor(file: string, report: string | undefined): KeyObject {
  const key = readPublicKey(file);
  if (!isP256(key)) throw new Problem('usage-invalid', { detail: `${file} is no P-256 key.` });
  if (report === undefined)
    throw new Problem('usage-invalid', { detail: '--retain needs --report: what is recomputed.' });
  return key;
}

function requestOf(options: Options): SweepRequest {
  const text = readText(options.contract);
  const signature = options.signature ?? `${options.contract}.jws`;
  if (!isFile(signature)) {
    const detail = `${signature} cannot be read. If nobody has signed the contract: parapet contract sign ${options.contract}`;
    throw new Problem('not-found', { detail });
  }
  const signed: SignedText = { text, signature: readText(signature) };
  const development = options.signer.length === 0;
  const trust = {
    signers: development ? [...DEVELOPMENT_KEYS] : options.signer.map(signerId),
    allowDevelopmentKeys: development,
    minimumVersion: options.minimumVersion,
  };
  if (development) note('No --signer: the development key is trusted, which anybody can sign with.');
  // Which dataset is meant is the file's own claim here, believed once the signature verifies; a deployment pins it.
  verifyDetached(signed.text, DOCUMENT_TYPES.equivalence, signed.signature, trust);
  return {
    signed,
    dataset: parseEquivalence(signed.text).dataset,
    trust,
    capacity: options.capacity,
    partitions: options.workers * PARTITIONS_PER_WORKER,
  };
}

/** Ends early when somebody interrupts: the sweep then says so. */
function waitUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
