/** Ways through the flow, each taken again and again with another fault. */
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { retryRun } from '../../../cli/session/retry.ts';
import { readReport } from '../../../cli/session/stores.ts';
import type { Stage } from '../../../shared/names.ts';
import { custodyRunIdOf } from '../../../shared/run-id.ts';
import { type Flow, grants, type SubmitOptions } from '../support.ts';

export interface Begun {
  readonly run: string;
  /** Of the upload, where there is one. */
  readonly key?: string;
}

export interface Scenario {
  readonly name: string;
  /** Whatever comes before the trial itself; resolves with what begins it. */
  prepare(flow: Flow, name: string): Promise<() => Promise<Begun>>;
  /** What a person does when everything has come to rest. */
  resume?(flow: Flow, run: string): Promise<void>;
}

/** One fault for each of the first three boundaries; a destination that is missing makes one for the fourth. */
const MIXED = grants('ndjson', {
  seed: 'faults',
  records: 9,
  faults: 0.34,
  kinds: ['missing-field', 'unknown-grant', 'foreign-currency'],
});

const upload = async (flow: Flow, name: string, options: SubmitOptions = {}): Promise<Begun> => {
  const { content, contentType } = MIXED;
  const { run, key } = await flow.submit(`${name}.ndjson`, content, { contentType, idempotencyKey: name, ...options });
  return { run, key };
};

/** Every record is judged by every boundary, and each turns one away. */
export const mixed: Scenario = {
  name: 'mixed',
  prepare: async (flow, name) => () => upload(flow, name),
};

/** Refused unread by ingestion. */
export const refused: Scenario = {
  name: 'refused',
  prepare: async (flow, name) => () => upload(flow, name, { tamper: () => undefined }),
};

/** Refused by reconciliation, and every record quarantined. */
export const duplicate: Scenario = {
  name: 'duplicate',
  prepare: async (flow, name) => {
    await upload(flow, `${name}-first`, { idempotencyKey: 'once' });
    await flow.cloud.idle();
    return () => upload(flow, name, { idempotencyKey: 'once' });
  },
};

/** Fails for good (the plan sees to that), is sealed as failed, and then taken up by the operator. */
export const retried: Scenario = {
  name: 'retried',
  prepare: async (flow, name) => () => upload(flow, name),
  resume: async (flow, run) => {
    await retryRun(flow.operator, flow.connection, run);
  },
};

const custody = (action: 'release' | 'discard', stage: Stage): Scenario => ({
  name: `${action} from ${stage}`,
  prepare: async (flow, name) => {
    const { run } = await upload(flow, name);
    await flow.cloud.idle();
    const segment = (await readReport(flow.operator, flow.connection, run)).quarantine.find(
      (each) => each.stage === stage,
    );
    if (segment === undefined) throw new Error(`${stage} has turned nothing away`);
    const { attempt, chunk } = segment;
    const place = { run, stage, attempt, chunk };
    const input = JSON.stringify({ custody: { action, ...place, operator: 'arn:aws:iam::000000000000:role/tester' } });
    const { custodian: stateMachineArn } = flow.connection;
    return async () => {
      await flow.operator.states.send(new StartExecutionCommand({ stateMachineArn, input }));
      return { run: custodyRunIdOf(place) };
    };
  },
});

export const release = custody('release', 'reconciliation');
export const discard = custody('discard', 'ingestion');
