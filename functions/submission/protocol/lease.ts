import type { Actor, Stage } from '../../../shared/names.ts';
import type { Lease } from '../../../shared/ports.ts';
import type { FlowPorts } from './ports.ts';

/** Lease times are epoch seconds, as the runs table holds them. */
export function leaseFor(execution: string, { clock, leaseSeconds }: FlowPorts): Lease {
  const now = Math.floor(clock.now() / 1_000);
  return { execution, now, until: now + leaseSeconds };
}

/** One attempt of one stage. Its id is random: what two attempts write never meets under one key. */
export interface Attempt<By extends Actor = Stage> {
  readonly run: string;
  readonly stage: By;
  readonly execution: string;
  /** 16 hex digits. */
  readonly attempt: string;
  /** Whether an attempt of this stage was begun before: only then can there be anything to adopt. */
  readonly repeated: boolean;
  /** RFC 3339. */
  readonly began: string;
}

const ATTEMPT_BYTES = 8;

export function newAttempt<By extends Actor>(
  { random, clock }: FlowPorts,
  of: { readonly run: string; readonly stage: By; readonly execution: string; readonly ordinal: number },
): Attempt<By> {
  return {
    run: of.run,
    stage: of.stage,
    execution: of.execution,
    attempt: Buffer.from(random(ATTEMPT_BYTES)).toString('hex'),
    repeated: of.ordinal > 1,
    began: new Date(clock.now()).toISOString(),
  };
}

/** Renews the lease at the start of a stage; `undefined` when another execution holds the run, or it is over. */
export async function beginAttempt(
  ports: FlowPorts,
  of: { readonly run: string; readonly stage: Stage; readonly execution: string },
): Promise<Attempt | undefined> {
  const run = await ports.runs.renew(of.run, of.stage, leaseFor(of.execution, ports));
  return run && newAttempt(ports, { ...of, ordinal: run.attempts[of.stage] ?? 1 });
}
