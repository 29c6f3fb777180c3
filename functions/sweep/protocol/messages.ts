/**
 * What the state machine of the sweep and its steps say to each other: references and counts. What a step found lies in the sweep's store;
 * which sweep it is follows from the execution, so that every attempt of every step means the same one.
 */
import * as z from 'zod/mini';
import { sha256Hex } from '../../../shared/digest.ts';
import { SIDES } from '../../../shared/equivalence/relation.ts';
import { Problem } from '../../../shared/problem.ts';
import type { Answer } from '../../../shared/verdict/decide.ts';

const count = z.int().check(z.nonnegative());
const whole = {
  execution: z.string().check(z.regex(/^arn:aws[\w-]*:states:[\w:-]{1,400}$/, 'the ARN of an execution')),
  dataset: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'the name of a dataset')),
};

export const StepRequest = z.strictObject(whole);
export type StepRequest = z.infer<typeof StepRequest>;

export const HashRequest = z.strictObject({ ...whole, side: z.enum(SIDES), partition: count });
export type HashRequest = z.infer<typeof HashRequest>;

const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, 'a time in UTC'));

export const ReportRequest = z.strictObject({
  ...whole,
  startedAt: time,
  ending: z.enum(['completed', 'failed', 'timed-out', 'aborted']),
});
export type ReportRequest = z.infer<typeof ReportRequest>;

export interface PlanAnswer {
  readonly sweep: string;
  /** `unplanned`: the sweep ends here, and its report says why. */
  readonly outcome: 'planned' | 'unplanned';
  /** The partitions, for the fan-out, and how many may be read at once. */
  readonly items?: { readonly bucket: string; readonly key: string };
  readonly workers?: number;
}

export interface HashAnswer {
  readonly sweep: string;
  readonly outcome: 'done' | 'continued' | 'failed' | 'tripped' | 'halted';
}

export interface CompareAnswer {
  readonly sweep: string;
  /** `incomplete`: a partition has no result, so that there is nothing to compare; `empty`: a side has no row. */
  readonly outcome: 'equal' | 'different' | 'incomplete' | 'empty';
  /** How long to wait before suspects are looked at. */
  readonly delaySeconds: number;
}

export interface LocateAnswer {
  readonly sweep: string;
  readonly outcome: 'located' | 'nothing' | 'failed';
}

export interface ReportAnswer {
  readonly sweep: string;
  readonly outcome: 'equal' | 'diverged' | 'inconclusive' | 'tripped';
  /** Detail of the event. */
  readonly event: SweepEnded;
}

/** No key, no value and no name of a column: who gets events need not be whom the contract lets see these. */
export interface SweepEnded {
  readonly dataset: string;
  readonly sweep: string;
  readonly verdict: Answer;
  readonly reasons: readonly string[];
  readonly rows: { readonly source: number; readonly target: number };
  readonly divergences: { readonly missing: number; readonly extra: number; readonly changed: number };
  /** What tripped the breaker. */
  readonly breaker: string | null;
  readonly endedAt: string;
}

/** Throws `configuration-invalid`, naming members and never what stood in them. */
export function parseRequest<Schema extends z.ZodMiniType>(schema: Schema, message: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'the message').slice(0, 5);
  throw new Problem('configuration-invalid', { detail: `The request of a step: ${paths.join(', ')}.` });
}

/** The sweep of an execution. */
export const sweepIdOf = (execution: string): string => sha256Hex(execution).slice(0, 32);
