/** Starts the embedded cloud as `parapet up`, the demonstration and the flow tests use it: deployed, seeded, connected. */
import { join } from 'node:path';
import type { DeploymentConfiguration } from '../../infra/config.ts';
import { ownConfiguration } from '../../local/assembly-cache.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import { keySetOf } from '../../shared/credential/mint.ts';
import { DEVELOPMENT_KEYS } from '../../shared/signature/development.ts';
import { openForeignData } from '../foreign/data.ts';
import { connect } from './clients.ts';
import { type Connection, type PersonCredentials, type PersonName, writeConnection } from './connection.ts';
import { DEVELOPMENT_ISSUER, developmentIssuer } from './issuer.ts';
import { seed } from './seed.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What the repository's development key has signed: contracts/ and rules/. */
const DATASETS = ['grant-submission'];
/** The ledger, as contracts/ledger.v1.json has it. The database is on this machine; no schedule falls into a test. */
const SWEPT = {
  connections: {
    'ledger-database': { engine: 'postgres', port: 5432, within: { cidr: '127.0.0.1/32' } },
    'ledger-table': { engine: 'dynamodb', table: 'ledger', own: 'ledger' },
  },
  sweeps: {
    ledger: {
      schedule: 'cron(0 3 1 1 ? *)',
      partitions: 2,
      connections: { source: 8, target: 4 },
      lateHours: 168,
    },
  },
} as const satisfies Pick<DeploymentConfiguration, 'connections' | 'sweeps'>;
const RULE_PACKS = ['grant-rules', 'grant-rules-fallback'];

export interface Embedded {
  readonly cloud: Cloud;
  readonly connection: Connection;
  readonly connectionFile: string;
}

export interface EmbeddedOptions extends Omit<CloudOptions, 'config' | 'provision'> {
  /** Whether what the repository sweeps is deployed too; its database is the caller's to start and to name (cli/session/sweeping.ts). */
  readonly sweeps?: boolean;
  /** Gets what a person should know of another endpoint that keeps the data (`PARAPET_ENDPOINT_URL`). */
  readonly tell?: (line: string) => void;
}

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { tell = () => undefined, sweeps = false, ...given } = options;
  const config = developmentConfiguration(sweeps);
  const foreign = openForeignData(given, tell);
  const cloud = foreign.attach(await startCloud({ ...given, config, provision: foreign.provision }));
  try {
    const key = join(options.folder, 'submission-key.pem');
    const developmentKeys = keySetOf([developmentIssuer(key)]);
    const connection = foreign.redirected(connectionTo(cloud, config.deployment, key));
    await seedFromRepository(connection, developmentKeys);
    const connectionFile = join(options.folder, 'connection.json');
    writeConnection(connectionFile, connection);
    foreign.watch();
    return { cloud, connection, connectionFile };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** The deployment's own configuration, with the development key pinned beside its signers: nobody else may allow that. */
function developmentConfiguration(sweeps: boolean): DeploymentConfiguration {
  const config = { ...ownConfiguration(), ...(sweeps ? SWEPT : {}) };
  const signers = [...DEVELOPMENT_KEYS];
  const trust = { signers, allowDevelopmentKeys: true };
  const contracts = Object.fromEntries(
    [...DATASETS, ...Object.keys(config.sweeps)].map((dataset) => [dataset, { ...trust, minimumVersion: 1 }]),
  );
  const rulePacks = Object.fromEntries(RULE_PACKS.map((pack) => [pack, trust]));
  return { ...config, contracts, rulePacks };
}

/** Logical ids, which are pinned. */
const roleOf: Record<PersonName, string> = {
  uploader: 'UploaderRole',
  operator: 'OperatorRole',
  steward: 'StewardRole',
  auditor: 'AuditorRole',
};

function connectionTo(cloud: Cloud, deployment: string, issuerKey: string): Connection {
  const name = (type: string, construct: string): string => cloud.deployment.find(type, construct).physicalId;
  const bucket = (construct: string): string => name('AWS::S3::Bucket', construct);
  const person = (of: PersonName): PersonCredentials => {
    const { accessKeyId, secretAccessKey, sessionToken } = cloud.credentials(name('AWS::IAM::Role', roleOf[of]));
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  };
  const table = (construct: string): string => name('AWS::DynamoDB::Table', construct);
  return {
    endpoint: cloud.endpoint,
    region: cloud.deployment.region,
    deployment,
    buckets: {
      landing: bucket('Landing'),
      quarantine: bucket('Quarantine'),
      exports: bucket('Exports'),
      audit: bucket('Audit'),
    },
    tables: {
      runs: table('Runs'),
      contracts: table('Contracts'),
      issuers: table('Issuers'),
      ledger: table('Ledger'),
      rulePacks: table('RulePacks'),
      destinations: table('Destinations'),
      gates: table('Gates'),
      closings: table('Closings'),
    },
    stateMachine: cloud.deployment.find('AWS::StepFunctions::StateMachine', 'SubmissionStateMachine').arn,
    custodian: cloud.deployment.find('AWS::StepFunctions::StateMachine', 'CustodianStateMachine').arn,
    sealKey: cloud.deployment.find('AWS::KMS::Key', 'SealSigningKey').arn,
    issuer: { name: DEVELOPMENT_ISSUER, key: issuerKey },
    people: {
      uploader: person('uploader'),
      operator: person('operator'),
      steward: person('steward'),
      auditor: person('auditor'),
    },
  };
}

async function seedFromRepository(connection: Connection, developmentKeys: string): Promise<void> {
  const steward = connect(connection, 'steward');
  try {
    await seed(steward.dynamodb, connection.tables, {
      contracts: join(ROOT, 'contracts'),
      rules: join(ROOT, 'rules'),
      reference: join(ROOT, 'contracts', 'reference'),
      developmentKeys,
    });
  } finally {
    steward.close();
  }
}
