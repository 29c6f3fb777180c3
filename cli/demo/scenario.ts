/** Uploads every sample to an embedded cloud, waits until all is sealed, and verifies what it finds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerifierKey } from '../../shared/audit/verifier-key.ts';
import { type SealReport, verifySeal } from '../../shared/audit/verify-seal.ts';
import type { Clients } from '../session/clients.ts';
import type { Connection } from '../session/connection.ts';
import { fetchEvidence } from '../session/evidence.ts';
import { issuerOf } from '../session/issuer.ts';
import type { RunReport } from '../session/report.ts';
import { readReport, waitForRun } from '../session/stores.ts';
import { tokenFor, type Uploaded, upload } from '../session/submission.ts';
import type { Sample } from './samples.ts';

export interface Scenario {
  readonly connection: Connection;
  readonly uploader: Clients;
  readonly operator: Clients;
  readonly dataset: string;
  /** Who submits. */
  readonly subject: string;
  /** Where evidence goes: a folder per run, which `parapet verify` takes. */
  readonly evidence: string;
  /** Told how many runs are sealed. */
  readonly progress: (sealed: number, of: number) => void;
}

export interface Submitted {
  readonly sample: Sample;
  readonly report: RunReport;
  readonly evidence: string;
  /** What verifying the seal with the public key alone has shown. */
  readonly verified: SealReport;
  /** Whether it ended as the sample says it must. */
  readonly asExpected: boolean;
}

const TIMEOUT_MS = 120_000;
/** Runs at a time. Every function that runs at once is a cold start; more of them than cores only wait for each other. */
const AT_ONCE = 4;

export async function runScenario(scenario: Scenario, samples: readonly Sample[]): Promise<Submitted[]> {
  const done = new Map<Sample, Submitted>();
  const take = async (sample: Sample): Promise<void> => {
    done.set(sample, await settle(scenario, sample, await submit(scenario, sample)));
    scenario.progress(done.size, samples.length);
  };
  const waiting = samples.filter(({ after }) => after !== true).values();
  const lane = async (): Promise<void> => {
    for (const sample of waiting) await take(sample);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  // What repeats an earlier submission comes after it, one by one.
  for (const sample of samples.filter(({ after }) => after === true)) await take(sample);
  return samples.flatMap((sample) => done.get(sample) ?? []);
}

async function submit({ connection, uploader, dataset, subject }: Scenario, sample: Sample): Promise<Uploaded> {
  const key = `uploads/${sample.name}`;
  const { issuer, signer } = issuerOf(connection, {});
  const token = await tokenFor(sample.file, {
    connection,
    issuer,
    signer: sample.token.signer ?? signer,
    subject,
    dataset,
    key,
    ...(sample.idempotencyKey === undefined ? {} : { idempotencyKey: sample.idempotencyKey }),
    ...(sample.token.claims === undefined ? {} : { claims: sample.token.claims }),
  });
  return upload(uploader, connection.buckets.landing, sample.file, {
    key,
    ...(sample.contentType === undefined ? {} : { contentType: sample.contentType }),
    ...(sample.token.absent ? {} : { token: sample.token.tamper?.(token) ?? token }),
  });
}

async function settle(scenario: Scenario, sample: Sample, { run }: Uploaded): Promise<Submitted> {
  const { connection, operator } = scenario;
  await waitForRun(operator, connection, run, TIMEOUT_MS);
  const report = await readReport(operator, connection, run);
  const evidence = join(scenario.evidence, run);
  if (report.seal === null || report.seal === undefined)
    throw new Error(`${sample.name}: the run ${run} was not sealed in time`);
  await fetchEvidence(operator, connection, { run, seal: report.seal }, evidence);
  const verified = await verifySeal({
    checkpoint: readFileSync(join(evidence, 'checkpoint'), 'utf8'),
    document: readFileSync(join(evidence, 'seal.json'), 'utf8'),
    segment: async ({ key }) => readFileSync(join(evidence, key)),
    key: parseVerifierKey(readFileSync(join(evidence, 'public-key.pem'), 'utf8')),
  });
  return { sample, report, evidence, verified, asExpected: isExpected(sample, report) };
}

function isExpected({ expected }: Sample, { outcome, problems }: RunReport): boolean {
  if (outcome === expected) return true;
  return outcome === 'refused' && problems.some(({ record, code }) => record === null && code === expected);
}
