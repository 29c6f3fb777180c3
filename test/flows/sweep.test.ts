import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalDatabase, startDatabase } from '../../cli/session/database.ts';
import { type Sweeping, sweepingOn } from '../../cli/session/sweeping.ts';
import { type LedgerDatabase, loadLedger } from '../../cli/sweep/ledger-database.ts';
import { type Flow, LEDGER, startFlow } from './support.ts';

let server: LocalDatabase;
let database: LedgerDatabase;
let flow: Flow;
let sweeping: Sweeping;

beforeAll(async () => {
  server = await startDatabase();
  database = await loadLedger(server.place, LEDGER);
  flow = await startFlow({ sweeps: true });
  sweeping = sweepingOn(flow.cloud);
  await sweeping.place('ledger-database', database.reader);
}, 120_000);

afterAll(async () => {
  sweeping.close();
  await flow.remove();
  await database.close();
  await server[Symbol.asyncDispose]();
});

const rows = LEDGER.grantors.length + LEDGER.grants.length;

describe('a sweep as deployed', () => {
  it('[S19] [S20] is started by its schedule, and ends in a sealed verdict: EQUAL', async () => {
    const { verdict } = await sweeping.sweep('ledger');
    expect(verdict).toMatchObject({ verdict: 'EQUAL', counts: { source: rows, target: rows }, reasons: [] });
    expect(flow.cloud.report()).toMatchObject({ denied: 0, denials: [], defects: [] });
  });
});
