/**
 * The names of every environment variable that a function reads, declared once: the construct that sets one and the
 * handler that parses it both import it from here. None has a default; a missing one ends the cold start.
 */
export const ENVIRONMENT = {
  /** Deployment name; part of the audience of submission tokens: `parapet:<deployment>`. */
  deployment: 'PARAPET_DEPLOYMENT',
  landingBucket: 'PARAPET_LANDING_BUCKET',
  workingBucket: 'PARAPET_WORKING_BUCKET',
  vaultBucket: 'PARAPET_VAULT_BUCKET',
  quarantineBucket: 'PARAPET_QUARANTINE_BUCKET',
  exportsBucket: 'PARAPET_EXPORTS_BUCKET',
  auditBucket: 'PARAPET_AUDIT_BUCKET',
  runsTable: 'PARAPET_RUNS_TABLE',
  credentialsTable: 'PARAPET_CREDENTIALS_TABLE',
  idempotencyTable: 'PARAPET_IDEMPOTENCY_TABLE',
  subjectKeysTable: 'PARAPET_SUBJECT_KEYS_TABLE',
  contractsTable: 'PARAPET_CONTRACTS_TABLE',
  issuersTable: 'PARAPET_ISSUERS_TABLE',
  ledgerTable: 'PARAPET_LEDGER_TABLE',
  rulePacksTable: 'PARAPET_RULE_PACKS_TABLE',
  destinationsTable: 'PARAPET_DESTINATIONS_TABLE',
  gatesTable: 'PARAPET_GATES_TABLE',
  closingsTable: 'PARAPET_CLOSINGS_TABLE',
  /** KMS key (ARN) under which the objects that this stage writes to the working bucket are encrypted. */
  stageKey: 'PARAPET_STAGE_KEY',
  vaultKey: 'PARAPET_VAULT_KEY',
  quarantineKey: 'PARAPET_QUARANTINE_KEY',
  exportsKey: 'PARAPET_EXPORTS_KEY',
  auditKey: 'PARAPET_AUDIT_KEY',
  /** KMS key (ARN) of type ECC_NIST_EDWARDS25519 that signs checkpoints. */
  sealKey: 'PARAPET_SEAL_KEY',
  /** Name in the checkpoint's signature line (C2SP signed-note key name), e.g. `parapet.example/sandbox`. */
  sealName: 'PARAPET_SEAL_NAME',
  /**
   * Secrets Manager secret (ARN): JSON `{"current": "1", "1": "<64 letters and digits>"}`: the current version's number, and
   * each version's salt under its own. Flat, because that is the one shape in which CloudFormation can generate the first
   * salt by itself. A salt's key material is the UTF-8 of its text (64 × log2 62 = 381 bits).
   */
  tokenSalts: 'PARAPET_TOKEN_SALTS',
  /** Of each database that a rotation is for, the ARNs of its secret and of its keeper’s: a space between them, commas between pairs. */
  databaseSecrets: 'PARAPET_DATABASE_SECRETS',
  /** Pins, JSON: `{"<dataset>": {"minimumVersion": 1, "signers": ["<sha-256 hex of the SPKI DER>"]}}`. */
  contractPins: 'PARAPET_CONTRACT_PINS',
  /** Pins, JSON: `{"<pack>": {"signers": ["<sha-256 hex of the SPKI DER>"]}}`. */
  rulePackPins: 'PARAPET_RULE_PACK_PINS',
  /** What passes between the steps of a sweep. */
  sweepBucket: 'PARAPET_SWEEP_BUCKET',
  /** KMS key (ARN) that wraps the keys of sweeps, and encrypts the bucket. */
  sweepKey: 'PARAPET_SWEEP_KEY',
  /** JSON: `{"<dataset>": {"partitions": 16, "connections": {"source": 8, "target": 8}}}`. */
  sweeps: 'PARAPET_SWEEPS',
  /** JSON: the name of a connection in a contract → how this deployment reaches it; see functions/sweep/protocol/connections.ts. */
  sweepConnections: 'PARAPET_SWEEP_CONNECTIONS',
  /** SHA-256 of the code that decides a verdict. */
  codeDigest: 'PARAPET_CODE_DIGEST',
  /** Days that entries and seals are retained under Object Lock. */
  auditRetentionDays: 'PARAPET_AUDIT_RETENTION_DAYS',
  /** GOVERNANCE or COMPLIANCE. */
  auditRetentionMode: 'PARAPET_AUDIT_RETENTION_MODE',
  /** The longest time from `iat` to `exp` of a submission token. */
  longestTokenSeconds: 'PARAPET_LONGEST_TOKEN_SECONDS',
  /** How long a stage may be silent before another execution may take its run over. */
  leaseSeconds: 'PARAPET_LEASE_SECONDS',
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENT;
