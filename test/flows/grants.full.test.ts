import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../cli/session/clients.ts';
import { askCustodian } from '../../cli/session/custody.ts';
import type { RunReport } from '../../cli/session/report.ts';
import { retryRun } from '../../cli/session/retry.ts';
import { readReport } from '../../cli/session/stores.ts';
import { PEOPLE } from '../../infra/people/matrix.ts';
import type { FaultHook } from '../../local/gateway/fault.ts';
import { STAGES, type Stage } from '../../shared/names.ts';
import { type Flow, grants, startFlow } from './support.ts';

const BATCH = grants('ndjson', { records: 60, faults: 0.4, seed: 'grants' });
/** Whose destination is taken away, so that egress has something to turn away, and given back before the release. */
const DESTINATION = { destination: { S: 'GTR-0003' } };

/** Grants that nothing here can use, and why they are there all the same. Nobody may add to this without a sentence. */
const NEVER_USED: readonly { readonly grant: RegExp; readonly because: string }[] = [
  {
    grant: / (WriteLogs|WriteTraces|AttachToNetwork): /,
    because: 'Lambda does this in the name of the role, beside the function',
  },
  { grant: / (DeliverLogs|WriteTraces): /, because: 'Step Functions does this in the name of the machine' },
  { grant: /-network-log /, because: 'flow logs are written by the VPC, which the embedded cloud does not have' },
  { grant: /-trail-logs /, because: 'CloudTrail copies its files there; the embedded cloud has none' },
  { grant: /-salt-rotation /, because: 'no run rotates a salt: test/flows/rotation has it rotated' },
  { grant: /CustomS3AutoDeleteObjects/, because: 'empties the buckets of a sandbox when CloudFormation destroys it' },
  { grant: /-ingestion TagUpload: /, because: 'an upload over 5 GiB: test/functions/submission/ingestion' },
];

/** What a person may do is asked of the simulation, deed by deed: test/infra/people, test/perimeter. */
const isPersons = (role: string): boolean => PEOPLE.some((person) => role.endsWith(`-${person}`));

describe('every way through the flow, in one deployment', () => {
  let flow: Flow;
  let hook: FaultHook | undefined;
  beforeAll(async () => {
    flow = await startFlow({ timeScale: 0.001, hook: (call) => hook?.(call) });
  });
  afterAll(() => flow.remove());

  const submit = async (idempotencyKey: string): Promise<RunReport> => {
    const name = `${idempotencyKey}.ndjson`;
    const { run } = await flow.submit(name, BATCH.content, { contentType: BATCH.contentType, idempotencyKey });
    await flow.cloud.idle();
    return (await flow.settle(run)).report;
  };
  const stageOf = (name: string): Stage | undefined => STAGES.find((stage) => name.endsWith(`-${stage}`));
  /** The workers of all four boundaries die at the write that commits their chunk. */
  const killing = (commits: ReadonlyMap<Stage, number>, afterEffect: boolean): FaultHook => {
    const puts = new Map<Stage, number>();
    return ({ operation, caller }) => {
      const stage = stageOf(caller.name);
      if (operation !== 'S3.PutObject' || stage === undefined) return undefined;
      const ordinal = (puts.get(stage) ?? 0) + 1;
      puts.set(stage, ordinal);
      return ordinal === commits.get(stage) ? { kind: 'kill', afterEffect } : undefined;
    };
  };

  it('goes there, and back', async () => {
    const steward = connect(flow.connection, 'steward');
    const TableName = flow.connection.tables.destinations;
    const { Item } = await steward.dynamodb.send(new GetItemCommand({ TableName, Key: DESTINATION }));
    await steward.dynamodb.send(new DeleteItemCommand({ TableName, Key: DESTINATION }));

    const puts = new Map<Stage, number>();
    hook = ({ operation, caller }) => {
      const stage = stageOf(caller.name);
      if (operation === 'S3.PutObject' && stage !== undefined) puts.set(stage, (puts.get(stage) ?? 0) + 1);
      return undefined;
    };
    const first = await submit('first');
    hook = undefined;
    expect(new Set(first.quarantine.map(({ stage }) => stage)).size).toBe(4);

    // The chunk's entry comes before the manifest and the stage's end. Of egress: parts, records and problems, the entry, as many
    // manifests as parts, the end.
    const commits = new Map(
      [...puts].map(([stage, writes]) => [stage, stage === 'egress' ? writes / 2 + 1 : writes - 2] as const),
    );
    commits.delete('seal');
    for (const afterEffect of [false, true]) {
      hook = killing(commits, afterEffect);
      const { records } = await submit(`killed-${afterEffect}`);
      expect(records).toEqual(first.records);
    }
    hook = ({ operation, caller }) =>
      operation === 'S3.PutObject' && stageOf(caller.name) === 'egress' ? { kind: 'kill' } : undefined;
    const failed = await submit('failed');
    expect(failed.outcome).toBe('failed');
    hook = undefined;
    await retryRun(flow.operator, flow.connection, failed.run);
    await flow.cloud.idle();
    expect((await flow.settle(failed.run)).seal.generation).toBe(2);

    expect((await submit('first')).outcome).toBe('refused');
    const refused = await flow.submit('refused.ndjson', BATCH.content, { tamper: () => undefined });
    await flow.settle(refused.run);
    await askCustodian(flow.operator, flow.connection, 'discard', { run: refused.run, upload: 'copy' });

    if (Item !== undefined) await steward.dynamodb.send(new PutItemCommand({ TableName, Item }));
    steward.close();
    for (const segment of first.quarantine) {
      const action = segment.stage === 'ingestion' ? 'discard' : 'release';
      const custody = await askCustodian(flow.operator, flow.connection, action, segment);
      // Turned away once more, and released once more: the custodian reads what it said of the first time.
      const again = (await readReport(flow.operator, flow.connection, custody)).quarantine[0];
      if (again !== undefined) await askCustodian(flow.operator, flow.connection, 'release', again);
    }
    const nowhere = { run: '0'.repeat(32), stage: 'egress', attempt: '0'.repeat(16), chunk: 0 } as const;
    await expect(askCustodian(flow.operator, flow.connection, 'release', nowhere)).rejects.toHaveProperty('code');
    await flow.cloud.idle();
  }, 120_000);

  it('[B19] [S03] is denied nothing on any of them', () => {
    const { denials, defects } = flow.cloud.report();
    expect({ denials, defects }).toEqual({ denials: [], defects: [] });
  });

  it('[P04] [B19] uses every grant of every stage, machine and rule, but for those with a sentence', () => {
    const silent = flow.cloud
      .report()
      .unusedGrants.filter(({ role }) => !isPersons(role))
      .map(({ role, statement, action }) => `${role} ${statement}: ${action}`)
      .filter((text) => !NEVER_USED.some(({ grant }) => grant.test(text)));
    expect(silent).toEqual([]);
  });
});
