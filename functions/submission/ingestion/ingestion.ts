import { compileContract } from '../../../shared/contract/compile.ts';
import type { MediaType } from '../../../shared/contract/schema.ts';
import type { VerifiedCredential } from '../../../shared/credential/claims.ts';
import { requireUpload } from '../../../shared/message-schemas.ts';
import type { StageRequest, StageResult, UploadReference } from '../../../shared/messages.ts';
import { SUBMISSION_TOKEN_METADATA } from '../../../shared/names.ts';
import type { Origin } from '../../../shared/origin.ts';
import type { ContractSource, ObjectHead, Run, SecretSource } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { mediaTypeOf } from '../../../shared/reading/media-type.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import type { TrustedContract } from '../../../shared/signature/contract.ts';
import { parseTokenSalts } from '../../../shared/token/salts.ts';
import { Tokeniser } from '../../../shared/token/tokeniser.ts';
import { Transient } from '../../../shared/transient.ts';
import { countsOf } from '../protocol/boundary.ts';
import { referenceTo } from '../protocol/chunks.ts';
import { markDeadAttempts } from '../protocol/dead-attempts.ts';
import { accepted, resultOf, settled } from '../protocol/entries.ts';
import { handOver } from '../protocol/handover.ts';
import { type Attempt, leaseFor, newAttempt } from '../protocol/lease.ts';
import { loadContract } from '../protocol/pins.ts';
import type { FlowPorts } from '../protocol/ports.ts';
import { type ChunkCommit, type StageEnd, StageLog } from '../protocol/stage-log.ts';
import { contextOf } from './chunk-writer.ts';
import { type IdentificationPorts, idempotencyKeyOf, identify } from './identification.ts';
import { payloadDigest } from './payload-digest.ts';
import { type Reading, type ReadingPorts, readUpload } from './reading.ts';
import { copyUpload, type Known, keepRefused, refusalOf, refusedUnread } from './refusal.ts';

export interface IngestionPorts extends FlowPorts, ReadingPorts, IdentificationPorts {
  readonly contracts: ContractSource;
  readonly contractPins: string;
  readonly salts: SecretSource;
}

/** One attempt at one upload, and what it goes by. */
interface Admission {
  readonly credential: VerifiedCredential;
  readonly trusted: TrustedContract;
  readonly mediaType: MediaType;
  readonly saltVersion: string;
}

/**
 * The first boundary: whose upload is it, is it what its credential vouches for, and is each record what the contract says.
 * What is personal leaves as tokens. Nothing is parsed before the credential and the payload's digest have been verified.
 */
export async function ingest(request: StageRequest, ports: IngestionPorts): Promise<StageResult> {
  const upload = requireUpload(request);
  // Whoever starts the machine by hand could name the same object as that of another bucket, and so as another run.
  if (upload.bucket !== ports.landing.bucket) {
    throw new Problem('configuration-invalid', { detail: 'The event is of another bucket.' });
  }
  const run = runIdOf(upload);
  const startedAt = new Date(ports.clock.now()).toISOString();
  const claimed = await ports.runs.claim(run, 'ingestion', leaseFor(request.execution, ports), startedAt);
  if (claimed === undefined) return settled('ingestion', run);

  const ordinal = claimed.attempts.ingestion ?? 1;
  const attempt = newAttempt(ports, { run, stage: 'ingestion', execution: request.execution, ordinal });
  const log = await StageLog.open(ports, attempt);
  const ended = await log.end();
  if (ended !== undefined) {
    await markDeadAttempts(ports, attempt, ended, await log.allChunks());
    return resultOf('ingestion', run, ended);
  }

  const head = await ports.landing.head(upload.key, upload.versionId);
  if (head === undefined) throw new Problem('not-found', { detail: 'The uploaded version is gone.' });
  const token = head.metadata[SUBMISSION_TOKEN_METADATA];
  const known: { -readonly [Name in keyof Known]: Known[Name] } = { token, payload: head.sha256 };
  try {
    const admission = await admitUpload(ports, attempt, upload, head, known, claimed);
    const origin = originOf(run, upload, head, admission);
    const reading = await readRecordsOf(ports, attempt, log, upload, origin, admission);
    if (reading.continueAt !== undefined) {
      const cursor = { nextChunk: reading.continueAt, counts: countsOf(reading.commits) };
      return { stage: 'ingestion', run, outcome: 'continued', counts: cursor.counts, cursor };
    }
    if (reading.oversized) await copyUpload(ports, run, upload);
    const outcome = await end(ports, attempt, log, origin, reading.commits);
    await markDeadAttempts(ports, attempt, outcome, reading.commits);
    return resultOf('ingestion', run, outcome);
  } catch (error) {
    const problem = refusalOf(error);
    if (problem === undefined) throw error;
    await keepRefused(ports, run, upload, head, problem);
    return resultOf('ingestion', run, await refuse(attempt, log, upload, known, problem));
  }
}

/**
 * Credential, contract, size, media type, and then the digest, which may cost a pass over the payload. What an attempt pins
 * (the salt to tokenise under, the contract to judge by) holds for every later one, and says that the payload of this
 * immutable version was what its credential vouches for.
 */
async function admitUpload(
  ports: IngestionPorts,
  { execution }: Attempt,
  upload: UploadReference,
  head: ObjectHead,
  known: { -readonly [Name in keyof Known]: Known[Name] },
  claimed: Run,
): Promise<Admission> {
  const { run, pinned } = claimed;
  const credential = await identify(ports, claimed, upload, head, known.token);
  known.credential = credential;
  const { contracts, contractPins } = ports;
  const trusted = await loadContract(contracts, contractPins, credential.contract, pinned?.contractVersion);
  known.contract = nameOf(trusted);

  const { mediaTypes, maxPayloadBytes } = trusted.contract.submission;
  if (head.size > maxPayloadBytes) {
    throw new Problem('payload-too-large', { detail: `At most ${maxPayloadBytes} bytes.` });
  }
  const mediaType = mediaTypeOf({ contentType: head.contentType, key: upload.key });
  if (!mediaTypes.includes(mediaType)) {
    throw new Problem('media-type-unsupported', { detail: `The contract does not accept ${mediaType}.` });
  }
  if (pinned !== undefined) {
    known.payload = credential.sha256;
    return { credential, trusted, mediaType, saltVersion: pinned.saltVersion };
  }
  known.payload = await payloadDigest(ports.landing, upload.key, head);
  if (known.payload !== credential.sha256) throw new Problem('payload-digest');
  const { current } = parseTokenSalts(await ports.salts.read());
  const pins = { saltVersion: current, contractVersion: trusted.contract.version };
  const { saltVersion, contractVersion } = await ports.runs.pin(run, execution, pins);
  // Another worker of this very execution pinned meanwhile: the next attempt goes by what it pinned.
  if (contractVersion !== pins.contractVersion) throw new Transient('pin', 'interrupted');
  return { credential, trusted, mediaType, saltVersion };
}

function originOf(
  run: string,
  upload: UploadReference,
  { size }: ObjectHead,
  { credential, trusted, saltVersion }: Admission,
): Origin {
  const { issuer, subject, digest, scopes, sha256 } = credential;
  return {
    contract: nameOf(trusted),
    submitter: { issuer, subject, credential: digest, scopes },
    source: { address: upload.sourceAddress, time: upload.time },
    payload: { sha256, size },
    idempotency: { key: idempotencyKeyOf(credential), holder: run },
    saltVersion,
  };
}

async function readRecordsOf(
  ports: IngestionPorts,
  attempt: Attempt,
  log: StageLog,
  upload: UploadReference,
  origin: Origin,
  { trusted, mediaType, saltVersion }: Admission,
): Promise<Reading> {
  let salts = parseTokenSalts(await ports.salts.read());
  // Pinned by a worker that saw a rotation before this one did.
  if (!salts.salts.has(saltVersion)) salts = parseTokenSalts(await ports.salts.read({ fresh: true }));
  const place = { deployment: ports.deployment, stage: 'ingestion' } as const;
  const tokeniser = new Tokeniser({ salts, version: saltVersion, ...place });
  try {
    const compiled = compileContract(trusted.contract);
    const setting = { attempt, log, origin, compiled, tokeniser, rule: trusted.sha256 };
    return await readUpload(ports, setting, upload, mediaType);
  } finally {
    tokeniser.dispose();
  }
}

async function end(
  ports: IngestionPorts,
  attempt: Attempt,
  log: StageLog,
  origin: Origin,
  commits: ReadonlyMap<number, ChunkCommit>,
): Promise<StageEnd> {
  const counts = countsOf(commits);
  const chunks = [...commits.values()]
    .sort((left, right) => left.chunk - right.chunk)
    .flatMap((commit) => referenceTo(commit, vaultOf(attempt.run, commit)) ?? []);
  const crossing = { counts, rules: [origin.contract.sha256], transitions: [] };
  const finish = await handOver(ports, { ...attempt, stage: 'ingestion' }, origin, chunks, crossing);
  return log.commitEnd([
    accepted(origin),
    {
      action: 'stage.ended',
      outcome: counts.passed > 0 ? 'passed' : 'emptied',
      resource: 'stage',
      attempt: attempt.attempt,
      counts,
      ...finish,
    },
  ]);
}

function refuse(
  { attempt }: Attempt,
  log: StageLog,
  upload: UploadReference,
  known: Known,
  { code }: Problem,
): Promise<StageEnd> {
  return log.commitEnd([
    refusedUnread(upload, known, code),
    {
      action: 'stage.ended',
      outcome: 'refused',
      resource: 'stage',
      attempt,
      counts: { received: 0, passed: 0, quarantined: 0 },
      problem: code,
    },
  ]);
}

/** The vault segment that a commit counts in, under the attempt that wrote it. */
function vaultOf(run: string, { attempt, chunk, outputs }: ChunkCommit) {
  const output = outputs.find(({ kind }) => kind === 'vault');
  return output && { key: output.key, sha256: output.sha256, context: contextOf({ run, attempt }, chunk) };
}

function nameOf({ contract, sha256 }: TrustedContract) {
  return { dataset: contract.dataset, version: contract.version, sha256 };
}
