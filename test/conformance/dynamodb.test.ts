import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoContractSource } from '../../functions/aws/contract-source.ts';
import { DynamoCredentialStore } from '../../functions/aws/credential-store.ts';
import { DynamoGateStore } from '../../functions/aws/gate-store.ts';
import { DynamoIdempotencyStore } from '../../functions/aws/idempotency-store.ts';
import { DynamoIssuerSource } from '../../functions/aws/issuer-source.ts';
import { DynamoLedger } from '../../functions/aws/ledger.ts';
import { DynamoRulePackSource } from '../../functions/aws/rule-pack-source.ts';
import { DynamoRunStore } from '../../functions/aws/run-store.ts';
import { DynamoSubjectKeyStore } from '../../functions/aws/subject-key-store.ts';
import { beginSweep, concludeSweep, tripBreaker } from '../../functions/sweep/protocol/gate.ts';
import type { Ticket } from '../../shared/verdict/gate.ts';
import { isOpen } from '../../shared/verdict/is-open.ts';
import { type LocalTables, openTables } from '../support/dynalite.ts';
import { NOW, sweepId, verdictLike } from '../support/sweep/gate.ts';
import { gateStoreCases } from './gate-store.cases.ts';
import { runStoreCases } from './run-store.cases.ts';
import { credentialStoreCases, idempotencyStoreCases, subjectKeyStoreCases } from './tables.cases.ts';

let tables: LocalTables;
let ordinal = 0;

beforeAll(async () => {
  tables = await openTables();
});
afterAll(() => tables?.[Symbol.asyncDispose]());

const fresh = (): string => {
  ordinal += 1;
  return ordinal.toString(16).padStart(32, '0');
};

const put = (table: string, item: Record<string, AttributeValue>) =>
  tables.client.send(new PutItemCommand({ TableName: table, Item: item }));

describe('ports on DynamoDB', () => {
  describe('RunStore', () => {
    runStoreCases(async () => ({ store: new DynamoRunStore(tables.client, 'runs'), run: fresh() }));
  });
  describe('CredentialStore', () => {
    credentialStoreCases(async () => ({
      store: new DynamoCredentialStore(tables.client, 'credentials'),
      name: fresh(),
    }));
  });
  describe('IdempotencyStore', () => {
    idempotencyStoreCases(async () => ({
      store: new DynamoIdempotencyStore(tables.client, 'idempotency'),
      name: fresh(),
    }));
  });
  describe('SubjectKeyStore', () => {
    subjectKeyStoreCases(async () => ({
      store: new DynamoSubjectKeyStore(tables.client, 'subjectKeys'),
      name: fresh(),
    }));
  });

  describe('GateStore', () => {
    const open = () => new DynamoGateStore(tables.client, { gates: 'gates', closings: 'closings' });
    gateStoreCases(async () => ({ store: open(), dataset: `things-${fresh()}` }));

    it('tells consumers that run none of this code until when the gate is open', async () => {
      const [store, dataset] = [open(), `things-${fresh()}`];
      const openUntil = async () => {
        const Key = { dataset: { S: dataset } };
        return (await tables.client.send(new GetItemCommand({ TableName: 'gates', Key }))).Item?.openUntil?.S;
      };
      const beginning = await beginSweep(store, dataset, () => 'e');
      if (!beginning.may) throw new Error('the breaker is open');
      expect(await openUntil()).toBeUndefined();
      const verdict = verdictLike(dataset, 1, 'EQUAL');
      await concludeSweep(store, beginning.ticket, verdict, 'sealed');
      expect(await openUntil()).toBe(verdict.freshUntil);
      const trip = { cause: 'errors' as const, sweep: fresh(), since: verdict.endedAt };
      await tripBreaker(store, dataset, trip);
      expect(await openUntil()).toBeUndefined();
    });

    it('[S13] opens nothing by an item of another table, as a restored backup has them, and forgets no trip of it', async () => {
      const [store, dataset, other] = [open(), `things-${fresh()}`, `things-${fresh()}`];
      const tickets = new Map<string, Ticket>();
      for (const name of [dataset, other]) {
        const beginning = await beginSweep(store, name, () => 'e');
        if (!beginning.may) throw new Error('the breaker is open');
        await concludeSweep(store, beginning.ticket, verdictLike(name, 1, 'EQUAL'), 'sealed');
        tickets.set(name, beginning.ticket);
        const Key = { dataset: { S: name } };
        expect(isOpen((await store.read(name))?.gate, NOW).open).toBe(true);
        if (name === other) {
          const trip = { cause: 'errors' as const, sweep: sweepId(9), since: verdictLike(name, 9, 'EQUAL').endedAt };
          await tripBreaker(store, name, trip);
        }
        const { Item } = await tables.client.send(new GetItemCommand({ TableName: 'gates', Key }));
        await put('gates', { ...Item, dataset: { S: name }, table: { S: 'gates-before' } });
        expect(isOpen((await store.read(name))?.gate, NOW).open).toBe(false);
      }
      // A sweep that had begun before opens it as little.
      const ticket = tickets.get(dataset);
      if (ticket !== undefined)
        await concludeSweep(store, { ...ticket, number: 2 }, verdictLike(dataset, 2, 'EQUAL'), 'sealed');
      expect(isOpen((await store.read(dataset))?.gate, NOW).open).toBe(false);
      const again = await beginSweep(store, dataset, () => 'f');
      if (again.may) await concludeSweep(store, again.ticket, verdictLike(dataset, 3, 'EQUAL'), 'sealed');
      expect(isOpen((await store.read(dataset))?.gate, NOW).open).toBe(true);
      expect(await beginSweep(store, other, () => 'f')).toMatchObject({ may: false, trips: [{ sweep: sweepId(9) }] });
    });
  });

  it('finds the newest version of a contract, or the one asked for', async () => {
    const source = new DynamoContractSource(tables.client, 'contracts');
    for (const version of [2, 10, 9]) {
      const sort = version.toString().padStart(6, '0');
      const item = { document: { S: `v${version}` }, signature: { S: 's' } };
      await put('contracts', { dataset: { S: 'grants' }, version: { S: sort }, ...item });
    }
    expect(await source.find('grants')).toEqual({ text: 'v10', signature: 's' });
    expect(await source.find('grants', 2)).toEqual({ text: 'v2', signature: 's' });
    expect(await source.find('grants', 3)).toBeUndefined();
    expect(await source.find('other')).toBeUndefined();
  });

  it('finds a rule pack by name and version', async () => {
    const item = { code: { S: 'code' }, signature: { S: 's' } };
    await put('rulePacks', { pack: { S: 'rules' }, version: { S: '000001' }, ...item });
    const source = new DynamoRulePackSource(tables.client, 'rulePacks');
    expect(await source.find('rules', 1)).toEqual({ text: 'code', signature: 's' });
    expect(await source.find('rules', 2)).toBeUndefined();
  });

  it('[B01] finds an issuer as registered, and none that cannot be', async () => {
    const datasets = { L: [{ S: 'grants' }] };
    await put('issuers', { issuer: { S: 'https://issuer.example' }, keys: { S: '{}' }, datasets });
    const source = new DynamoIssuerSource(tables.client, 'issuers');
    expect(await source.find('https://issuer.example')).toEqual({
      issuer: 'https://issuer.example',
      keys: '{}',
      datasets: ['grants'],
      submitters: undefined,
    });
    expect(await source.find('')).toBeUndefined();
    expect(await source.find('x'.repeat(3_000))).toBeUndefined();
  });

  it('[B10] reads grantors and grants in batches beyond any one call', async () => {
    await put('ledger', { kind: { S: 'grantor' }, id: { S: 'GTR-0001' } });
    const years = { firstFiscalYear: { N: '2024' }, lastFiscalYear: { N: '2026' } };
    const grant = { kind: { S: 'grant' }, id: { S: 'GRA-0007' }, grantor: { S: 'GTR-0001' }, ein: { S: '12-3456789' } };
    await put('ledger', { ...grant, ...years });
    const ledger = new DynamoLedger(tables.client, 'ledger');
    const many = Array.from({ length: 150 }, (_, index) => `GRA-${index.toString().padStart(4, '0')}`);
    expect([...(await ledger.grants(many))]).toEqual([
      [
        'GRA-0007',
        { id: 'GRA-0007', grantor: 'GTR-0001', ein: '12-3456789', firstFiscalYear: 2024, lastFiscalYear: 2026 },
      ],
    ]);
    expect([...(await ledger.grantors(['GTR-0001', 'GTR-0002'])).keys()]).toEqual(['GTR-0001']);
    // What can be no key can be no grantor; a record that holds it must not stop the others.
    expect([...(await ledger.grantors(['', 'x'.repeat(5_000), 'GTR-0001'])).keys()]).toEqual(['GTR-0001']);
  });
});
