/**
 * What acts by itself: functions, state machines, the event bus and the queues, put together over one store and one
 * deployment. Everything that it does in a role goes through the same authorizer as a call over the wire.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../shared/problem.ts';
import { type Bus, createBus, type Disorder } from './events/bus.ts';
import { enqueueEvent } from './events/outbox.ts';
import { readRules } from './events/rule.ts';
import { readSchedules } from './events/schedule.ts';
import { scheduleTarget } from './events/schedule-target.ts';
import { createScheduler } from './events/scheduler.ts';
import { createTargets } from './events/targets.ts';
import { readFunction } from './functions/deployed.ts';
import type { EnvironmentOptions } from './functions/environment.ts';
import { createInvoker } from './functions/invoker.ts';
import { readPermissions } from './functions/permissions.ts';
import { createPool, type FunctionPool } from './functions/pool.ts';
import type { Iam } from './iam/iam.ts';
import type { InvokeRotation } from './secrets/plan.ts';
import type { Deployment, Service } from './service.ts';
import { createMessages } from './sqs/messages.ts';
import { readQueues } from './sqs/queue.ts';
import { createSqs } from './sqs/service.ts';
import { createEngine, type DeployedMachine, type Engine } from './states/engine.ts';
import { createObjectAccess } from './states/object-access.ts';
import { createStatesService } from './states/service.ts';
import { statusEvent } from './states/status-event.ts';
import type { PutEvent } from './states/surroundings.ts';
import { validateDefinition } from './states/validation.ts';
import type { Store } from './store.ts';

export interface OrchestrationOptions {
  readonly deployment: Deployment;
  readonly store: Store;
  readonly iam: Iam;
  /** Where Map states read and write; `undefined` where storage is another endpoint's. */
  readonly s3: Service | undefined;
  readonly now: () => number;
  /** Waits, delays before retries and redeliveries are multiplied by it; 1 is real time. */
  readonly timeScale: number;
  readonly disorder?: Disorder | undefined;
  /** Read when an execution environment starts. */
  environment(): EnvironmentOptions;
  /** A defect of the embedded cloud itself. */
  defect(error: unknown): void;
}

export interface Orchestration {
  /** `states` and `sqs`. */
  readonly services: readonly Service[];
  readonly engine: Engine;
  readonly pool: FunctionPool;
  readonly machines: readonly DeployedMachine[];
  /** Throws `configuration-invalid` or `not-implemented` where a definition cannot be run. Takes most of a second. */
  validate(): Promise<void>;
  /** Takes up what was running, and begins to deliver. */
  start(): void;
  /** One step of a rotation, in the name of Secrets Manager: whether it succeeded. */
  readonly rotate: InvokeRotation;
  /** When no event, execution or invocation is on its way. */
  idle(): Promise<void>;
  /** Lets a schedule come due now; by its name. */
  trigger(schedule: string): void;
  stop(): Promise<void>;
}

const STATES = 'states.amazonaws.com';
const SECRETS_MANAGER = 'secretsmanager.amazonaws.com';
/** A worker lives shorter. */
const SESSION_SECONDS = 30 * 24 * 3_600;
const SETTLING_MS = 5;

export function createOrchestration(options: OrchestrationOptions): Orchestration {
  const { deployment, store, iam, now, timeScale } = options;
  const { accountId, region } = deployment;
  const { authorizer, callers, credentials } = iam;
  const rules = readRules(deployment);
  const schedules = readSchedules(deployment, timeScale);
  const machines = new Map(readMachines(deployment).map((machine) => [machine.arn, machine]));

  const pool = createPool({
    functions: runnable(deployment).map(readFunction),
    folder: store.folder,
    environment: options.environment,
    credentials: ({ name }) => credentials.issueSession({ kind: 'function', name }, SESSION_SECONDS),
  });
  const invoker = createInvoker(pool, authorizer, readPermissions(deployment));

  /** Children of a Map Run have an ARN below their machine's; the role trusts the machine. */
  const machineCaller = (roleArn: string) => {
    const machine = [...machines.values()].find((each) => each.roleArn === roleArn);
    return callers.ofServiceInRole(roleArn, STATES, machine?.arn ?? '');
  };

  const putEvents = (roleArn: string, events: readonly PutEvent[]): string[] => {
    const caller = machineCaller(roleArn);
    for (const { source, detailType } of events) {
      authorizer.require(caller, {
        action: 'events:PutEvents',
        resource: `arn:aws:events:${region}:${accountId}:event-bus/default`,
        context: { 'events:source': source, 'events:detail-type': detailType },
        resourceAccount: accountId,
      });
    }
    const time = new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z');
    return events.map((event) => {
      const id = randomUUID();
      enqueueEvent(store, { id, time, account: accountId, region, ...event });
      return id;
    });
  };

  const engine = createEngine({
    store,
    accountId,
    region,
    functions: {
      // An async function: a role that is not trusted is an answer of Lambda's, not a defect here.
      invoke: async ({ roleArn, functionName, payload }) =>
        invoker.invoke(machineCaller(roleArn), functionName, payload),
    },
    events: {
      put: (roleArn, events) => putEvents(roleArn, events),
    },
    requireChildren: (roleArn, machineArn) => {
      const caller = machineCaller(roleArn);
      const execution = machineArn.replace(':stateMachine:', ':execution:');
      const asked = { context: {}, resourceAccount: caller.accountId };
      // Asked before the first child starts: Step Functions would miss the last only in the run that has to stop some.
      // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
      authorizer.require(
        caller,
        { action: 'states:StartExecution', resource: machineArn, ...asked },
        { action: 'states:DescribeExecution', resource: `${execution}:child`, ...asked },
        { action: 'states:StopExecution', resource: `${execution}:child`, ...asked },
      );
    },
    objects: (roleArn) => {
      const { s3 } = options;
      if (!s3) throw new Problem('not-implemented', { detail: 'Map states with objects of another endpoint.' });
      return createObjectAccess({ s3, region, uuid: randomUUID }, () => machineCaller(roleArn));
    },
    now,
    random: Math.random,
    uuid: randomUUID,
    timeScale,
    statusChanged: (execution) =>
      enqueueEvent(store, statusEvent(execution, { id: randomUUID(), at: now(), account: accountId, region })),
    defect: options.defect,
  });

  const messages = createMessages(store, now, randomUUID);
  const sqs = createSqs({ queues: readQueues(deployment), messages, authorizer, region, now });
  const targets = createTargets({ callers, authorizer, engine, machines, sender: sqs.sender, invoker });
  const bus: Bus = createBus({
    store,
    rules,
    now,
    random: Math.random,
    timeScale,
    disorder: options.disorder,
    deliver: targets.deliver,
    bury: targets.bury,
    lost: (_rule, _target, error) => options.defect(error),
    defect: options.defect,
  });

  const scheduler = createScheduler({
    store,
    schedules,
    now,
    random: Math.random,
    uuid: randomUUID,
    timeScale,
    ...scheduleTarget({ callers, authorizer, engine, machines, sender: sqs.sender }),
    lost: (_schedule, error) => options.defect(error),
    defect: options.defect,
  });

  return {
    services: [createStatesService({ store, engine, machines, authorizer, now }), sqs.service],
    engine,
    pool,
    machines: [...machines.values()],
    rotate: async (functionArn, secretArn, payload) => {
      try {
        const answer = await invoker.invoke(callers.ofService(SECRETS_MANAGER, secretArn), functionArn, payload);
        return !answer.failed;
      } catch (error) {
        // A function that may not be invoked, or is stopped: a rotation that failed, and no defect here.
        if (!(error instanceof Error)) throw error;
        return false;
      }
    },
    validate: async () => {
      for (const { name, definition } of machines.values()) await validateDefinition(name, definition);
    },
    start: () => {
      engine.resume();
      bus.start();
      scheduler.start();
    },
    idle: async () => {
      for (;;) {
        await engine.idle();
        await pool.idle();
        if (scheduler.quiet && bus.quiet && engine.running === 0 && pool.active === 0) return;
        await delay(SETTLING_MS);
      }
    },
    // The bus first, so that nothing new starts; workers before the executions that wait for them would fail them.
    trigger: scheduler.trigger,
    stop: async () => {
      scheduler.stop();
      const stopping = bus.stop();
      await engine.halt();
      await pool.stop();
      await stopping;
    },
  };
}

const machineProperties = z.looseObject({
  StateMachineType: z.literal('STANDARD').default('STANDARD'),
  RoleArn: z.string(),
  DefinitionString: z.string(),
});

function readMachines(deployment: Deployment): DeployedMachine[] {
  return deployment.ofType('AWS::StepFunctions::StateMachine').map(({ logicalId, arn, physicalId, properties }) => {
    const given = machineProperties.safeParse(properties);
    if (!given.success)
      throw new Problem('not-implemented', { detail: `${logicalId}: ${z.prettifyError(given.error)}` });
    const name = arn.split(':').at(-1) ?? physicalId;
    return { arn, name, roleArn: given.data.RoleArn, definition: given.data.DefinitionString };
  });
}

/** Those that CloudFormation itself calls while it deploys have nothing to do here: nothing is deployed. */
function runnable(deployment: Deployment) {
  const providers = new Set(
    deployment.resources.flatMap(({ type, properties }) =>
      type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource' ? [properties.ServiceToken] : [],
    ),
  );
  return deployment.ofType('AWS::Lambda::Function').filter(({ arn }) => !providers.has(arn));
}
