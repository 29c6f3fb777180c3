import { describe, expect, it } from 'vitest';
import { parseContract } from '../../../shared/contract/parse.ts';
import { Problem } from '../../../shared/problem.ts';
import { contractText } from './reference.ts';

type Json = Record<string, unknown>;

/** The reference contract with one mutation, as text. */
function mutated(mutate: (contract: Json) => void): string {
  const contract: Json = JSON.parse(contractText);
  mutate(contract);
  return JSON.stringify(contract);
}

const field = (contract: Json, name: string): Json => {
  const found = (contract.fields as Json[]).find((item) => item.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const typeOf = (contract: Json, name: string): Json => field(contract, name).type as Json;
const submission = (contract: Json): Json => contract.submission as Json;

function pointers(text: string): readonly string[] {
  try {
    parseContract(text);
  } catch (error) {
    if (error instanceof Problem && error.code === 'configuration-invalid') {
      return (error.errors ?? []).map((item) => item.pointer);
    }
    throw error;
  }
  return [];
}

describe('a contract document', () => {
  it('[S18] is accepted as it stands', () => {
    expect(parseContract(contractText).dataset).toBe('grant-submission');
  });

  it.each<[string, (contract: Json) => void, string]>([
    ['an unknown member', (c) => Object.assign(c, { extra: 1 }), ''],
    ['a name with a capital', (c) => Object.assign(field(c, 'ein'), { name: 'Ein' }), '/fields/4/name'],
    ['a name that every object has', (c) => Object.assign(field(c, 'ein'), { name: 'constructor' }), '/fields/4/name'],
    ['a name that stands twice', (c) => Object.assign(field(c, 'currency'), { name: 'ein' }), '/fields/11/name'],
    ['an unknown type', (c) => Object.assign(field(c, 'ein'), { type: { kind: 'ssn' } }), '/fields/4/type/kind'],
    ['a class that is none', (c) => Object.assign(field(c, 'ein'), { class: 'secret' }), '/fields/4/class'],
    ['a subject that is not personal', (c) => Object.assign(c, { subject: 'ein' }), '/subject'],
    ['a subject that is no field', (c) => Object.assign(c, { subject: 'person' }), '/subject'],
    ['a personal tenant', (c) => Object.assign(c, { tenant: 'contact_name' }), '/tenant'],
    ['a key that may be absent', (c) => Object.assign(c, { key: ['purpose'] }), '/key/0'],
    [
      'a pattern that does not compile',
      (c) => Object.assign(typeOf(c, 'grant_id'), { pattern: '(' }),
      '/fields/1/type/pattern',
    ],
    [
      'lengths out of order',
      (c) => Object.assign(typeOf(c, 'grant_id'), { minLength: 30 }),
      '/fields/1/type/minLength',
    ],
    [
      'an optional text that may be empty',
      (c) => Object.assign(typeOf(c, 'purpose'), { minLength: 0 }),
      '/fields/13/type/minLength',
    ],
    ['bounds of another scale', (c) => Object.assign(typeOf(c, 'amount'), { minimum: '1' }), '/fields/10/type/minimum'],
    [
      'decimal bounds out of order',
      (c) => Object.assign(typeOf(c, 'amount'), { maximum: '0.00' }),
      '/fields/10/type/minimum',
    ],
    [
      'a bound that is no date',
      (c) => Object.assign(typeOf(c, 'period_end'), { maximum: '2099-02-30' }),
      '/fields/9/type/maximum',
    ],
    [
      'integer bounds out of order',
      (c) => Object.assign(typeOf(c, 'fiscal_year'), { minimum: 3000 }),
      '/fields/7/type/minimum',
    ],
    [
      'a choice listed twice',
      (c) => Object.assign(typeOf(c, 'currency'), { values: ['USD', 'USD'] }),
      '/fields/11/type/values',
    ],
    [
      'a media type that no reader has',
      (c) => Object.assign(submission(c), { mediaTypes: ['text/html'] }),
      '/submission/mediaTypes/0',
    ],
    [
      'a prefixed XML name',
      (c) => Object.assign(submission(c), { xml: { root: 'a:b', record: 'c' } }),
      '/submission/xml/root',
    ],
    [
      'records too large to hold',
      (c) => Object.assign(submission(c), { maxRecordBytes: 2 ** 30 }),
      '/submission/maxRecordBytes',
    ],
    [
      'a ledger field that may be absent',
      (c) => Object.assign(submission(c), { ledger: { grant: 'grant_id', ein: 'ein', fiscalYear: 'purpose' } }),
      '/submission/ledger/fiscalYear',
    ],
    [
      'a derived field that hides another',
      (c) => Object.assign((submission(c).derived as Json[])[0] ?? {}, { name: 'ein' }),
      '/submission/derived/0/name',
    ],
    [
      'a derived field that is personal',
      (c) => Object.assign((submission(c).derived as Json[])[0] ?? {}, { class: 'pii' }),
      '/submission/derived/0/class',
    ],
  ])('[S18] [P23] refuses %s and names the place', (_, mutate, pointer) => {
    expect(pointers(mutated(mutate))).toEqual([pointer]);
  });

  it('[S18] refuses what is not JSON', () => {
    expect(() => parseContract('{')).toThrowError(expect.objectContaining({ code: 'configuration-invalid' }));
  });
});
