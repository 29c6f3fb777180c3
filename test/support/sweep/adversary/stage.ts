/** A family in every form that it has here, and the sweeps over any two of them. */
import { sweep } from '../../../../cli/sweep/sweep.ts';
import type { OpenEndpoint } from '../../../../functions/sweep/protocol/ports.ts';
import type { Equivalence } from '../../../../shared/equivalence/schema.ts';
import type { Verdict } from '../../../../shared/verdict/schema.ts';
import { contractOf } from '../contract.ts';
import { portsOf, requestOf } from '../run.ts';
import { type Case, casesOf, type Family, type Form, held } from './family.ts';
import type { Grounds, HeldRow, Side } from './grounds.ts';

interface Placed {
  readonly name: string;
  readonly form: Form;
  readonly side: Side;
}

/** Two forms, and the cases of which each can hold its part. */
export interface Pair {
  readonly family: Family;
  readonly source: Placed;
  readonly target: Placed;
  readonly cases: readonly Case[];
}

/** What contracts call the types of `id` and `same`. */
export const NATIVE = {
  postgres: { id: 'integer', same: 'text' },
  mysql: { id: 'int(11)', same: 'varchar(100)' },
  dynamodb: { id: 'N', same: 'S' },
  csv: { id: 'text', same: 'text' },
  ndjson: { id: 'number', same: 'string' },
  json: { id: 'number', same: 'string' },
  parquet: { id: 'INT64', same: 'STRING' },
} as const satisfies Record<Form['engine'], object>;

/** `forms`: how many to make; the others come in other families' turns. */
/** Which forms are paired, by their places among all of a family's: `every` with every other and itself. */
export type Choice = (source: number, target: number, forms: number) => boolean;
export const every: Choice = () => true;
/** Every second form as a source, each against another; which, depends on `turn`. */
export const some =
  (turn: number): Choice =>
  (source, target, forms) =>
    source % 2 === turn % 2 && target === (source + 1 + (turn % (forms - 1))) % forms;

/** Tables are made for what is chosen. */
export async function pairsOf(grounds: Grounds, family: Family, choice: Choice): Promise<readonly Pair[]> {
  const cases = casesOf(family);
  const forms = Object.entries(family.forms).filter(([, form]) => grounds.has(form));
  const sides = new Map<string, Promise<Side>>();
  const sideOf = (name: string, form: Form, side: 'source' | 'target'): Promise<Side> => {
    const rows = cases.flatMap((one): HeldRow[] => {
      const value = held(name, form, one[side]);
      return value === undefined ? [] : [{ id: one.id, held: value }];
    });
    const made = sides.get(`${side} ${name}`) ?? grounds.table(form, rows);
    sides.set(`${side} ${name}`, made);
    return made;
  };
  const pairs: Pair[] = [];
  for (const [at, [sourceName, source]] of forms.entries()) {
    for (const [to, [targetName, target]] of forms.entries()) {
      if (!choice(at, to, forms.length)) continue;
      const both = cases.filter(
        (one) =>
          held(sourceName, source, one.source) !== undefined && held(targetName, target, one.target) !== undefined,
      );
      if (both.length === 0) continue;
      pairs.push({
        family,
        source: { name: sourceName, form: source, side: await sideOf(sourceName, source, 'source') },
        target: { name: targetName, form: target, side: await sideOf(targetName, target, 'target') },
        cases: both,
      });
    }
  }
  return pairs;
}

/** Whether the two sides write the same value in two ways. */
export function writtenOtherwise({ source, target }: Pair, one: Case): boolean {
  const [left, right] = [held(source.name, source.form, one.source), held(target.name, target.form, one.target)];
  return one.equal && (source.name !== target.name || JSON.stringify(left, plain) !== JSON.stringify(right, plain));
}

const plain = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

export async function sweepCases(pair: Pair, cases: readonly Case[]): Promise<Verdict> {
  const { source, target } = pair;
  const sides = { source: source.side, target: target.side };
  const open: OpenEndpoint = (side, _endpoint, options) => sides[side].open(options);
  const { verdict } = await sweep(
    await requestOf(contractFor(pair, cases), { partitions: 2, capacity: 400 }),
    portsOf(open, { laneCount: 1 }),
  );
  return verdict;
}

function contractFor({ family, source, target }: Pair, cases: readonly Case[]): Equivalence {
  const [left, right] = [NATIVE[source.form.engine], NATIVE[target.form.engine]];
  return contractOf({
    dataset: 'values',
    source: source.side.endpoint,
    target: target.side.endpoint,
    key: ['id'],
    columns: [
      { name: 'id', type: { kind: 'integer' }, source: { type: left.id }, target: { type: right.id } },
      {
        name: 'v',
        nullable: false,
        ...family.column,
        source: { type: source.form.native },
        target: { type: target.form.native },
      },
      { name: 'same', type: { kind: 'text' }, source: { type: left.same }, target: { type: right.same } },
    ],
    filters: [{ column: 'id', where: { op: 'in', values: cases.map(({ id }) => String(id)) } }],
    settle: { delaySeconds: 0, attempts: 1 },
  });
}

/** What is wrong with a verdict over these cases; nothing when it is right in every row. */
export function mistakesOf(pair: Pair, cases: readonly Case[], verdict: Verdict): string[] {
  const place = `${pair.family.name}: ${pair.source.name} → ${pair.target.name}`;
  const expected = cases.every(({ equal }) => equal) ? 'EQUAL' : 'DIVERGED';
  if (verdict.verdict !== expected) {
    const reasons = verdict.reasons.map(({ code, side, errors }) => `${code} ${side} ${JSON.stringify(errors)}`);
    const listed = verdict.divergences.list.map(({ key }) => nameOf(cases, Number(key[0]?.value)));
    return [`${place}: ${verdict.verdict}, not ${expected}: ${reasons.join('; ')} ${listed.join(', ')}`];
  }
  const listed = new Map(verdict.divergences.list.map((found) => [Number(found.key[0]?.value), found]));
  return cases.flatMap((one) => {
    const found = listed.get(one.id);
    if (one.equal) return found === undefined ? [] : [`${place}: differ, and are the same: ${one.name}`];
    if (found === undefined) return [`${place}: taken for the same: ${one.name}`];
    const right = found.kind === 'changed' && found.columns?.join() === 'v' && found.times === 1;
    return right ? [] : [`${place}: ${found.kind} in ${found.columns?.join()}: ${one.name}`];
  });
}

const nameOf = (cases: readonly Case[], id: number): string => cases.find((one) => one.id === id)?.name ?? '?';
