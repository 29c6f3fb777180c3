/** What every engine promises (functions/sweep/engines/engine.ts), on every implementation alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Partition, Reader } from '../../functions/sweep/engines/engine.ts';
import { KeptRows } from '../../functions/sweep/engines/kept-rows.ts';
import type { ColumnType } from '../../shared/canonical/column-type.ts';
import { rowCodec } from '../../shared/canonical/row.ts';
import { TAG } from '../../shared/canonical/tag.ts';
import { Problem } from '../../shared/problem.ts';
import { expectedRows, masks, type RelationChanges, relationFor, scannedRows } from '../support/engines/contract.ts';
import { canonical, EXTREMES } from '../support/engines/extremes.ts';
import type { EngineHarness, LogicalColumn, LogicalTable, LogicalValue, Place } from '../support/engines/harness.ts';
import { keyTables } from '../support/engines/key-tables.ts';

const text: ColumnType = { kind: 'text' };
const integer: ColumnType = { kind: 'integer' };

interface Opened {
  readonly engine: Engine;
  readonly reader: Reader;
  readonly place: Place;
}

export function engineCases(name: string, start: () => Promise<EngineHarness>): void {
  describe(name, () => {
    let harness: EngineHarness;
    const engines: Engine[] = [];

    beforeAll(async () => {
      harness = await start();
    });
    afterAll(async () => {
      await Promise.all(engines.map((engine) => engine.close()));
      await harness?.[Symbol.asyncDispose]();
    });

    async function opened(table: LogicalTable, changes: RelationChanges = {}): Promise<Opened> {
      const place = await harness.create(table);
      const engine = await place.open();
      engines.push(engine);
      await engine.snapshot();
      return { engine, place, reader: await engine.read(relationFor(harness, place, table, changes), masks) };
    }

    const all = async (reader: Reader, target = 1): Promise<string[]> => scannedRows(reader, await reader.plan(target));

    describe.each(EXTREMES)('values of $name', ({ name: column, type, values }) => {
      it('[S06] come exactly as they were stored', async ({ skip }) => {
        if (harness.nativeType(type, false) === undefined) skip(`${name} has no such type.`);
        const held = values.map((value) => canonical(type, value)).filter((value) => harness.holds(type, value));
        expect(held.length).toBeGreaterThan(0);
        const stored: LogicalValue[] = [...held, null, ...(harness.absences ? [undefined] : [])];
        const table: LogicalTable = {
          name: `values_${column}`,
          columns: [
            { name: 'id', type: integer, nullable: false },
            { name: 'value', type, nullable: true },
          ],
          key: ['id'],
          rows: stored.map((value, index) => [BigInt(index), value]),
        };
        const { reader, place } = await opened(table);
        const rows = await all(reader);
        expect(rows).toEqual(expectedRows(table, relationFor(harness, place, table)));
        // Values that differ have rows that differ, also without their key.
        expect(new Set(rows.map((row) => row.slice(6))).size).toBe(stored.length);
      });
    });

    describe('hostile names', () => {
      const names = [
        '"; DROP TABLE rows; --',
        "'; DROP TABLE rows; --",
        '`; DROP TABLE rows; --',
        'a"b""c',
        'select',
        '$1 ? :x @y %s',
        'back\\slash',
        'ünïcödé 😀'.slice(0, -3),
        '#hash.dot:colon[0]',
      ];
      const table: LogicalTable = {
        name: 'ro"w`s\'; DROP TABLE x; --',
        columns: names.map((column, index) => ({ name: column, type: text, nullable: index > 0 })),
        key: names.slice(0, 1),
        rows: Array.from({ length: 3 }, (_, row) => names.map((column) => `${column} ${row}`)),
      };

      it('[S11] are only names: of tables, of columns, in filters, in bounds and in lookups', async () => {
        const { reader, place } = await opened(table, {
          filters: [{ native: { name: names[1] ?? '', type: undefined }, where: { op: 'is-not-null' } }],
        });
        const relation = relationFor(harness, place, table);
        expect(await all(reader, 4)).toEqual(expectedRows(table, relation));
        const kept = new KeptRows();
        for (const partition of await reader.plan(1)) for await (const _ of reader.scan(partition, kept));
        expect(await reader.lookup(kept.rows.map(({ key }) => key))).toHaveLength(3);
      });

      it('[S11] in values are only values', async () => {
        const hostile = ["'; DROP TABLE rows; --", '" OR 1=1', '\\', "\\'; --", '%', '_', '$$', '?', ':x', '\u2028'];
        const values: LogicalTable = {
          name: 'hostile_values',
          columns: [
            { name: 'id', type: text, nullable: false },
            { name: 'value', type: text, nullable: false },
          ],
          key: ['id'],
          rows: hostile.map((value) => [value, value]),
        };
        for (const value of hostile) {
          const { reader } = await opened(values, {
            filters: [{ native: { name: 'value', type: undefined }, where: { op: '=', value } }],
          });
          expect(await all(reader, 3)).toHaveLength(1);
        }
      });
    });

    describe.each(keyTables())('a key of $kind', ({ table, unique, missing }) => {
      let reader: Reader;
      let place: Place;
      let possible: boolean;

      beforeAll(async () => {
        const isKey = (column: LogicalColumn): boolean => table.key.includes(column.name);
        possible =
          (unique || harness.keyless) &&
          table.columns.every((column) => harness.nativeType(column.type, isKey(column)) !== undefined);
        if (possible) ({ reader, place } = await opened(table));
      });

      it.each([1, 7, 40])('[S13] is cut into some %i parts that hold every row exactly once', async (target) => {
        if (!possible) return;
        const partitions = await reader.plan(target);
        expect(partitions.length).toBeGreaterThan(0);
        // A partition goes to other workers as JSON.
        const sent: Partition[] = JSON.parse(JSON.stringify(partitions));
        expect(await scannedRows(reader, sent)).toEqual(expectedRows(table, relationFor(harness, place, table)));
      });

      it('[S12] is read on from wherever a reader may stop, without a row lost or read twice', async () => {
        if (!possible) return;
        const rows: string[] = [];
        for (const partition of await reader.plan(3)) {
          let left: Partition | undefined = partition;
          while (left !== undefined) {
            const now: Partition = left;
            left = undefined;
            const kept = new KeptRows();
            let given = 0;
            for await (const step of reader.scan(now, kept)) {
              given += step.rows;
              left = step.rest;
              if (left !== undefined) break;
            }
            const stretch = kept.rows.slice(0, given);
            rows.push(...stretch.map(({ fields }) => Buffer.concat(fields).toString('hex')));
            expect(kept.rows).toHaveLength(given);
          }
        }
        expect(rows.sort()).toEqual(expectedRows(table, relationFor(harness, place, table)));
      });

      it('finds rows again by it, also some that are not there', async () => {
        if (!possible || table.key.length === 0) return;
        const kept = new KeptRows();
        for (const partition of await reader.plan(1)) for await (const _ of reader.scan(partition, kept));
        const keyTypes = table.key.map((name) => table.columns.find((column) => column.name === name));
        const codec = rowCodec(keyTypes.flatMap((column) => (column === undefined ? [] : [column])));
        const sample = kept.rows.filter((_, index) => index % 3 === 0);
        const wanted = [...sample.map(({ key }) => key), codec.encode(missing)];
        const texts = new Set(wanted.map((key) => Buffer.from(key).toString('hex')));
        const expected = kept.rows.filter(({ key }) => texts.has(Buffer.from(key).toString('hex')));
        const found = await reader.lookup(wanted);
        const lines = (rows: typeof found): string[] =>
          rows.map(({ fields }) => Buffer.concat(fields).toString('hex')).sort();
        expect(lines(found)).toEqual(lines(expected));
        expect(reader.keyed).toBe(
          table.columns.filter((column) => table.key.includes(column.name)).every(({ type }) => harness.keyed(type)),
        );
      });
    });

    describe('filters', () => {
      const table: LogicalTable = {
        name: 'filtered',
        columns: [
          { name: 'id', type: integer, nullable: false },
          { name: 'kind', type: text, nullable: true },
          { name: 'amount', type: { kind: 'decimal' }, nullable: true },
        ],
        key: ['id'],
        rows: [
          [1n, 'a', canonical({ kind: 'decimal' }, '1.5')],
          [2n, 'A', canonical({ kind: 'decimal' }, '15')],
          [3n, 'a ', canonical({ kind: 'decimal' }, '-1.5')],
          [4n, 'é', null],
          [5n, 'e\u0301', canonical({ kind: 'decimal' }, '0')],
          [6n, null, canonical({ kind: 'decimal' }, '1.50001')],
        ],
      };
      const kind = { name: 'kind', type: undefined };
      const amount = { name: 'amount', type: undefined };

      it.each<[NonNullable<RelationChanges['filters']>, readonly number[]]>([
        [[{ native: kind, where: { op: '=', value: 'a' } }], [1]],
        [[{ native: kind, where: { op: '!=', value: 'a' } }], [2, 3, 4, 5]],
        [[{ native: kind, where: { op: 'in', values: ['A', 'é', 'z'] } }], [2, 4]],
        [[{ native: kind, where: { op: 'is-null' } }], [6]],
        [[{ native: kind, where: { op: '>', value: 'a' } }], [3, 4, 5]],
        [[{ native: amount, where: { op: '=', value: '1.50' } }], [1]],
        [[{ native: amount, where: { op: '>', value: '1.5' } }], [2, 6]],
        [[{ native: amount, where: { op: '<=', value: '0' } }], [3, 5]],
        [
          [
            { native: amount, where: { op: '>=', value: '0' } },
            { native: kind, where: { op: 'is-not-null' } },
          ],
          [1, 2, 5],
        ],
      ])('[S04] %j leave %j, and are no part of the row', async (filters, ids) => {
        const { reader } = await opened(table, { filters, columns: ['id'] });
        const kept = await all(reader, 2);
        const narrow = { ...table, rows: table.rows.filter(([id]) => ids.some((wanted) => BigInt(wanted) === id)) };
        const place = await harness.create(table);
        expect(kept).toEqual(expectedRows(narrow, relationFor(harness, place, table, { columns: ['id'] })));
      });

      it('[S04] hold for lookups too', async () => {
        const whole = await opened(table);
        const kept = new KeptRows();
        for (const partition of await whole.reader.plan(1)) {
          for await (const _ of whole.reader.scan(partition, kept));
        }
        const { reader } = await opened(table, { filters: [{ native: kind, where: { op: '=', value: 'a' } }] });
        expect(await reader.lookup(kept.rows.map(({ key }) => key))).toHaveLength(1);
      });
    });

    describe('masks', () => {
      const secret = '078-05-1120';
      const table: LogicalTable = {
        name: 'masked',
        columns: [
          { name: 'id', type: text, nullable: false },
          { name: 'ssn', type: text, nullable: true },
        ],
        key: ['id'],
        rows: [
          ['1', secret],
          ['2', secret],
          [secret, null],
        ],
      };
      const mask = (names: readonly string[]): RelationChanges => ({
        column: (column) => ({ ...column, masked: names.includes(column.native.name) }),
      });

      it('[S04] stand in the row before it is committed, the same for the same value, also for NULL', async () => {
        const { reader } = await opened(table, mask(['ssn']));
        const kept = new KeptRows();
        for (const partition of await reader.plan(1)) for await (const _ of reader.scan(partition, kept));
        const tokens = kept.rows.map(({ fields }) => Buffer.from(fields[1] ?? []).toString('hex'));
        expect(kept.rows.map(({ fields }) => fields[1]?.[0])).toEqual([TAG.token, TAG.token, TAG.token]);
        expect(new Set(tokens).size).toBe(2);
      });

      it('[S04] of keys are what a lookup asks for, and raw values never leave', async () => {
        const { reader } = await opened(table, mask(['id', 'ssn']));
        const kept = new KeptRows();
        for (const partition of await reader.plan(1)) for await (const _ of reader.scan(partition, kept));
        const found = await reader.lookup(kept.rows.map(({ key }) => key));
        expect(found).toHaveLength(3);
        expect(reader.keyed).toBe(false);
        for (const { fields } of [...kept.rows, ...found]) {
          expect(Buffer.concat(fields).toString('latin1')).not.toContain(secret);
        }
      });
    });

    describe('a plain table', () => {
      const table: LogicalTable = {
        name: 'plain',
        columns: [
          { name: 'id', type: integer, nullable: false },
          { name: 'note', type: text, nullable: true },
        ],
        key: ['id'],
        rows: Array.from({ length: 20 }, (_, index) => [BigInt(index), index === 7 ? null : `note ${index}`]),
      };

      it('gives the key alone when no more is wanted', async () => {
        const { reader, place } = await opened(table);
        const keys = await scannedRows(reader, await reader.plan(2), { columns: 'key' });
        expect(keys).toEqual(expectedRows(table, relationFor(harness, place, table, { columns: ['id'] })));
      });

      it('takes columns in the order of the contract, whatever the order of the engine', async () => {
        const { reader, place } = await opened(table, { columns: ['note', 'id'], keyColumns: 0 });
        const relation = relationFor(harness, place, table, { columns: ['note', 'id'], keyColumns: 0 });
        expect(await all(reader)).toEqual(expectedRows(table, relation));
      });

      it('can be left in the middle, and read again', async () => {
        const { reader } = await opened(table);
        for (const partition of await reader.plan(1)) {
          for await (const _ of reader.scan(partition, new KeptRows())) break;
        }
        expect(await all(reader)).toHaveLength(20);
      });

      it('is what its schema says, and nothing else', async () => {
        const { engine } = await opened(table);
        const { columns } = await engine.schema();
        const types = new Map(columns.map((column) => [column.name, column.type]));
        expect(types.get('id')).toBe(harness.nativeType(integer, true));
        expect(types.get('note')).toBe(harness.nativeType(text, false));
      });

      it.each([
        ['a column that is not there', { name: 'gone', type: 'x' }],
        ['a column of another type', { name: 'id', type: 'another' }],
      ])('[S13] is refused under a contract with %s, with a pointer to it', async (_name, native) => {
        const place = await harness.create(table);
        const engine = await place.open();
        engines.push(engine);
        const relation = relationFor(harness, place, table, {
          columns: ['id'],
          column: (column) => ({ ...column, native }),
        });
        const { sampled } = await engine.schema();
        if (sampled && native.name === 'gone') return;
        await expect(engine.read(relation, masks)).rejects.toMatchObject({
          code: 'schema-changed',
          errors: [{ pointer: `/${native.name}` }],
        });
      });

      it('refuses a NULL where the contract expects none', async () => {
        const { reader } = await opened(table, { column: (column) => ({ ...column, nullable: false }) });
        await expect(all(reader)).rejects.toMatchObject({ code: 'field-type' });
      });

      it('[S16] refuses a value that is not of the declared type, and does not repeat it', async () => {
        const secret = 'note 13';
        const error: unknown = await opened(table, {
          column: (column) => (column.native.name === 'note' ? { ...column, type: { kind: 'uuid' } } : column),
        })
          .then(({ reader }) => all(reader))
          .catch((caught: unknown) => caught);
        if (!(error instanceof Problem)) throw error;
        expect(['field-format', 'configuration-invalid']).toContain(error.code);
        expect(JSON.stringify([error.toDocument(), String(error), String(error.cause)])).not.toContain(secret);
      });

      it('names its place the same for everybody who opens it, and differently from its neighbour', async () => {
        const place = await harness.create(table);
        const neighbour = await harness.create({ ...table, name: 'neighbour' });
        const identities = await Promise.all(
          [place, place, neighbour].map(async (each) => {
            const engine = await each.open();
            engines.push(engine);
            return engine.identity();
          }),
        );
        expect(identities[0]).toBe(identities[1]);
        expect(identities[0]).not.toBe(identities[2]);
      });

      it('declares what it reads', async () => {
        const place = await harness.create(table);
        const engine = await place.open();
        engines.push(engine);
        const snapshot = await engine.snapshot();
        expect(snapshot.position).not.toBe('');
        const worker = await place.open(JSON.parse(JSON.stringify(snapshot.share ?? null)) ?? undefined);
        engines.push(worker);
        const reader = await worker.read(relationFor(harness, place, table), masks);
        expect(await all(reader)).toHaveLength(20);
      });
    });
  });
}
