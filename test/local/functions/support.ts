import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployedFunction } from '../../../local/functions/deployed.ts';
import type { EnvironmentOptions } from '../../../local/functions/environment.ts';
import { createInvoker, type Invoker } from '../../../local/functions/invoker.ts';
import { createPool, type FunctionPool } from '../../../local/functions/pool.ts';
import { ApiError, type Caller } from '../../../local/service.ts';

export const ACCOUNT = '111122223333';

export interface Rig {
  readonly folder: string;
  readonly pool: FunctionPool;
  readonly invoker: Invoker;
  /** Invokes as a role that may, and parses the answer. */
  call(name: string, payload?: unknown): Promise<{ readonly failed: boolean; readonly answer: unknown }>;
  close(): Promise<void>;
}

export interface RigFunction extends Partial<DeployedFunction> {
  /** Source of `index.mjs`. */
  readonly code: string;
}

export const caller = (name: string): Caller => ({
  accessKeyId: 'ASIAMACHINE',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/session`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
  kind: 'service',
  name: 'states.amazonaws.com',
  context: {},
});

export function rig(
  functions: Readonly<Record<string, RigFunction>>,
  options: {
    readonly running?: number;
    readonly environments?: number;
    readonly foreign?: EnvironmentOptions['foreign'];
  } = {},
): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-functions-'));
  const definitions = Object.entries(functions).map(([name, { code, ...given }]): DeployedFunction => {
    const bundle = join(folder, 'bundles', name);
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'index.mjs'), code);
    return {
      name,
      arn: `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:${name}`,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
      folder: bundle,
      handler: 'index.handler',
      memory: 128,
      timeoutSeconds: 30,
      variables: {},
      logGroup: `/parapet/${name}`,
      reservedConcurrency: undefined,
      ...given,
    };
  });
  let serial = 0;
  const pool = createPool({
    functions: definitions,
    folder,
    environment: () => ({
      region: 'eu-central-1',
      endpoint: 'http://127.0.0.1:4566',
      foreign: options.foreign,
    }),
    credentials: (definition) => ({
      accessKeyId: `ASIA${definition.name}${++serial}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
    }),
    ...(options.running === undefined ? {} : { maximumRunning: options.running }),
    ...(options.environments === undefined ? {} : { maximumEnvironments: options.environments }),
  });
  const invoker = createInvoker(pool, {
    require: (who) => {
      if (who.roleArn?.endsWith('/stranger')) throw new ApiError('AccessDenied', 'not allowed', 403);
    },
  });
  return {
    folder,
    pool,
    invoker,
    call: async (name, payload = {}) => {
      const result = await invoker.invoke(caller('machine'), name, JSON.stringify(payload));
      return { failed: result.failed, answer: JSON.parse(result.payload) };
    },
    close: async () => {
      await pool.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
