/**
 * The embedded cloud: the synthesized templates, as if they had been deployed, on loopback. See docs/architecture.md.
 * Everything that it keeps lies in its folder; a second start goes on where the first one ended, or was killed.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DeploymentConfiguration } from '../infra/config.ts';
import type { Clock } from '../shared/ports.ts';
import { Problem } from '../shared/problem.ts';
import { findAssembly, ownConfiguration } from './assembly-cache.ts';
import type { Disorder } from './events/bus.ts';
import { createOutbox, enqueueEvent, type OutboxEvent } from './events/outbox.ts';
import { lockFolder } from './folder-lock.ts';
import { type Provision, readForeignEndpoint } from './foreign-endpoint.ts';
import { openCallLog } from './gateway/call-log.ts';
import type { FaultHook } from './gateway/fault.ts';
import { createGateway } from './gateway/gateway.ts';
import { openHoldings, openRemainder } from './holdings.ts';
import type { IamAuthorizer, RecordedDecision } from './iam/authorizer.ts';
import type { AccessKey } from './iam/credentials.ts';
import { createIam } from './iam/iam.ts';
import type { UnusedGrant } from './iam/usage.ts';
import { createOrchestration } from './orchestration.ts';
import { type Execution, listExecutions } from './states/journal/executions.ts';
import { type HistoryEvent, readHistory } from './states/journal/history.ts';
import { openStore } from './store.ts';
import { readDeployment, type TemplateDeployment } from './template/deployment.ts';

export interface CloudOptions {
  /** Of the state. Made where it does not exist. */
  readonly folder: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly hook?: FaultHook;
  /** Waits, delays before retries and redeliveries are multiplied by it; 1, the default, is real time. */
  readonly timeScale?: number;
  /** Default: parapet.config.json. */
  readonly config?: DeploymentConfiguration;
  /** Handlers other than those of functions/submission, by actor. */
  readonly entries?: Parameters<typeof findAssembly>[0]['entries'];
  readonly clock?: Clock;
  /** Events delivered more than once, or the last one first. */
  readonly disorder?: Disorder;
  /** Default: the environment of the process, of which only `PARAPET_ENDPOINT_URL` and its credentials are read. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Called where another endpoint keeps the data. Default: everything is there, under the names of the templates. */
  readonly provision?: Provision;
  /** A defect of the embedded cloud itself. Default: kept for `report()`. */
  readonly onDefect?: (error: unknown) => void;
}

export interface Report {
  /** Decisions that were asked for, and how many were refusals. */
  readonly calls: number;
  readonly denied: number;
  readonly denials: readonly RecordedDecision[];
  readonly unusedGrants: readonly UnusedGrant[];
  /** Calls over the wire by operation, `S3.PutObject` → 3. */
  readonly operations: Readonly<Record<string, number>>;
  readonly defects: readonly unknown[];
}

export interface Cloud {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly port: number;
  readonly folder: string;
  readonly deployment: TemplateDeployment;
  readonly authorizer: IamAuthorizer;
  /** Keys of a person in the role of this name, or of the account's root where none is named. The same ones after a restart. */
  credentials(roleName?: string): AccessKey;
  /** When no event, execution or invocation is on its way. */
  idle(): Promise<void>;
  /** The newest first. */
  executions(): readonly Execution[];
  history(executionArn: string): readonly HistoryEvent[];
  /** Lets a schedule of EventBridge Scheduler come due now; by its name. */
  trigger(schedule: string): void;
  /** Puts an event on the default bus: what another endpoint's storage cannot do here. */
  emit(event: OutboxEvent): void;
  report(): Report;
  setHook(hook: FaultHook | undefined): void;
  /** Ends every worker and connection. What runs stays written down as running, for the next start. */
  stop(): Promise<void>;
}

const HISTORY_EVENTS = 25_000;
/** How often lifecycles and times to live are applied. AWS promises no time either. */
const EXPIRY_MS = 10 * 60_000;

/**
 * @throws Problem `usage-invalid` when another process holds the folder or the port, `configuration-invalid` and
 * `not-implemented` for templates that cannot be run
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { folder } = options;
  const clock = options.clock ?? { now: Date.now };
  const defects: unknown[] = [];
  const defect = options.onDefect ?? ((error: unknown) => defects.push(error));
  let { hook } = options;

  // Whatever was opened is closed again, the last one first, when a later step fails and when the cloud stops.
  await using opening = new AsyncDisposableStack();
  const lock = lockFolder(folder);
  opening.defer(() => lock.release());
  const endpointOfData = readForeignEndpoint(options.variables ?? process.env);
  const assembly = await findAssembly({
    config: options.config ?? ownConfiguration(),
    ...(options.entries === undefined ? {} : { entries: options.entries }),
  });
  const deployment = readDeployment(assembly.folder);
  const { region } = deployment;
  const store = openStore(folder);
  opening.defer(() => store.close());
  createOutbox(store);

  const iam = createIam({ deployment, store, clock, random: randomBytes });
  const { authorizer } = iam;
  const foreign = endpointOfData && {
    ...endpointOfData,
    ...(await options.provision?.(endpointOfData, deployment)),
  };
  const holdings = foreign
    ? openRemainder(foreign, deployment, store, iam, clock)
    : await openHoldings(deployment, store, iam, clock);
  opening.defer(() => holdings.close());
  const expiring = setInterval(() => void holdings.expire().catch(defect), EXPIRY_MS).unref();
  opening.defer(() => clearInterval(expiring));

  let endpoint = '';
  const orchestration = createOrchestration({
    deployment,
    store,
    iam,
    s3: holdings.s3,
    now: () => clock.now(),
    timeScale: options.timeScale ?? 1,
    disorder: options.disorder,
    environment: () => ({ region, endpoint, foreign }),
    defect,
  });
  if (!assembly.accepted) await orchestration.validate();
  assembly.accept();

  const gateway = await createGateway({
    ...iam,
    clock,
    region,
    services: [...holdings.services, ...orchestration.services],
    hook: (call) => hook?.(call),
    onKill: ({ accessKeyId }) => orchestration.pool.kill(accessKeyId),
    onDefect: defect,
    log: openCallLog(join(folder, 'logs')),
    ...(options.port === undefined ? {} : { port: options.port }),
  }).catch((cause: unknown) => {
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw taken ? new Problem('usage-invalid', { detail: `Port ${options.port} is in use.`, cause }) : cause;
  });
  endpoint = gateway.endpoint;
  opening.defer(() => gateway.close());
  opening.defer(() => holdings.rotations?.idle());
  opening.defer(() => orchestration.stop());
  opening.defer(() => holdings.rotations?.stop());
  orchestration.start();
  holdings.rotations?.start(orchestration.rotate);
  const running = opening.move();

  return {
    endpoint,
    port: gateway.port,
    folder,
    deployment,
    authorizer,
    credentials: (roleName) =>
      iam.credentials.issueFor(
        roleName === undefined ? { kind: 'root' } : { kind: 'person', role: roleName, session: 'local' },
      ),
    idle: async () => {
      await holdings.rotations?.idle();
      await orchestration.idle();
    },
    executions: () => listExecutions(store),
    history: (arn) => readHistory(store, arn, { limit: HISTORY_EVENTS, offset: 0, reverse: false }),
    trigger: orchestration.trigger,
    emit: (event) => enqueueEvent(store, event),
    report: () => ({
      calls: authorizer.calls,
      denied: authorizer.denied,
      denials: authorizer.denials(),
      unusedGrants: authorizer.unusedGrants(),
      operations: gateway.counts(),
      defects: [...defects],
    }),
    setHook: (next) => {
      hook = next;
    },
    stop: () => running.disposeAsync(),
  };
}
