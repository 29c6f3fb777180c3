import type { Counts } from '../../shared/messages.ts';
import type { Actor, RotationActor, SweepActor } from '../../shared/names.ts';
import type { Deadline } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { Transient } from '../../shared/transient.ts';
import { createLogger, type Logger, stackFrames } from './logger.ts';
import { metricLine } from './metrics.ts';
import { scrubTemporary } from './temporary.ts';

/** What a handler uses of Lambda's context. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What every answer has that is worth a metric. */
interface Answer {
  readonly run?: string;
  readonly sweep?: string;
  readonly outcome: string;
  readonly counts?: Counts | { readonly received: number; readonly exported: number; readonly quarantined: number };
}

export interface Invocation {
  readonly logger: Logger;
  readonly deadline: Deadline;
}

/**
 * What leaves a handler when it fails. Lambda reports `name` and `message` to the state machine, where everybody who may
 * describe an execution reads them: the name is a problem code or `Transient`, the message a fixed sentence.
 */
export class InvocationFailure extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.stack = `${name}: ${message}`;
  }
}

let cold = true;

/** Past `console`, which Lambda's runtime would put a time and a level in front of: a line must be JSON and nothing else. */
export function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs one stage for one invocation: logs its outcome, counts it, scrubs what it left behind, and maps its errors. */
export async function invoke<Result extends Answer>(
  stage: Actor | SweepActor | RotationActor,
  context: LambdaContext,
  run: (invocation: Invocation) => Promise<Result>,
): Promise<Result> {
  const started = Date.now();
  const logger = createLogger(write, Date.now, { stage, request: context.awsRequestId, cold });
  cold = false;
  const deadline: Deadline = { remaining: () => context.getRemainingTimeInMillis() };
  try {
    const result = await run({ logger, deadline });
    const durationMs = Date.now() - started;
    const counts = { ...result.counts };
    const of = { ...(result.run && { run: result.run }), ...(result.sweep && { sweep: result.sweep }) };
    logger.log('info', 'stage.ended', { ...of, outcome: result.outcome, ...counts, durationMs });
    write(metricLine(stage, result.outcome, { ...counts, durationMs }, Date.now()));
    return result;
  } catch (error) {
    const failure = toFailure(error);
    logger.log('error', 'stage.failed', { ...describe(error), frames: stackFrames(error) });
    write(metricLine(stage, 'failed', { failures: 1, durationMs: Date.now() - started }, Date.now()));
    throw failure;
  } finally {
    scrubTemporary();
  }
}

export function toFailure(error: unknown): InvocationFailure {
  if (error instanceof Transient) return new InvocationFailure(error.name, error.message);
  if (error instanceof Problem) return new InvocationFailure(error.code, new Problem(error.code).message);
  return new InvocationFailure('internal-failure', new Problem('internal-failure').message);
}

function describe(error: unknown): { code?: string; error?: string; operation?: string; reason?: string } {
  if (error instanceof Transient) return { error: error.name, operation: error.operation, reason: error.reason };
  if (error instanceof Problem) return { error: error.name, code: error.code };
  return { code: 'internal-failure', error: error instanceof Error ? error.name : 'unknown' };
}
