import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../cli/session/clients.ts';
import { askCustodian } from '../../cli/session/custody.ts';
import { keptUploads } from '../../cli/session/kept-uploads.ts';
import { milestonesOfRun } from '../../cli/session/report.ts';
import { readReport, storesOf } from '../../cli/session/stores.ts';
import { operatorOf } from '../../functions/submission/protocol/entries.ts';
import { Problem } from '../../shared/problem.ts';
import { custodyRunIdOf } from '../../shared/run-id.ts';
import { MEDIA_TYPE_OF } from '../../shared/sample/write.ts';
import { jsonOf, parapet } from '../cli/run.ts';
import { storedVersions } from './inspect.ts';
import { CONTRACT, type Flow, grants, startFlow } from './support.ts';

const NDJSON = MEDIA_TYPE_OF.ndjson;

describe('the quarantine', () => {
  let flow: Flow;
  beforeAll(async () => {
    flow = await startFlow();
  });
  afterAll(() => flow.remove());

  const quarantinedRun = async (name: string, seed: string) => {
    const { content, contentType } = grants('csv', { records: 120, faults: 0.3, seed });
    const { run } = await flow.submit(name, content, { contentType });
    return (await flow.settle(run)).report;
  };

  it('[B10] judges released records again where they were turned away, and exports what the ledger knows by now', async () => {
    const steward = connect(flow.connection, 'steward');
    try {
      // Reference data that was missing: the grants are taken out of the ledger, and put back before the release.
      const grant = { kind: { S: 'grant' }, id: { S: 'GRA-0001' } };
      const table = flow.connection.tables.ledger;
      const { Item } = await steward.dynamodb.send(new GetItemCommand({ TableName: table, Key: grant }));
      await steward.dynamodb.send(new DeleteItemCommand({ TableName: table, Key: grant }));
      const { content, contentType } = grants('ndjson', { records: 60, seed: 'missing-grant' });
      const { run } = await flow.submit('missing-grant.ndjson', content, { contentType });
      const { report } = await flow.settle(run);
      const [segment] = report.quarantine;
      if (segment === undefined || Item === undefined) throw new Error('nothing was turned away');
      expect(new Set(report.problems.map(({ code }) => code))).toContain('grant-unknown');
      await steward.dynamodb.send(new PutItemCommand({ TableName: table, Item }));

      const released = await askCustodian(flow.operator, flow.connection, 'release', segment);
      const after = await flow.settle(released);
      expect(after.report.outcome).toBe('exported');
      expect(after.report.records).toEqual({ received: segment.records, exported: segment.records, quarantined: 0 });
      expect((await readReport(flow.operator, flow.connection, run)).quarantine[0]?.state).toBe('released');
      // Once: what was released cannot be released, or discarded, again.
      await askCustodian(flow.operator, flow.connection, 'release', segment);
      expect((await flow.settle(released)).seal.generation).toBe(1);
      // Least of all may somebody believe that it was destroyed.
      const discard = askCustodian(flow.operator, flow.connection, 'discard', segment);
      await expect(discard).rejects.toMatchObject({ code: 'custody-decided', instance: released });
    } finally {
      steward.close();
    }
  });

  it('[B16] seals what it could not do: a request for a segment that there is not', async () => {
    const segment = { run: '0'.repeat(32), stage: 'egress', attempt: '0'.repeat(16), chunk: 0 } as const;
    const refusal = askCustodian(flow.operator, flow.connection, 'release', segment);
    await expect(refusal).rejects.toMatchObject({ code: 'not-found' });
    const { report, seal } = await flow.settle(custodyRunIdOf(segment));
    expect(report.outcome).toBe('failed');
    const entries = await milestonesOfRun(storesOf(flow.operator, flow.connection).audit, report.run);
    const { Arn: operator = '' } = await flow.operator.sts.send(new GetCallerIdentityCommand({}));
    expect(entries.at(-1)).toMatchObject({ action: 'run.ended', who: operatorOf(operator) });
    expect(seal.actions['run.ended']).toBe(1);
  });

  it('[B03] destroys a refused upload whole, and releases none', async () => {
    const { content, contentType } = grants('csv', { records: 3, seed: 'unvouched' });
    const { run } = await flow.submit('unvouched.csv', content, { contentType, tamper: () => undefined });
    expect((await flow.settle(run)).report.outcome).toBe('refused');
    const stores = storesOf(flow.operator, flow.connection);
    const bytes = Buffer.byteLength(content);
    expect(await keptUploads(stores, [run])).toMatchObject([{ code: 'credential-missing', bytes, state: 'held' }]);

    const file = ['--connection', flow.connectionFile];
    const listed = await parapet('quarantine', 'list', '--run', run, ...file);
    expect(listed).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${run}/upload  whole upload: credential-missing`),
    });
    const shown = jsonOf(await parapet('quarantine', 'show', `${run}/upload`, '--json', ...file));
    expect(shown).toMatchObject({ code: 'credential-missing', bytes, state: 'held' });
    expect((await parapet('quarantine', 'release', `${run}/upload`, ...file)).err).toContain('with a valid token');

    const copy = { run, upload: 'copy' } as const;
    const release = askCustodian(flow.operator, flow.connection, 'release', copy);
    await expect(release).rejects.toSatisfy((error) => error instanceof Problem && error.code === 'usage-invalid');
    const discarded = jsonOf(await parapet('quarantine', 'discard', `${run}/upload`, '--json', ...file));
    expect(discarded).toMatchObject({ action: 'discard', outcome: 'discarded' });
    const { seal } = await flow.settle(custodyRunIdOf(copy));
    expect(seal.actions['quarantine.discarded']).toBe(1);
    expect(await keptUploads(stores, [run])).toMatchObject([
      { code: 'credential-missing', bytes: null, state: 'discarded' },
    ]);
  });

  it('[B03] destroys an accepted upload that was kept for a record too large to hold', async () => {
    const [line = ''] = grants('ndjson', { records: 1, seed: 'oversized' }).content.split('\n');
    const large = JSON.stringify({ ...JSON.parse(line), purpose: 'x'.repeat(CONTRACT.submission.maxRecordBytes) });
    const { run } = await flow.submit('oversized.ndjson', `${line}\n${large}\n`, { contentType: NDJSON });
    const { report } = await flow.settle(run);
    expect(report.problems.map(({ code }) => code)).toEqual(['record-too-large']);
    const stores = storesOf(flow.operator, flow.connection);
    expect(await keptUploads(stores, [run])).toMatchObject([{ code: 'record-too-large', state: 'held' }]);
    const shown = await parapet('quarantine', 'show', `${run}/upload`, '--connection', flow.connectionFile);
    expect(shown.out).toMatch(/^record 2: record-too-large, bytes \d+ to \d+$/m);
    await askCustodian(flow.operator, flow.connection, 'discard', { run, upload: 'copy' });
    expect(await keptUploads(stores, [run])).toMatchObject([{ state: 'discarded', bytes: null }]);
  });

  it('[P04] lets the operator start the custodian’s machine and no run of an upload', async () => {
    const { stateMachine, custodian } = flow.connection;
    const start = (stateMachineArn: string) =>
      flow.operator.states.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    await expect(start(stateMachine)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(start(custodian)).resolves.toHaveProperty('executionArn');
  });

  it('[B03] destroys discarded records, keeps why they were turned away, and says so in the log', async () => {
    const report = await quarantinedRun('discard.csv', 'discard');
    const segment = report.quarantine.find(({ stage }) => stage === 'ingestion');
    if (segment === undefined) throw new Error('nothing was turned away');
    const custody = await askCustodian(flow.operator, flow.connection, 'discard', segment);
    const { seal } = await flow.settle(custody);
    expect(seal.actions['quarantine.discarded']).toBe(1);
    const after = await readReport(flow.operator, flow.connection, report.run);
    expect(after.quarantine.find(({ key }) => key === segment.key)?.state).toBe('discarded');
    expect(after.problems.filter(({ stage }) => stage === 'ingestion').length).toBeGreaterThan(0);
    await flow.cloud.idle();
    await flow.stop();
    const left = await storedVersions(flow.cloud.folder, flow.cloud.deployment);
    expect(left.some(({ key }) => key === segment.key)).toBe(false);
    expect(left.some(({ key }) => key === segment.problems)).toBe(true);
  });

  it('refuses to release raw records: nothing would judge them otherwise', async () => {
    const segment = { run: '0'.repeat(32), stage: 'ingestion', attempt: '0'.repeat(16), chunk: 0 } as const;
    const refusal = askCustodian(flow.operator, flow.connection, 'release', segment);
    await expect(refusal).rejects.toSatisfy((error) => error instanceof Problem && error.code === 'usage-invalid');
  });
});
