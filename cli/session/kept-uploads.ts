/** Uploads that lie in quarantine whole: refused ones, and those with records that were too large to hold. */
import * as z from 'zod';
import { KEYS } from '../../shared/names.ts';
import { isProblemCode, Problem, type ProblemCode } from '../../shared/problem.ts';
import { custodyRunIdOf } from '../../shared/run-id.ts';
import { custodyState, type ReportStores } from './report.ts';

export interface KeptUpload {
  readonly run: string;
  /** Why it is there: of an accepted upload, `record-too-large`. */
  readonly code: ProblemCode;
  readonly key: string;
  /** Null of what is not there any more, or never was: one over 5 GiB stays in landing, tagged. */
  readonly bytes: number | null;
  readonly state: 'held' | 'discarded' | 'in-landing';
}

const PROBLEM_LIMIT_BYTES = 64 * 1024;

/** Those of these runs, in their order. */
export async function keptUploads(
  { audit, quarantine }: ReportStores,
  runs: readonly string[],
): Promise<readonly KeptUpload[]> {
  const [first, ...others] = runs;
  if (first === undefined) return [];
  const sizes = new Map<string, number>();
  const prefix = others.length === 0 ? KEYS.quarantinedUploads(first) : KEYS.quarantinedUploads();
  for await (const { key, size } of quarantine.list(prefix)) sizes.set(key, size);
  const kept: KeptUpload[] = [];
  for (const run of runs) {
    const key = KEYS.quarantinedUpload(run);
    const bytes = sizes.get(key) ?? null;
    const refused = sizes.has(KEYS.uploadProblem(run));
    const decided = await custodyState(audit, custodyRunIdOf({ run, upload: 'copy' }));
    if (bytes === null && !refused && decided !== 'discarded') continue;
    const state = bytes !== null ? 'held' : decided === 'discarded' ? decided : 'in-landing';
    const code = refused ? (await refusalOf(quarantine, run)).code : 'record-too-large';
    kept.push({ run, code, key, bytes, state });
  }
  return kept;
}

/** What RFC 9457 says of a refused upload. */
const Refusal = z.looseObject({ type: z.string(), title: z.string(), detail: z.string().optional() });

/** The problem document beside a refused upload. @throws Problem `not-found`. */
export async function refusalOf(
  quarantine: ReportStores['quarantine'],
  run: string,
): Promise<{ readonly code: ProblemCode; readonly title: string; readonly detail: string | undefined }> {
  const key = KEYS.uploadProblem(run);
  const found = await quarantine.get(key, { maxBytes: PROBLEM_LIMIT_BYTES });
  if (found === undefined) throw new Problem('not-found', { detail: key });
  const { type, title, detail } = Refusal.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')));
  const code = type.slice(type.lastIndexOf(':') + 1);
  if (!isProblemCode(code)) throw new Problem('not-found', { detail: key });
  return { code, title, detail };
}
