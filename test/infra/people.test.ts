import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessRequest, Caller } from '../../local/service.ts';
import { quarantine, RUN } from './deeds.ts';
import { type Simulation, simulate } from './simulation.ts';
import { configuration } from './templates.ts';

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('production'));
});

describe('people', () => {
  const person = (name: string): Caller => simulation.callers.ofPerson(`parapet-test-${name}`, 'someone');
  const may = (name: string, requests: AccessRequest[]): boolean => simulation.may(person(name), requests);

  it('lets an uploader put, singly and in parts, and read nothing', () => {
    expect(may('uploader', simulation.put('LandingBucket', 'a.csv', 'LandingKey'))).toBe(true);
    expect(may('uploader', simulation.put('LandingBucket', 'a.csv', null))).toBe(true);
    expect(may('uploader', simulation.get('LandingBucket', 'a.csv', 'LandingKey'))).toBe(false);
    expect(may('uploader', simulation.put('LandingBucket', 'a.csv', 'ExportsKey'))).toBe(false);
  });

  it('lets an operator read problems, entries and seals, and no raw record', () => {
    expect(may('operator', simulation.get('QuarantineBucket', 'problems/ingestion/x', 'QuarantineKey'))).toBe(true);
    expect(may('operator', simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(true);
    expect(may('operator', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(true);
    expect(may('operator', simulation.get('QuarantineBucket', 'records/ingestion/x', 'QuarantineKey'))).toBe(false);
    expect(may('operator', simulation.key('kms:Decrypt', 'QuarantineKey', quarantine('ingestion')))).toBe(false);
  });

  it('[S13] lets an operator see which breakers are open and close them, and open no gate', () => {
    expect(may('operator', simulation.table('dynamodb:Scan', 'GatesTable'))).toBe(true);
    expect(may('operator', simulation.table('dynamodb:UpdateItem', 'ClosingsTable'))).toBe(true);
    expect(may('operator', simulation.table('dynamodb:UpdateItem', 'GatesTable'))).toBe(false);
    expect(may('operator', simulation.table('dynamodb:DeleteItem', 'ClosingsTable'))).toBe(false);
    for (const name of ['uploader', 'steward', 'investigator']) {
      expect(may(name, simulation.table('dynamodb:UpdateItem', 'ClosingsTable')), name).toBe(false);
      expect(may(name, simulation.table('dynamodb:GetItem', 'GatesTable')), name).toBe(false);
    }
  });

  it('lets a steward keep the registries and sign contracts, and nothing of a run', () => {
    expect(may('steward', simulation.table('dynamodb:PutItem', 'ContractsTable'))).toBe(true);
    expect(
      may('steward', simulation.key('kms:Sign', 'ContractSigningKey', { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' })),
    ).toBe(true);
    expect(
      may('steward', simulation.key('kms:Sign', 'SealSigningKey', { 'kms:SigningAlgorithm': 'ED25519_SHA_512' })),
    ).toBe(false);
    expect(may('steward', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(false);
  });

  it('[P12] lets an investigator read the trail and keep findings, and nothing of a run', () => {
    const log = 'AWSLogs/000000000000/CloudTrail/us-east-1/2026/11/20/x.json.gz';
    expect(may('investigator', simulation.get('TrailBucket', log, 'TrailKey', 's3:GetObject'))).toBe(true);
    expect(may('investigator', simulation.put('FindingsBucket', 'results/x.csv', 'TrailKey'))).toBe(true);
    expect(may('investigator', simulation.get('FindingsBucket', 'results/x.csv', 'TrailKey', 's3:GetObject'))).toBe(
      true,
    );
    expect(may('investigator', simulation.put('TrailBucket', log, 'TrailKey'))).toBe(false);
    expect(may('investigator', simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(false);
    expect(may('investigator', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(false);
    expect(may('operator', simulation.get('TrailBucket', log, 'TrailKey', 's3:GetObject'))).toBe(false);
  });

  it('[B17] gives no person an export', () => {
    for (const name of ['uploader', 'operator', 'steward', 'investigator']) {
      expect(may(name, simulation.get('ExportsBucket', 'acme/x', 'ExportsKey')), name).toBe(false);
    }
  });
});
