/**
 * Stage names, object keys and table attributes: the one place where each is spelled. Object keys hold digests, stage
 * names and ordinals only, never anything that a submitter chose (an upload's own key appears in the landing bucket alone).
 */

/** The stages in the order of the flow. A stage's name is its folder, function, state, metric and runbook heading. */
export const STAGES = ['ingestion', 'reconciliation', 'processing', 'egress', 'seal'] as const;
export type Stage = (typeof STAGES)[number];

/** What the custodian does (release or discard from quarantine) is audited under this name, beside the stages. */
export const CUSTODY = 'custody';
export type Actor = Stage | typeof CUSTODY;

/** The steps of a sweep, in their order. */
export const SWEEP_STEPS = ['plan', 'hash', 'compare', 'locate', 'report'] as const;
export type SweepStep = (typeof SWEEP_STEPS)[number];
/** MiB of each step's function. A worker has one whole processor; compare holds two sketches, and plan refuses those that it could not hold. */
export const SWEEP_MEMORY_MIB: Readonly<Record<SweepStep, number>> = {
  plan: 1024,
  hash: 1769,
  compare: 3008,
  locate: 1769,
  report: 1769,
};
/** A step's name outside its own folder: function, role, log and metric, beside those of the stages. */
export type SweepActor = `sweep-${SweepStep}`;
export const sweepActor = (step: SweepStep): SweepActor => `sweep-${step}`;
export const SWEEP_ACTORS = SWEEP_STEPS.map(sweepActor);

/** What rotates secrets. */
export const ROTATIONS = ['salt-rotation', 'database-rotation'] as const;
export type RotationActor = (typeof ROTATIONS)[number];

/** CloudWatch namespace of what the stages measure. */
export const METRIC_NAMESPACE = 'Parapet';

/** The metrics of a stage, with their units; alarms and dashboard name these. */
export const METRICS = {
  received: 'Count',
  passed: 'Count',
  quarantined: 'Count',
  durationMs: 'Milliseconds',
  failures: 'Count',
} as const;

/** What a sweep's end is measured by, per dataset. */
export const SWEEP_METRICS = { verdicts: 'Count', divergences: 'Count' } as const;

/** The event that says how a sweep ended. Its detail holds the dataset, the verdict and counts. */
export const SWEEP_EVENT = { source: 'parapet', detailType: 'Parapet Sweep Verdict' } as const;

/** Stages whose output the next stage reads from the working bucket, with the prefix under which it lies. */
export const WORKING_PREFIX = {
  ingestion: 'ingested',
  reconciliation: 'reconciled',
  processing: 'processed',
} as const;
export type WorkingStage = keyof typeof WORKING_PREFIX;

const ordinal = (index: number): string => index.toString().padStart(6, '0');

/** Sort key of a version in `contracts` and `rulePacks`: padded, so that the greatest text is the newest version. */
export const versionKey = ordinal;

/** Position of a stage's entries in the audit log of a run; zero-padded so that a listing gives the order of the tree. */
export const AUDIT_ORDER: Record<Actor, string> = {
  custody: '00-custody',
  ingestion: '10-ingestion',
  reconciliation: '20-reconciliation',
  processing: '30-processing',
  egress: '40-egress',
  seal: '90-seal',
};

/** `verdict.json` is written last: where it is, everything is. */
export const SWEEP_EVIDENCE = ['entries.ndjson', 'checkpoint', 'report.html', 'verdict.json'] as const;
export type SweepEvidenceFile = (typeof SWEEP_EVIDENCE)[number];

export const KEYS = {
  /** Records of one chunk, NDJSON. `attempt` keeps two attempts apart; the committed audit segment names the one that counts. */
  chunk: (stage: WorkingStage, run: string, attempt: string, index: number): string =>
    `${WORKING_PREFIX[stage]}/${run}/${attempt}/${ordinal(index)}.ndjson`,
  /** What a stage hands to the next: written last. The stage's outcome entry names the attempt that counts. */
  manifest: (stage: WorkingStage, run: string, attempt: string): string =>
    `${WORKING_PREFIX[stage]}/${run}/${attempt}/manifest.json`,
  vaultSegments: (run: string): string => `segments/${run}/`,
  vaultSegment: (run: string, attempt: string, index: number): string =>
    `segments/${run}/${attempt}/${ordinal(index)}.json`,
  /** What lies there of uploads as a whole: of one run, or of all. */
  quarantinedUploads: (run?: string): string => (run === undefined ? 'uploads/' : `uploads/${run}/`),
  /** A refused upload, or one with records too large to hold: whole and unread. */
  quarantinedUpload: (run: string): string => `uploads/${run}/payload`,
  /** Why it was refused: a problem document. */
  uploadProblem: (run: string): string => `uploads/${run}/problem.json`,
  /** Of one stage and run, whatever attempts wrote them. */
  quarantineSegments: (stage: Stage, run: string): string => `records/${stage}/${run}/`,
  problemsOf: (stage: Stage, run: string): string => `problems/${stage}/${run}/`,
  quarantineSegment: (stage: Stage, run: string, attempt: string, index: number): string =>
    `records/${stage}/${run}/${attempt}/${ordinal(index)}.json`,
  problems: (stage: Stage, run: string, attempt: string, index: number): string =>
    `problems/${stage}/${run}/${attempt}/${ordinal(index)}.json`,
  auditPrefix: (run: string): string => `entries/${run}/`,
  /** What one stage has written of a run: the one part of the log that the stage itself may list and read. */
  auditStagePrefix: (actor: Actor, run: string): string => `entries/${run}/${AUDIT_ORDER[actor]}/`,
  auditSegment: (actor: Actor, run: string, index: number): string =>
    `entries/${run}/${AUDIT_ORDER[actor]}/${ordinal(index)}.ndjson`,
  /** Entries of the stage as a whole (its outcome) come after every chunk. */
  auditOutcome: (actor: Actor, run: string, generation = 1): string =>
    `entries/${run}/${AUDIT_ORDER[actor]}/outcome-${ordinal(generation)}.ndjson`,
  sealPrefix: (run: string): string => `seals/${run}/`,
  sealDocument: (run: string, generation: number): string => `seals/${run}/${ordinal(generation)}/seal.json`,
  checkpoint: (run: string, generation: number): string => `seals/${run}/${ordinal(generation)}/checkpoint`,
  /** A sweep's sealed verdict, one file of it. */
  sweepEvidence: (dataset: string, sweep: string, file: SweepEvidenceFile): string =>
    `sweeps/${dataset}/${sweep}/${file}`,
  exportPart: (destination: string, run: string, index: number, extension: string): string =>
    `${destination}/${run}/part-${ordinal(index)}.${extension}`,
  exportManifest: (destination: string, run: string): string => `${destination}/${run}/manifest.json`,
} as const;

/** The one tag by which a lifecycle rule removes anything from vault and quarantine. */
export const DEAD_ATTEMPT = { 'parapet-attempt': 'dead' } as const;

/** Partition key and sort key of every table. A few have a sort key. */
export const TABLES = {
  runs: { partitionKey: 'run' },
  /** Claimed `jti`s: which object version a credential was used for. TTL attribute `expiresAt` (epoch seconds). */
  credentials: { partitionKey: 'credential', ttl: 'expiresAt' },
  idempotency: { partitionKey: 'key', ttl: 'expiresAt' },
  /** One item per (subject, chunk). `subject` is the keyed pseudonym; `chunk` is `<run>/<attempt>/<index>`. */
  subjectKeys: { partitionKey: 'subject', sortKey: 'chunk' },
  /** `dataset` → `<version zero-padded to 6>`; attributes `document` (the exact JSON text) and `signature` (detached JWS). */
  contracts: { partitionKey: 'dataset', sortKey: 'version' },
  /** `issuer` → `keys` (JWKS, JSON text), `scopes`, `datasets`, `submitters`. */
  issuers: { partitionKey: 'issuer' },
  /**
   * `kind` (`grantor` | `grant`) and `id`; see contracts/reference/ledger.json. A grant has `grantor` and `ein` (texts),
   * `firstFiscalYear` and `lastFiscalYear` (numbers, inclusive).
   */
  ledger: { partitionKey: 'kind', sortKey: 'id' },
  /** `pack` → `version`; attributes `code`, `signature`. */
  rulePacks: { partitionKey: 'pack', sortKey: 'version' },
  /**
   * `destination` is the grantor (a value of the contract's tenant field) whose records go there; attributes `name` (a slug:
   * the prefix in the exports bucket), `format` (`ndjson` | `json` | `csv`), `datasets`.
   */
  destinations: { partitionKey: 'destination' },
  /** What is held of a dataset between its sweeps (shared/verdict/gate.ts); `openUntil`: until when consumers may take it. */
  gates: { partitionKey: 'dataset' },
  /** Who closed the breaker of a dataset after which sweep, and why. Sweeps read it; people write it. */
  closings: { partitionKey: 'dataset', sortKey: 'sweep' },
} as const;

/** Metadata of an upload that holds its submission token (S3 user metadata; the service holds 2 KB of it in all). */
export const SUBMISSION_TOKEN_METADATA = 'submission-token';
