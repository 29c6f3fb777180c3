import { describe, expect, it } from 'vitest';
import { parseEquivalence } from '../../../shared/equivalence/parse.ts';
import { comparedColumns, relationOf } from '../../../shared/equivalence/relation.ts';
import { Problem } from '../../../shared/problem.ts';
import { example } from './example.ts';

type Json = Record<string, unknown>;

/** The example with the member at `path` (steps of names and indices) set to `value`; undefined takes it away. */
function changed(path: string, value: unknown): string {
  const document = example();
  const steps = path.split('/').slice(1);
  const last = steps.pop() ?? '';
  const holder = steps.reduce<Json>((json, step) => json[step] as Json, document);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return JSON.stringify(document);
}

function pointers(text: string): readonly string[] {
  try {
    parseEquivalence(text);
  } catch (error) {
    if (error instanceof Problem && error.code === 'configuration-invalid') {
      return (error.errors ?? []).map(({ pointer }) => pointer);
    }
    throw error;
  }
  return [];
}

const files = (location: object, more: object = {}): object => ({
  engine: 'files',
  connection: 'archive',
  consistency: 'frozen',
  location,
  format: 'csv',
  ...more,
});

describe('the contract of a sweep', () => {
  it('[S18] is accepted as it stands', () => {
    expect(parseEquivalence(JSON.stringify(example())).dataset).toBe('grants');
  });

  it.each([
    // What the schema says.
    ['/kind', 'contract', '/kind'],
    ['/password', 'hunter2', ''],
    ['/source/password', 'hunter2', '/source'],
    ['/source/engine', 'oracle', '/source/engine'],
    ['/source/table', 'a\0b', '/source/table'],
    ['/version', 1.5, '/version'],
    ['/columns', [], '/columns'],
    ['/columns/0/type/kind', 'money', '/columns/0/type/kind'],
    ['/columns/0/type/scale', -1, '/columns/0/type/scale'],
    ['/columns/0/mask', 'hash', '/columns/0/mask'],
    ['/columns/0/name', 'constructor', '/columns/0/name'],
    ['/columns/0/tolerance', 0.01, '/columns/0/tolerance'],
    ['/filters/0/where/op', 'like', '/filters/0/where/op'],
    ['/breaker/drift/share', 1.5, '/breaker/drift/share'],
    ['/settle/attempts', 0, '/settle/attempts'],
    // References.
    ['/key/0', 'nobody', '/key/0'],
    ['/key', ['id', 'id'], '/key/1'],
    ['/key', ['note'], '/key/0'],
    ['/key', ['amount'], '/key/0'],
    ['/columns/1/nullable', true, '/key/1'],
    ['/columns/1/type', { kind: 'float64' }, '/key/1'],
    ['/columns/1/tolerance', '1', '/key/1'],
    ['/columns/2/name', 'id', '/columns/2/name'],
    ['/columns/3/source/name', 'tenant', '/columns/3/source/name'],
    ['/columns/3/target/name', 'tenant', '/columns/3/target/name'],
    // What does not go together.
    ['/columns/3/mask', 'none', '/columns/3/mask'],
    ['/columns/3/tolerance', '1', '/columns/3/tolerance'],
    ['/columns/6/tolerance', '1', '/columns/6/tolerance'],
    ['/columns/0/tolerance', '-0.01', '/columns/0/tolerance'],
    ['/columns/3/nullable', false, '/columns/3/absent'],
    ['/target/consistency', 'frozen', '/target/consistency'],
    ['/filters/0/column', 'nobody', '/filters/0/column'],
    ['/filters/0/where', { op: '>=', value: 'yesterday' }, '/filters/0/where/value'],
    ['/filters/0/where', { op: 'in', values: ['2024-01-01T00:00:00Z', '?'] }, '/filters/0/where/values/1'],
    ['/filters/0', { column: 'active', where: { op: '<', value: true } }, '/filters/0/where/op'],
    ['/filters/0', { column: 'active', where: { op: '=', value: '2' } }, '/filters/0/where/value'],
    ['/filters/0', { column: 'email', where: { op: 'is-null' } }, '/filters/0/column'],
    ['/target/filters/0/name', 'note', '/target/filters/0/name'],
    ['/target/filters/0/where/value', false, '/target/filters/0/where/value'],
    ['/target', files({ path: '/data' }, { csv: {}, format: 'json' }), '/target/csv'],
  ])('[S18] refuses %s = %j with a pointer', (path, value, pointer) => {
    expect(pointers(changed(path, value))).toContain(pointer);
  });

  it.each([
    [example().source, example().source],
    [
      { ...(example().target as object), filters: [] },
      { ...(example().target as object), consistency: 'settled' },
    ],
    [files({ bucket: 'b', prefix: 'x/' }), files({ bucket: 'b', prefix: 'x/2024/' })],
    [files({ path: '/data/' }), files({ path: '/data/a.csv' })],
    [files({ path: '/data/a' }), files({ path: '/data/a/' })],
  ])('[S09] refuses the same place twice, or one within the other', (source, target) => {
    expect(pointers(JSON.stringify({ ...example(), source, target }))).toContain('/target');
  });

  it.each([
    [files({ path: '/data/a' }), files({ path: '/data/ab' })],
    [files({ bucket: 'a', prefix: '' }), files({ bucket: 'b', prefix: '' })],
    [example().source, { ...(example().source as object), connection: 'replica' }],
    [example().source, { ...(example().source as object), schema: 'Public' }],
  ])('tells neighbours apart', (source, target) => {
    expect(pointers(JSON.stringify({ ...example(), source, target }))).toEqual([]);
  });

  it('[S16] repeats no value of a filter, and no text that is not JSON', () => {
    const secret = '078-05-1120';
    for (const text of [changed('/filters/0/where', { op: '=', value: secret }), `{"ssn": ${secret}`]) {
      try {
        parseEquivalence(text);
        expect.unreachable();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        expect(JSON.stringify([error.toDocument(), String(error.cause)])).not.toContain(secret);
      }
    }
  });
});

describe('a side of a contract', () => {
  const contract = parseEquivalence(JSON.stringify(example()));

  it('has the key first, in the order of the key, and leaves out what is not compared', () => {
    expect(comparedColumns(contract).map(({ name }) => name)).toEqual([
      'tenant',
      'id',
      'amount',
      'email',
      'changed',
      'active',
    ]);
  });

  it('has the common filters and its own', () => {
    expect(relationOf(contract, 'source').filters.map(({ name }) => name)).toEqual(['changed']);
    expect(relationOf(contract, 'target').filters.map(({ name }) => name)).toEqual(['changed', 'entity']);
  });
});
