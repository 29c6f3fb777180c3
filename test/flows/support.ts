/** Whole flows on the embedded cloud: the synthesized templates with their policies, the bundled handlers, the real SDK. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Clients, connect } from '../../cli/session/clients.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../cli/session/embedded.ts';
import { fetchEvidence } from '../../cli/session/evidence.ts';
import { issuerOf } from '../../cli/session/issuer.ts';
import type { RunReport } from '../../cli/session/report.ts';
import { readReport, waitForRun } from '../../cli/session/stores.ts';
import { type TokenOptions, tokenFor, type Uploaded, upload } from '../../cli/session/submission.ts';
import { parseVerifierKey } from '../../shared/audit/verifier-key.ts';
import { type SealReport, verifySeal } from '../../shared/audit/verify-seal.ts';
import { parseContract } from '../../shared/contract/parse.ts';
import { parseLedger } from '../../shared/contract/reference.ts';
import { type SampleOptions, sampleText } from '../../shared/sample/sample.ts';
import { MEDIA_TYPE_OF, type SampleFormat } from '../../shared/sample/write.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const CONTRACT = parseContract(readFileSync(join(ROOT, 'contracts', 'grant-submission.v1.json'), 'utf8'));
export const LEDGER = parseLedger(readFileSync(join(ROOT, 'contracts', 'reference', 'ledger.json'), 'utf8'));

export interface Flow extends Embedded {
  readonly folder: string;
  readonly uploader: Clients;
  readonly operator: Clients;
  submit(name: string, content: string | Uint8Array, options?: SubmitOptions): Promise<Uploaded>;
  /** Uploads a file that is there already, streaming it. */
  submitFile(file: string, options?: SubmitOptions): Promise<Uploaded>;
  /** Waits for the seal of a run, verifies it with the public key alone, and says what became of the run. */
  settle(run: string): Promise<{ readonly report: RunReport; readonly seal: SealReport }>;
  /** Stops the cloud; its state stays until `remove`. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export interface SubmitOptions {
  readonly key?: string;
  readonly contentType?: string;
  readonly claims?: TokenOptions['claims'];
  readonly idempotencyKey?: string;
  /** Changes the token after it was signed; `undefined` leaves it out. */
  readonly tamper?: (token: string) => string | undefined;
}

const SEALED_WITHIN_MS = 60_000;

export async function startFlow(options: Partial<EmbeddedOptions> = {}): Promise<Flow> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'parapet-flow-'));
  const embedded = await startEmbedded({ timeScale: 0.02, ...options, folder: join(folder, 'cloud') });
  const { connection, cloud } = embedded;
  const uploader = connect(connection, 'uploader');
  const operator = connect(connection, 'operator');
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    uploader.close();
    operator.close();
    stopping ??= cloud.stop();
    return stopping;
  };
  const submitFile = async (file: string, given: SubmitOptions = {}): Promise<Uploaded> => {
    const key = given.key ?? `uploads/${basename(file)}`;
    const token = await tokenFor(file, {
      connection,
      ...issuerOf(connection, {}),
      subject: 'tester',
      dataset: CONTRACT.dataset,
      key,
      ...(given.idempotencyKey === undefined ? {} : { idempotencyKey: given.idempotencyKey }),
      ...(given.claims === undefined ? {} : { claims: given.claims }),
    });
    const presented = given.tamper === undefined ? token : given.tamper(token);
    return upload(uploader, connection.buckets.landing, file, {
      key,
      ...(presented === undefined ? {} : { token: presented }),
      ...(given.contentType === undefined ? {} : { contentType: given.contentType }),
    });
  };
  return {
    ...embedded,
    folder,
    uploader,
    operator,
    submitFile,
    submit: (name, content, given) => {
      const file = join(folder, 'uploads', name);
      mkdirSync(join(folder, 'uploads'), { recursive: true });
      writeFileSync(file, content);
      return submitFile(file, given);
    },
    settle: async (run) => {
      await waitForRun(operator, connection, run, SEALED_WITHIN_MS);
      const report = await readReport(operator, connection, run);
      if (report.seal === null || report.seal === undefined) throw new Error(`run ${run} was not sealed in time`);
      const evidence = join(folder, 'evidence', run, String(report.seal.generation));
      await fetchEvidence(operator, connection, { run, seal: report.seal }, evidence);
      const seal = await verifySeal({
        checkpoint: readFileSync(join(evidence, 'checkpoint'), 'utf8'),
        document: readFileSync(join(evidence, 'seal.json'), 'utf8'),
        segment: async ({ key }) => readFileSync(join(evidence, key)),
        key: parseVerifierKey(readFileSync(join(evidence, 'public-key.pem'), 'utf8')),
      });
      return { report, seal };
    },
    stop,
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function grants(
  format: SampleFormat,
  options: Partial<Pick<SampleOptions, 'records' | 'seed' | 'faults' | 'kinds' | 'contacts'>> = {},
): { readonly content: string; readonly contentType: string } {
  const given = { records: 20, seed: 'flow', faults: 0, contacts: 5, ...options };
  const content = [...sampleText({ contract: CONTRACT, ledger: LEDGER, format, ...given })].join('');
  return { content, contentType: MEDIA_TYPE_OF[format] };
}
