/**
 * Rotation as Secrets Manager does it: a version without a value under AWSPENDING, then the four steps, each an invocation of the
 * function that the schedule names. It is written down before it begins: a killed process takes it up again, from the first step,
 * as a failed one is; the function must find what it did before.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../shared/ports.ts';
import { ApiError, type Deployment } from '../service.ts';
import type { Store } from '../store.ts';
import type { InvokeRotation, RotationPlan } from './plan.ts';
import { createTrials } from './trial.ts';
import type { Secret, Vault } from './vault.ts';

export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const DAY_MS = 24 * 3_600_000;
/** Attempts at one rotation before it waits for somebody to ask again. */
const MOST_ATTEMPTS = 5;

const Schedule = z.looseObject({
  SecretId: z.string(),
  RotationLambdaARN: z.string(),
  RotationRules: z.strictObject({ AutomaticallyAfterDays: z.int().min(1).max(1_000) }),
  RotateImmediatelyOnUpdate: z.literal(false),
});
const Row = z.object({
  token: z.string(),
  state: z.enum(['running', 'failed', 'done']),
  attempts: z.number(),
  rotated_at: z.number().nullable(),
});

export interface Rotations {
  /** `undefined`: the secret does not rotate. */
  planOf(secret: Secret): RotationPlan | undefined;
  lastRotated(secret: Secret): number | undefined;
  nextRotation(secret: Secret): number | undefined;
  /** Begins a rotation, or takes up the one that has not ended. @throws ApiError where one has not ended */
  begin(secret: Secret, token: string): void;
  /** Takes up what was running, and tries schedules that are new. From now on steps are invoked. */
  start(invoke: InvokeRotation): void;
  /** Rotates what has come due, and tries again what failed. */
  tick(): void;
  idle(): Promise<void>;
  /** From now on nothing is written down of what runs: the next start takes it up. */
  stop(): void;
}

export interface RotationsOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  all(): readonly Secret[];
  deployment(): Deployment | undefined;
}

export function createRotations({ store, vault, clock, all, deployment }: RotationsOptions): Rotations {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS secrets_rotations (
      arn TEXT PRIMARY KEY,
      token TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      rotated_at INTEGER
    ) STRICT;
  `);
  const under = new Map<string, Promise<void>>();
  const trials = createTrials({ store, vault });
  const trying = new Map<string, Promise<void>>();
  let invoke: InvokeRotation | undefined;
  let stopping = false;

  const planOf = (secret: Secret): RotationPlan | undefined => {
    const found = deployment()
      ?.ofType('AWS::SecretsManager::RotationSchedule')
      .map(({ properties }) => Schedule.parse(properties))
      .find(({ SecretId }) => SecretId === secret.arn);
    return found && { functionArn: found.RotationLambdaARN, days: found.RotationRules.AutomaticallyAfterDays };
  };
  const rowOf = (secret: Secret): z.infer<typeof Row> | undefined => {
    const row = store
      .prepare('SELECT token, state, attempts, rotated_at FROM secrets_rotations WHERE arn = ?')
      .get(secret.arn);
    return row === undefined ? undefined : Row.parse(row);
  };
  const write = (secret: Secret, row: z.infer<typeof Row>): void => {
    store
      .prepare(
        'INSERT OR REPLACE INTO secrets_rotations (arn, token, state, attempts, rotated_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(secret.arn, row.token, row.state, row.attempts, row.rotated_at);
  };
  const run = async (secret: Secret, plan: RotationPlan): Promise<void> => {
    const before = rowOf(secret);
    if (before === undefined || invoke === undefined) return;
    // Asked for while the schedule was on trial, it has not had its stage yet.
    if (before.attempts === 0) vault.setStage(secret, 'AWSPENDING', before.token);
    write(secret, { ...before, state: 'running', attempts: before.attempts + 1 });
    for (const Step of STEPS) {
      const payload = JSON.stringify({ Step, SecretId: secret.arn, ClientRequestToken: before.token });
      const succeeded = await invoke(plan.functionArn, secret.arn, payload);
      if (stopping) return;
      if (succeeded) continue;
      write(secret, { ...before, state: 'failed', attempts: before.attempts + 1 });
      return;
    }
    write(secret, { ...before, state: 'done', attempts: 0, rotated_at: clock.now() });
  };
  const launch = (secret: Secret): void => {
    const plan = planOf(secret);
    if (plan === undefined || invoke === undefined || stopping || under.has(secret.arn)) return;
    const trial = trying.get(secret.arn) ?? Promise.resolve();
    const running = trial.then(() => (stopping ? undefined : run(secret, plan)));
    under.set(
      secret.arn,
      running.finally(() => under.delete(secret.arn)),
    );
  };
  const tryOut = (secret: Secret): void => {
    const plan = planOf(secret);
    if (plan === undefined || invoke === undefined || !trials.isDue(secret, plan)) return;
    const trial = trials.run(secret, plan, invoke, () => stopping);
    trying.set(
      secret.arn,
      trial.finally(() => trying.delete(secret.arn)),
    );
  };
  const lastRotated = (secret: Secret): number | undefined => rowOf(secret)?.rotated_at ?? undefined;
  const nextRotation = (secret: Secret): number | undefined => {
    const plan = planOf(secret);
    const made = Math.min(...vault.versions(secret).flatMap(({ createdAt, valued }) => (valued ? [createdAt] : [])));
    return plan && (lastRotated(secret) ?? made) + plan.days * DAY_MS;
  };
  const begin = (secret: Secret, token: string): void => {
    const pending = vault.versions(secret).find(({ stages }) => stages.includes('AWSPENDING'));
    const known = rowOf(secret);
    const onTrial = trying.has(secret.arn);
    if (
      under.has(secret.arn) ||
      (pending && !onTrial && known?.state !== 'done' && !pending.stages.includes('AWSCURRENT'))
    ) {
      launch(secret);
      throw new ApiError(
        'InvalidRequestException',
        'A previous rotation isn’t complete. That rotation will be reattempted.',
      );
    }
    store.transaction(() => {
      if (!onTrial) vault.setStage(secret, 'AWSPENDING', token);
      write(secret, { token, state: 'running', attempts: 0, rotated_at: known?.rotated_at ?? null });
    });
    launch(secret);
  };

  return {
    planOf,
    lastRotated,
    nextRotation,
    begin,
    start: (given) => {
      invoke = given;
      for (const secret of all()) {
        tryOut(secret);
        if (rowOf(secret)?.state === 'running') launch(secret);
      }
    },
    tick: () => {
      if (stopping) return;
      for (const secret of all()) {
        const row = rowOf(secret);
        if (row?.state === 'failed' && row.attempts < MOST_ATTEMPTS) launch(secret);
        const due = nextRotation(secret);
        if (row?.state !== 'failed' && row?.state !== 'running' && due !== undefined && due <= clock.now()) {
          begin(secret, randomUUID());
        }
      }
    },
    idle: async () => {
      while (under.size + trying.size > 0) await Promise.all([...under.values(), ...trying.values()]);
    },
    stop: () => {
      stopping = true;
    },
  };
}
