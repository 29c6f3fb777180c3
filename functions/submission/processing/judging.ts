import type { CompiledContract } from '../../../shared/contract/compiled.ts';
import type { Clock } from '../../../shared/ports.ts';
import type { FieldProblem } from '../../../shared/problem.ts';
import { type Verdict, Verdicts } from '../../../shared/rule-pack.ts';
import type { WorkingRecord } from '../protocol/working-record.ts';
import type { RulePack, RulePacks } from './rule-pack.ts';
import { Sandbox, SandboxFailure, type SandboxFault, type SandboxLimits } from './sandbox.ts';

/** Which path judged a chunk, and why not the first: the audit log holds it (requirement B12). */
export interface Path {
  readonly engine: 'pack' | 'fallback' | 'none';
  /** Why the pack's answer was not taken. */
  readonly packFault?: SandboxFault;
  /** Why the fallback gave none for a part of the chunk. */
  readonly fallbackFault?: SandboxFault;
}

export interface Judgement {
  /** One per record, in order. */
  readonly verdicts: readonly (readonly FieldProblem[] | WorkingRecord)[];
  readonly path: Path;
}

/** Records per call into the machine: large enough that the call costs nothing, small enough for its memory and deadline. */
const BATCH = 500;

const UNJUDGED: readonly FieldProblem[] = [{ code: 'rule-pack-failed', pointer: '', rule: 'rulePack' }];

/**
 * Judges one chunk. If the pack fails on any batch (its deadline, an exception, an answer that is none), nothing that it said of
 * this chunk counts, and the fallback judges all of it: no chunk is ever judged partly by one and partly by the other. Where
 * the fallback fails too, those records are turned away with `rule-pack-failed`.
 */
export async function judgeChunk(
  records: readonly WorkingRecord[],
  { primary, fallback }: RulePacks,
  compiled: CompiledContract,
  options: { readonly limits: SandboxLimits; readonly clock: Clock },
): Promise<Judgement> {
  const batches = batchesOf(records);
  const configuration = JSON.stringify(compiled.contract.submission.rules);
  try {
    using pack = await Sandbox.open(primary.code, options.limits, options.clock.now);
    const verdicts = batches.flatMap((batch) => ask(pack, batch, configuration, compiled));
    return { verdicts, path: { engine: 'pack' } };
  } catch (error) {
    if (!(error instanceof SandboxFailure)) throw error;
    return judgeByFallback(batches, fallback, configuration, compiled, options, error.fault);
  }
}

async function judgeByFallback(
  batches: readonly (readonly WorkingRecord[])[],
  fallback: RulePack,
  configuration: string,
  compiled: CompiledContract,
  { limits, clock }: { readonly limits: SandboxLimits; readonly clock: Clock },
  packFault: SandboxFault,
): Promise<Judgement> {
  let fallbackFault: SandboxFault | undefined;
  let judged = 0;
  const verdicts: (readonly FieldProblem[] | WorkingRecord)[] = [];
  for (const batch of batches) {
    try {
      // A machine per batch: what one batch breaks does not turn away the next.
      using sandbox = await Sandbox.open(fallback.code, limits, clock.now);
      verdicts.push(...ask(sandbox, batch, configuration, compiled));
      judged += 1;
    } catch (error) {
      if (!(error instanceof SandboxFailure)) throw error;
      fallbackFault = error.fault;
      verdicts.push(...batch.map(() => UNJUDGED));
    }
  }
  const path: Path = { engine: judged > 0 ? 'fallback' : 'none', packFault };
  return { verdicts, path: fallbackFault === undefined ? path : { ...path, fallbackFault } };
}

/** What a pack says of one batch, in full or not at all. */
function ask(
  sandbox: Sandbox,
  batch: readonly WorkingRecord[],
  configuration: string,
  compiled: CompiledContract,
): (readonly FieldProblem[] | WorkingRecord)[] {
  const question = JSON.stringify(batch.map(({ record, fields }) => ({ record, fields })));
  const answer = Verdicts.safeParse(parseJson(sandbox.judge(question, configuration)));
  if (!answer.success || answer.data.length !== batch.length) throw new SandboxFailure('answer');
  return batch.map((record, index) => applied(record, answer.data[index], compiled));
}

function applied(
  record: WorkingRecord,
  verdict: Verdict | undefined,
  compiled: CompiledContract,
): readonly FieldProblem[] | WorkingRecord {
  if (verdict === undefined) throw new SandboxFailure('answer');
  if ('errors' in verdict) return verdict.errors;
  if (verdict.derived === undefined) return { record: record.record, fields: record.fields };
  // What a pack derives is held to the contract like what a submitter sends: a pack that breaks it has failed.
  const { value } = compiled.validateDerived(verdict.derived);
  if (value === undefined) throw new SandboxFailure('answer');
  return { record: record.record, fields: record.fields, derived: value };
}

function batchesOf(records: readonly WorkingRecord[]): (readonly WorkingRecord[])[] {
  const batches: (readonly WorkingRecord[])[] = [];
  for (let start = 0; start < records.length; start += BATCH) batches.push(records.slice(start, start + BATCH));
  return batches;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
