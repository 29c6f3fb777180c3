/**
 * What Secrets Manager does with a new or changed schedule that does not rotate at once: it "tests the rotation configuration by
 * running the testSecret step of the Lambda rotation function. The test creates an AWSPENDING version of the secret and then removes
 * it." What that version holds is not said; here it is a copy of the current value. A trial that fails leaves the schedule as it is:
 * the function's log says why. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Store } from '../store.ts';
import type { InvokeRotation, RotationPlan } from './plan.ts';
import type { Secret, Vault } from './vault.ts';

const Row = z.object({ plan: z.string(), token: z.string().nullable() });

export interface Trials {
  /** Whether the schedule is new or changed since the last one that ended; never in the middle of a rotation. */
  isDue(secret: Secret, plan: RotationPlan): boolean;
  /** Written down before it begins: one that a killed process left is taken away and made anew. */
  run(secret: Secret, plan: RotationPlan, invoke: InvokeRotation, stopping: () => boolean): Promise<void>;
}

export function createTrials({ store, vault }: { readonly store: Store; readonly vault: Vault }): Trials {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS secrets_trials (
      arn TEXT PRIMARY KEY,
      plan TEXT NOT NULL,
      token TEXT
    ) STRICT;
  `);
  const rowOf = (secret: Secret): z.infer<typeof Row> | undefined => {
    const row = store.prepare('SELECT plan, token FROM secrets_trials WHERE arn = ?').get(secret.arn);
    return row === undefined ? undefined : Row.parse(row);
  };
  const write = (secret: Secret, plan: RotationPlan, token: string | null): void => {
    store
      .prepare('INSERT OR REPLACE INTO secrets_trials (arn, plan, token) VALUES (?, ?, ?)')
      .run(secret.arn, JSON.stringify(plan), token);
  };
  const staged = (secret: Secret, stage: string): string | undefined =>
    vault.versions(secret).find(({ stages }) => stages.includes(stage))?.id;

  return {
    isDue: (secret, plan) => {
      const row = rowOf(secret);
      const pending = staged(secret, 'AWSPENDING');
      const rotating = pending !== undefined && pending !== row?.token && pending !== staged(secret, 'AWSCURRENT');
      return !rotating && (row === undefined || row.token !== null || row.plan !== JSON.stringify(plan));
    },
    run: async (secret, plan, invoke, stopping) => {
      const before = rowOf(secret)?.token;
      const current = staged(secret, 'AWSCURRENT');
      if (current === undefined) return;
      const token = randomUUID();
      store.transaction(() => {
        if (before) vault.remove(secret, before);
        vault.write(secret, token, vault.read(secret, current, undefined), undefined);
        vault.setStage(secret, 'AWSPENDING', token);
        write(secret, plan, token);
      });
      const payload = JSON.stringify({ Step: 'testSecret', SecretId: secret.arn, ClientRequestToken: token });
      await invoke(plan.functionArn, secret.arn, payload);
      if (stopping()) return;
      store.transaction(() => {
        vault.remove(secret, token);
        write(secret, plan, null);
      });
    },
  };
}
