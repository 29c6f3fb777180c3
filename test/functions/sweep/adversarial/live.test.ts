/** Tables of real servers that are written to, altered, or taken away while they are swept. */
import { appendFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SweepPorts, sweep } from '../../../../cli/sweep/sweep.ts';
import { openMysql } from '../../../../functions/sweep/engines/mysql/engine.ts';
import { openPostgres } from '../../../../functions/sweep/engines/postgres/engine.ts';
import type { SideName } from '../../../../shared/equivalence/relation.ts';
import type { Verdict } from '../../../../shared/verdict/schema.ts';
import { mariaDbMissing } from '../../../support/engines/mariadb.ts';
import { Grounds, type Side } from '../../../support/sweep/adversary/grounds.ts';
import { PLAIN_NATIVE, type PlainEngine, type PlainTable, plainSide } from '../../../support/sweep/adversary/plain.ts';
import { contractOf } from '../../../support/sweep/contract.ts';
import { portsOf, requestOf } from '../../../support/sweep/run.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await Grounds.start();
});
afterAll(async () => {
  await grounds[Symbol.asyncDispose]();
});

const ROWS = 1500;
const table = (change: (id: number) => string | undefined = () => 'one'): PlainTable => ({
  columns: { id: 'integer', v: 'text' },
  key: ['id'],
  rows: Array.from({ length: ROWS }, (_, id) => [id, change(id)] as const).flatMap(([id, v]) =>
    v === undefined ? [] : [[id, v]],
  ),
});

interface Hooks {
  /** Before a side is opened for the nth time: the plan opens it first, hashing then, and each reading of suspects again. */
  readonly open?: (side: SideName, times: number) => Promise<unknown>;
  readonly wait?: () => Promise<unknown>;
  readonly attempts?: number;
}

/** Each side in one part, the source first; neither is frozen. */
async function run(
  sides: Readonly<Record<SideName, { readonly side: Side; readonly engine: PlainEngine }>>,
  { open, wait, attempts = 3 }: Hooks = {},
): Promise<Verdict> {
  const opened = { source: 0, target: 0 };
  const settled = (side: SideName) => ({ ...sides[side].side.endpoint, consistency: 'settled' as const });
  const natives = (kind: 'integer' | 'text') => ({
    source: { type: PLAIN_NATIVE[sides.source.engine][kind] },
    target: { type: PLAIN_NATIVE[sides.target.engine][kind] },
  });
  const contract = contractOf({
    dataset: 'live',
    source: settled('source'),
    target: settled('target'),
    key: ['id'],
    columns: [
      { name: 'id', type: { kind: 'integer' }, ...natives('integer') },
      { name: 'v', type: { kind: 'text' }, ...natives('text') },
    ],
    settle: { delaySeconds: 1, attempts },
  });
  const ports: SweepPorts = portsOf(
    async (side, endpoint, options) => {
      opened[side] += 1;
      await open?.(side, opened[side]);
      if (endpoint.engine === 'postgres') return openPostgres(endpoint, grounds.postgres.place, options ?? {});
      return sides[side].side.open(options);
    },
    { laneCount: 1, wait: async () => void (await wait?.()) },
  );
  const { verdict } = await sweep(await requestOf(contract, { partitions: 1, capacity: 300 }), ports);
  return verdict;
}

const keysOf = ({ divergences }: Verdict): (string | undefined)[] => divergences.list.map(({ key }) => key[0]?.value);
const codesOf = ({ reasons }: Verdict): [string, string | undefined][] => reasons.map(({ code, side }) => [code, side]);
const nameOf = ({ endpoint }: Side): string => ('table' in endpoint ? endpoint.table : '');

/** As the owner, in either engine. */
const statement = (engine: PlainEngine, sql: string): Promise<unknown> =>
  engine === 'mysql' ? grounds.maria.owner.query(sql) : grounds.admin.query(sql);

const PAIRS: readonly (readonly [PlainEngine, PlainEngine])[] = [
  ['postgres', 'postgres'],
  ...(mariaDbMissing === undefined
    ? ([
        ['postgres', 'mysql'],
        ['mysql', 'postgres'],
      ] as const)
    : []),
];
if (mariaDbMissing !== undefined) console.info(mariaDbMissing);

describe.each(PAIRS)('a table of %s that is copied to %s and written to while it is swept', (left, right) => {
  /** Writes each update here, and a little later there, until it is stopped; then nothing is in flight any more. */
  function writer(source: Side, target: Side) {
    let stopped = false;
    let written = 0;
    const update = (engine: PlainEngine, side: Side, id: number, v: string) =>
      statement(engine, `UPDATE ${nameOf(side)} SET v = '${v}' WHERE id = ${id}`);
    const loop = (async () => {
      for (let round = 0; !stopped; round++) {
        const ids = Array.from({ length: 20 }, (_, index) => 100 + ((round * 20 + index) % (ROWS - 100)));
        for (const id of ids) await update(left, source, id, `round ${round}`);
        for (const id of ids) await update(right, target, id, `round ${round}`);
        written += 1;
      }
    })();
    return {
      stop: async () => {
        stopped = true;
        await loop;
        return written;
      },
    };
  }

  const both = async (change?: (id: number) => string | undefined) => ({
    source: { side: await plainSide(grounds, left, table()), engine: left },
    target: { side: await plainSide(grounds, right, table(change)), engine: right },
  });

  it('[S05] calls rows in flight no drift', async () => {
    const sides = await both();
    const writes = writer(sides.source.side, sides.target.side);
    let rounds = 0;
    const verdict = await run(sides, {
      wait: async () => {
        rounds += await writes.stop();
      },
    });
    await writes.stop();
    expect(verdict).toMatchObject({ verdict: 'EQUAL', consistency: 'settled', divergences: { list: [] } });
    expect(verdict.suspects.cleared).toBe(verdict.suspects.found);
    // Whoever found no suspect saw no write between the sides.
    if (verdict.suspects.found > 0) expect(rounds).toBeGreaterThan(0);
  });

  it('[S05] reports the rows whose update was lost, and no other', async () => {
    const sides = await both((id) => (id === 7 || id === 9 ? 'lost' : id === 11 ? undefined : 'one'));
    const writes = writer(sides.source.side, sides.target.side);
    const verdict = await run(sides, { wait: () => writes.stop() });
    await writes.stop();
    expect(verdict.verdict).toBe('DIVERGED');
    expect(keysOf(verdict)).toEqual(['7', '9', '11']);
    expect(verdict.divergences).toMatchObject({ missing: 1, extra: 0, changed: 2 });
  });

  it('[S05] clears what changed between the two readings, and confirms what did not', async () => {
    const sides = await both((id) => (id === 3 ? 'lost' : 'one'));
    const verdict = await run(sides, {
      // The source has been read by then.
      open: async (side, times) => {
        if (side !== 'target' || times !== 2) return;
        for (const [engine, { side: written }] of [
          [left, sides.source],
          [right, sides.target],
        ] as const) {
          await statement(engine, `UPDATE ${nameOf(written)} SET v = 'new' WHERE id BETWEEN 20 AND 29`);
          await statement(engine, `DELETE FROM ${nameOf(written)} WHERE id = 40`);
        }
      },
    });
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', suspects: { found: 12, cleared: 11, confirmed: 1 } });
    expect(keysOf(verdict)).toEqual(['3']);
  });

  it('[S05] says nothing of a row that will not settle', async () => {
    const sides = await both();
    let round = 0;
    const verdict = await run(sides, {
      open: async (side, times) => {
        if (side === 'target' && times >= 2) {
          round += 1;
          await statement(right, `UPDATE ${nameOf(sides.target.side)} SET v = 'round ${round}' WHERE id = 5`);
        }
      },
    });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', suspects: { found: 1, unsettled: 1 } });
    expect(codesOf(verdict)).toEqual([['suspect-unsettled', undefined]]);
  });

  it.each([
    ['a column that is gone', 'DROP COLUMN v'],
    ['a column that is new', 'ADD COLUMN more int'],
    ['a column of another type', right === 'mysql' ? 'MODIFY v varchar(200)' : 'ALTER COLUMN v TYPE varchar(200)'],
    ['a column of another name', right === 'mysql' ? 'CHANGE v w varchar(300)' : 'RENAME COLUMN v TO w'],
  ])('[S13] gives no answer when the schema changes in mid-run: %s', async (_name, alteration) => {
    const sides = await both();
    const verdict = await run(sides, {
      open: async (side, times) => {
        if (side === 'target' && times === 2) {
          await statement(right, `ALTER TABLE ${nameOf(sides.target.side)} ${alteration}`);
        }
      },
    });
    expect(verdict.verdict).toBe('INCONCLUSIVE');
    expect(codesOf(verdict)).toEqual([['schema-changed', 'target']]);
  });

  it('gives no answer when the table is emptied, or dropped, in mid-run', async () => {
    for (const [deed, code] of [
      ['DELETE FROM', 'side-empty'],
      ['DROP TABLE', 'partition-unread|side-missing'],
    ] as const) {
      const sides = await both();
      const verdict = await run(sides, {
        open: async (side, times) => {
          if (side === 'target' && times === 2) await statement(right, `${deed} ${nameOf(sides.target.side)}`);
        },
      });
      expect(verdict.verdict).toBe('INCONCLUSIVE');
      expect(codesOf(verdict)[0]).toEqual([expect.stringMatching(code), 'target']);
    }
  });
});

describe('a side that may not be read', () => {
  const other = async () => ({ side: await plainSide(grounds, 'csv', table()), engine: 'csv' as const });

  async function limited(engine: 'postgres' | 'mysql') {
    const side = await plainSide(grounds, engine, table());
    const name = nameOf(side);
    const { endpoint } = side;
    if (endpoint.engine === 'postgres') {
      const user = `reader_${name}`;
      await grounds.admin.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x'; GRANT SELECT ON ${name} TO ${user}`);
      const place = { ...grounds.postgres.place, user, password: 'x' };
      return {
        side: { endpoint, open: async () => openPostgres({ ...endpoint, consistency: 'settled' }, place) },
        revoke: () => grounds.admin.query(`REVOKE SELECT ON ${name} FROM ${user}`),
      };
    }
    if (endpoint.engine !== 'mysql') throw new Error('Another engine.');
    const user = `r_${name}`;
    const { owner, port } = grounds.maria;
    await owner.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'x'; GRANT SELECT ON parapet.${name} TO ${user}@'%'`);
    const place = { host: '127.0.0.1', port, database: 'parapet', user, password: 'x' };
    return {
      side: { endpoint, open: async () => openMysql(endpoint, place) },
      revoke: () => owner.query(`REVOKE SELECT ON parapet.${name} FROM ${user}@'%'`),
    };
  }

  const ENGINES = mariaDbMissing === undefined ? (['postgres', 'mysql'] as const) : (['postgres'] as const);

  it.each(ENGINES)('gives no answer: a right of %s that is revoked before or in the middle', async (engine) => {
    for (const when of [1, 2]) {
      const { side, revoke } = await limited(engine);
      const opened = { times: 0 };
      const guarded: Side = {
        endpoint: { ...side.endpoint, consistency: 'settled' },
        open: async () => {
          opened.times += 1;
          if (opened.times === when) await revoke();
          return side.open();
        },
      };
      const contract = contractOf({
        dataset: 'limited',
        source: (await other()).side.endpoint,
        target: guarded.endpoint,
        key: ['id'],
        columns: [
          {
            name: 'id',
            type: { kind: 'integer' },
            source: { type: 'text' },
            target: { type: PLAIN_NATIVE[engine].integer },
          },
          { name: 'v', type: { kind: 'text' }, source: { type: 'text' }, target: { type: PLAIN_NATIVE[engine].text } },
        ],
      });
      const source = (await other()).side;
      const ports = portsOf(async (name, _endpoint, options) => (name === 'source' ? source : guarded).open(options), {
        laneCount: 1,
      });
      const { verdict } = await sweep(await requestOf(contract, { partitions: 1 }), ports);
      expect(verdict.verdict).toBe('INCONCLUSIVE');
      // A server may say that what somebody may not see is not there.
      expect(codesOf(verdict)[0]).toEqual([
        expect.stringMatching(/^(access-denied|side-missing|partition-unread)$/),
        'target',
      ]);
      if (engine === 'postgres') expect(codesOf(verdict)[0]?.[0]).toBe('access-denied');
    }
  });

  it('gives no answer: files that are gone, or others, when their turn comes', async () => {
    for (const deed of ['remove', 'change'] as const) {
      const target = await other();
      const { endpoint } = target.side;
      const path = endpoint.engine === 'files' && 'path' in endpoint.location ? endpoint.location.path : '';
      const source = await other();
      const contract = contractOf({
        dataset: 'files',
        source: source.side.endpoint,
        target: endpoint,
        key: ['id'],
        columns: [
          { name: 'id', type: { kind: 'integer' }, source: { type: 'text' }, target: { type: 'text' } },
          { name: 'v', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'text' } },
        ],
      });
      const opened = { times: 0 };
      const ports = portsOf(
        async (name, _endpoint, options) => {
          if (name === 'source') return source.side.open(options);
          opened.times += 1;
          if (opened.times === 2 && deed === 'remove') rmSync(path);
          if (opened.times === 2 && deed === 'change') appendFileSync(path, '5000,more\n');
          return target.side.open(options);
        },
        { laneCount: 1 },
      );
      const { verdict } = await sweep(await requestOf(contract, { partitions: 2 }), ports);
      expect(verdict.verdict).toBe('INCONCLUSIVE');
      expect(codesOf(verdict)[0]).toEqual([deed === 'change' ? 'snapshot-gone' : 'partition-unread', 'target']);
    }
  });
});
