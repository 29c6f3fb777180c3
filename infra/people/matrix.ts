/**
 * Who may do what: the one table of people and service accounts. The IAM roles (infra/people) and the roles of a PostgreSQL
 * (`parapet roles sql`) are made from it, and nothing else gives a person anything.
 */

/** What a person can be let do in AWS. infra/people/deeds.ts says of which grants each is made, and why. */
export const DEEDS = {
  putUploads: 'puts uploads',
  watchRuns: 'sees what became of runs',
  resumeRuns: 'takes up again a run that failed',
  askCustody: 'asks for release or discard',
  startSweeps: 'starts and follows sweeps',
  closeBreakers: 'sees which breakers of sweeps are open, and closes them',
  readProblems: 'reads why records were turned away, and no raw record',
  readEvidence: 'reads audit entries and seals, and verifies them',
  readContracts: 'reads contracts and rule packs',
  keepRegistries: 'keeps contracts, issuers, reference data, rule packs and destinations',
  signContracts: 'signs contracts and rule packs',
  askTrail: 'asks the trail who did what',
  watchMetrics: 'sees metrics, alarms and the dashboard',
  readLogs: 'reads the functions’ logs, which hold no value of a record',
  readConfiguration: 'reads policies and settings of what is deployed',
  clearDeadLetters: 'reads and removes events that reached no run or sweep',
  sealByHand: 'starts a closing machine again, of runs or of sweeps',
  stopFlow: 'stops and restarts the delivery of uploads to runs',
  rescueKeys: 'cancels the deletion of a key, and enables it',
  restartTrail: 'starts the trail again',
  rotateSecrets: 'has a secret rotated at once',
  mendPolicies: 'reads and changes the policies of roles, keys, buckets, tables and secrets',
} as const;
export type Deed = keyof typeof DEEDS;

/** What lies in a PostgreSQL. Schemas and tables of `data` are those of the contracts. */
export const DATABASE_OBJECTS = {
  data: 'the tables of the contracts, as they are',
  analysis: 'views of them: what is personal stands there as a token',
  staging: 'what is being loaded, before it counts',
  ledger: 'reference data that records are held against',
  tokens: 'the key behind the tokens of the views',
} as const;
export type DatabaseObject = keyof typeof DATABASE_OBJECTS;

/** `read`: SELECT. `write`: INSERT, UPDATE, DELETE. `make`: tables of one's own in the schema. */
export type DatabaseVerb = 'read' | 'write' | 'make';
export type DatabaseRights = Readonly<Partial<Record<DatabaseObject, readonly DatabaseVerb[]>>>;

export interface PersonRole {
  readonly description: string;
  readonly deeds: readonly Deed[];
  /** Absent: no role in a database. */
  readonly database?: DatabaseRights;
  /** Sees and ends sessions of others. Of rows it says nothing. */
  readonly tendsSessions?: true;
  /** A session of minutes, on a second factor of minutes ago, and an alarm as soon as somebody takes it. */
  readonly emergency?: true;
}

export const PEOPLE_MATRIX = {
  uploader: { description: 'Puts uploads into the landing bucket', deeds: ['putUploads'] },
  operator: {
    description: 'Watches runs, reads quarantine and seals, releases and discards, starts sweeps, closes breakers',
    deeds: [
      'watchRuns',
      'resumeRuns',
      'askCustody',
      'startSweeps',
      'closeBreakers',
      'readProblems',
      'readEvidence',
      'watchMetrics',
      'readLogs',
    ],
  },
  steward: {
    description: 'Keeps the registries and signs contracts',
    deeds: ['keepRegistries', 'signContracts'],
    database: { ledger: ['read', 'write'] },
  },
  investigator: { description: 'Asks the trail who did what', deeds: ['askTrail'] },
  analyst: {
    description: 'Reads what is not personal, and watches the figures',
    deeds: ['readContracts', 'watchMetrics'],
    database: { analysis: ['read'] },
  },
  'data-engineer': {
    description: 'Loads staging, and looks after the pipeline without its data',
    deeds: ['watchRuns', 'readContracts', 'watchMetrics', 'readLogs'],
    database: { staging: ['read', 'write', 'make'] },
  },
  'ml-engineer': {
    description: 'Trains on what is not personal',
    deeds: ['readContracts', 'watchMetrics'],
    database: { analysis: ['read'], staging: ['read'] },
  },
  auditor: {
    description: 'Reads evidence and configuration, changes nothing',
    deeds: ['watchRuns', 'readEvidence', 'readContracts', 'readConfiguration'],
    database: { ledger: ['read'] },
  },
  admin: {
    description: 'Keeps the deployment running, and reads no data',
    deeds: [
      'watchMetrics',
      'readLogs',
      'clearDeadLetters',
      'sealByHand',
      'stopFlow',
      'rescueKeys',
      'restartTrail',
      'rotateSecrets',
    ],
    database: {},
    tendsSessions: true,
  },
  'break-glass': {
    description: 'When nobody else can: every use rings an alarm',
    deeds: [
      'watchMetrics',
      'readLogs',
      'clearDeadLetters',
      'sealByHand',
      'stopFlow',
      'rescueKeys',
      'restartTrail',
      'rotateSecrets',
      'mendPolicies',
    ],
    database: { data: ['read'], ledger: ['read', 'write'] },
    tendsSessions: true,
    emergency: true,
  },
} as const satisfies Readonly<Record<string, PersonRole>>;

export type Person = keyof typeof PEOPLE_MATRIX;
export const PEOPLE = Object.keys(PEOPLE_MATRIX) as readonly Person[];

export const roleOf = (person: Person): PersonRole => PEOPLE_MATRIX[person];

/** Everybody who may do it, in the order of the table. */
export function whoMay(deed: Deed): readonly Person[] {
  return PEOPLE.filter((person) => roleOf(person).deeds.includes(deed));
}

export interface ServiceAccount {
  readonly description: string;
  readonly database: DatabaseRights;
  /** Every transaction begins read-only; what is not granted could not be written either way. */
  readonly readOnly: true;
  /** The longest that one statement may take, in milliseconds. */
  readonly statementTimeoutMs: number;
  /** Sessions at once, where the configuration of the sweep says no other number. */
  readonly connections: number;
}

/** Each with two log-ins, of which one is current: its password can be changed without a session being turned away. */
export const SERVICE_ACCOUNTS = {
  sweep: {
    description: 'Reads the tables of the contracts, to compare them',
    database: { data: ['read'] },
    readOnly: true,
    // A partition is read by one COPY, which a function must end within a quarter of an hour.
    statementTimeoutMs: 15 * 60_000,
    connections: 8,
  },
  reconciliation: {
    description: 'Holds records against the ledger, which it cannot change',
    database: { ledger: ['read'] },
    readOnly: true,
    statementTimeoutMs: 30_000,
    connections: 4,
  },
} as const satisfies Readonly<Record<string, ServiceAccount>>;
export type ServiceAccountName = keyof typeof SERVICE_ACCOUNTS;

/** Seconds of an emergency session, and the greatest age of the second factor that opens it. */
export const EMERGENCY_SECONDS = 900;
