/**
 * Which deployment a command speaks to. `parapet up` writes such a file for its embedded cloud; for AWS it is made from
 * the outputs of the stacks (`cdk deploy --outputs-file`), see docs/operations.md.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { mistakesOf } from '../../infra/config.ts';
import { Problem } from '../../shared/problem.ts';

const Credentials = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().optional(),
});
export type PersonCredentials = z.infer<typeof Credentials>;

export const Connection = z.strictObject({
  /** Absent: AWS itself. */
  endpoint: z.url().optional(),
  /**
   * Of storage, tables, keys and secrets where they are another endpoint's. The credentials for it stay in the environment
   * of whoever has them (local/foreign-endpoint.ts).
   */
  storageEndpoint: z.url().optional(),
  /** Of the seal's key, where that endpoint cannot make such a key and the embedded cloud keeps it. */
  sealEndpoint: z.url().optional(),
  region: z.string(),
  deployment: z.string(),
  buckets: z.strictObject({
    landing: z.string(),
    quarantine: z.string(),
    exports: z.string(),
    audit: z.string(),
  }),
  tables: z.strictObject({
    runs: z.string(),
    contracts: z.string(),
    issuers: z.string(),
    ledger: z.string(),
    rulePacks: z.string(),
    destinations: z.string(),
    gates: z.string(),
    closings: z.string(),
  }),
  /** Of uploads. */
  stateMachine: z.string(),
  /** Of release and discard. */
  custodian: z.string(),
  sealKey: z.string(),
  /** The embedded cloud's own issuer of submission tokens: its name, and the file of its private key (PEM). */
  issuer: z.strictObject({ name: z.string(), key: z.string() }).optional(),
  /** Only the embedded cloud writes them; on AWS a person's own session counts. */
  people: z
    .strictObject({
      uploader: Credentials,
      operator: Credentials,
      steward: Credentials,
      /** Absent in connections that were written before there was one. */
      auditor: Credentials.optional(),
    })
    .optional(),
});
export type Connection = z.infer<typeof Connection>;
export type PersonName = 'uploader' | 'operator' | 'steward' | 'auditor';

/** Written by `parapet up`, read by every command that speaks to it. */
export const DEFAULT_CONNECTION = join('.parapet', 'up', 'connection.json');

/** Readable by its owner alone: it holds the credentials of the embedded cloud. */
export function writeConnection(file: string, connection: Connection): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** @throws Problem `usage-invalid` where there is no such file, `configuration-invalid` where it is not a connection. */
export function readConnection(file: string = DEFAULT_CONNECTION): Connection {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const detail = `There is no ${file}: start the embedded cloud with "parapet up", or name a file with --connection.`;
    throw new Problem('usage-invalid', { detail, cause });
  }
  const document = parseJson(text);
  const parsed = Connection.safeParse(fromStackOutputs(document) ?? document, { reportInput: true });
  if (parsed.success) return parsed.data;
  const errors = mistakesOf(parsed.error.issues);
  throw new Problem('configuration-invalid', { detail: `${file} is not a connection.`, errors });
}

const StackOutputs = z.record(z.string().regex(/^parapet-/), z.record(z.string(), z.string()));
const FOUNDATION = /^parapet-(.+)-foundation$/;

/** What `cdk deploy --outputs-file` writes: by stack, the outputs by name. `undefined` for anything else. */
function fromStackOutputs(document: unknown): unknown {
  const stacks = StackOutputs.safeParse(document);
  if (!stacks.success) return undefined;
  const [, deployment] = Object.keys(stacks.data).flatMap((name) => FOUNDATION.exec(name) ?? []);
  const outputs: Record<string, string | undefined> = Object.assign({}, ...Object.values(stacks.data));
  const stateMachine = outputs.StateMachineArn;
  return {
    // arn:<partition>:states:<region>:<account>:stateMachine:<name>
    region: stateMachine?.split(':')[3],
    deployment,
    buckets: {
      landing: outputs.LandingBucketName,
      quarantine: outputs.QuarantineBucketName,
      exports: outputs.ExportsBucketName,
      audit: outputs.AuditBucketName,
    },
    tables: {
      runs: outputs.RunsTableName,
      contracts: outputs.ContractsTableName,
      issuers: outputs.IssuersTableName,
      ledger: outputs.LedgerTableName,
      rulePacks: outputs.RulePacksTableName,
      destinations: outputs.DestinationsTableName,
      gates: outputs.GatesTableName,
      closings: outputs.ClosingsTableName,
    },
    stateMachine,
    custodian: outputs.CustodianStateMachineArn,
    sealKey: outputs.SealSigningKeyArn,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
