import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  destinationItems,
  issuerItems,
  ledgerItems,
  parseDestinations,
  parseIssuers,
  parseLedger,
} from '../../../shared/contract/reference.ts';
import { Problem } from '../../../shared/problem.ts';
import { contract, ROOT } from './reference.ts';

const file = (name: string): string => readFileSync(join(ROOT, 'contracts', 'reference', name), 'utf8');
const ledger = parseLedger(file('ledger.json'));

function pointersOf(parse: () => unknown): readonly string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof Problem && error.code === 'configuration-invalid') {
      return (error.errors ?? []).map(({ pointer }) => pointer);
    }
    throw error;
  }
  return [];
}

describe('the reference data', () => {
  it('[B10] fits the contract: every grantor and grant has an id that a record may name', () => {
    const pattern = (name: string): RegExp => {
      const type = contract.fields.find((field) => field.name === name)?.type;
      return new RegExp(`^${type?.kind === 'text' ? type.pattern : '$'}$`);
    };
    for (const { id } of ledger.grantors) expect(id).toMatch(pattern('grantor_id'));
    for (const { id } of ledger.grants) expect(id).toMatch(pattern('grant_id'));
  });

  it('[B17] gives every grantor one destination for the dataset', () => {
    const { destinations } = parseDestinations(file('destinations.json'));
    expect(destinations.map(({ grantor }) => grantor)).toEqual(ledger.grantors.map(({ id }) => id));
    for (const { datasets } of destinations) expect(datasets).toContain(contract.dataset);
  });

  it('[B10] becomes items of the ledger table', () => {
    const items = ledgerItems(ledger);
    expect(items).toHaveLength(ledger.grantors.length + ledger.grants.length);
    expect(items[0]).toEqual({ kind: 'grantor', id: 'GTR-0001', name: 'Northlight Foundation' });
    expect(items.find((item) => item.id === 'GRA-0001')).toEqual({
      kind: 'grant',
      id: 'GRA-0001',
      grantor: 'GTR-0001',
      organization: 'River Valley Food Bank',
      ein: ledger.grants[0]?.ein,
      firstFiscalYear: 2022,
      lastFiscalYear: 2026,
    });
  });

  it('[B17] becomes items of the destinations table', () => {
    expect(destinationItems(parseDestinations(file('destinations.json')))[0]).toEqual({
      destination: 'GTR-0001',
      name: 'northlight-foundation',
      format: 'ndjson',
      datasets: ['grant-submission'],
    });
  });

  it('[B01] takes a development key only where one is given', () => {
    const issuers = parseIssuers(file('issuers.json'));
    const keys = '{"keys":[{"kty":"EC"}]}';
    expect(issuerItems(issuers, keys)).toEqual([
      { issuer: 'https://portal.parapet.example', keys, datasets: ['grant-submission'] },
    ]);
    expect(pointersOf(() => issuerItems(issuers))).toEqual(['/issuers/0/keys']);
  });

  it.each([
    [
      'a private key',
      () => parseIssuers('{"issuers":[{"issuer":"a","keys":{"keys":[{"kty":"EC","d":"x"}]}}]}'),
      '/issuers/0/keys',
    ],
    [
      'a symmetric key',
      () => parseIssuers('{"issuers":[{"issuer":"a","keys":{"keys":[{"kty":"oct","k":"x"}]}}]}'),
      '/issuers/0/keys',
    ],
    [
      'an issuer twice',
      () => parseIssuers('{"issuers":[{"issuer":"a","keys":"development"},{"issuer":"a","keys":"development"}]}'),
      '/issuers/1/issuer',
    ],
    [
      'a grant of nobody',
      () => parseLedger(JSON.stringify({ ...ledger, grantors: ledger.grantors.slice(1) })),
      '/grants/0/grantor',
    ],
    [
      'a grant twice',
      () => parseLedger(JSON.stringify({ ...ledger, grants: [ledger.grants[0], ledger.grants[0]] })),
      '/grants/1/id',
    ],
    [
      'bounds out of order',
      () => parseLedger(JSON.stringify({ ...ledger, grants: [{ ...ledger.grants[0], lastFiscalYear: 2000 }] })),
      '/grants/0/firstFiscalYear',
    ],
    [
      'an EIN that is none',
      () => parseLedger(JSON.stringify({ ...ledger, grants: [{ ...ledger.grants[0], ein: '00-0000000' }] })),
      '/grants/0/ein',
    ],
    [
      'a destination that climbs',
      () => parseDestinations('{"destinations":[{"grantor":"a","name":"../x","format":"csv","datasets":["a"]}]}'),
      '/destinations/0/name',
    ],
    [
      'a format that is none',
      () => parseDestinations('{"destinations":[{"grantor":"a","name":"x","format":"xls","datasets":["a"]}]}'),
      '/destinations/0/format',
    ],
  ])('[S18] refuses %s and names the place', (_, parse, pointer) => {
    expect(pointersOf(parse)).toContain(pointer);
  });
});
