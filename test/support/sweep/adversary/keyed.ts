/** The values of a family as keys: a row is found again under any writing of its key, and under no other value's. */
import { sweep } from '../../../../cli/sweep/sweep.ts';
import type { OpenEndpoint } from '../../../../functions/sweep/protocol/ports.ts';
import type { Verdict } from '../../../../shared/verdict/schema.ts';
import { contractOf } from '../contract.ts';
import { portsOf, requestOf } from '../run.ts';
import { type Family, type Form, held } from './family.ts';
import type { Grounds, HeldRow, Side } from './grounds.ts';
import { NATIVE } from './stage.ts';

export const KINDS = ['integer', 'decimal', 'boolean', 'text', 'bytes', 'uuid', 'instant', 'date', 'time', 'datetime'];

export const canBeKey = ({ column }: Family): boolean =>
  KINDS.includes(column.type.kind) &&
  column.mask === undefined &&
  column.absent === undefined &&
  column.tolerance === undefined;

interface KeyedSide {
  readonly name: string;
  readonly form: Form;
  readonly source: Side;
  readonly target: Side;
  /** Indices of the meanings that it holds. */
  readonly meanings: ReadonlySet<number>;
}

function holdsKeys({ engine, native }: Form): boolean {
  if (engine === 'dynamodb') return /^[SNB]$/.test(native);
  // MySQL keeps no index over the whole of these.
  return engine !== 'mysql' || !/^long/.test(native);
}

/** The first writing on the source's side, the last on the target's; another text beside each. */
export async function keyedSides(grounds: Grounds, family: Family): Promise<readonly KeyedSide[]> {
  const sides: KeyedSide[] = [];
  for (const [name, form] of Object.entries(family.forms)) {
    if (!grounds.has(form) || !holdsKeys(form)) continue;
    const rows = (side: 'source' | 'target'): HeldRow[] =>
      Object.values(family.meanings).flatMap((writings, id) => {
        const values = (side === 'source' ? writings : writings.toReversed())
          .map((writing) => held(name, form, writing))
          .filter((value) => value !== undefined && 'value' in value && isKeyValue(form, value.value));
        const [value] = values;
        return value === undefined ? [] : [{ id, held: value, other: `at the ${side}` }];
      });
    const [source, target] = [rows('source'), rows('target')];
    sides.push({
      name,
      form,
      source: await grounds.table(form, source, 'v'),
      target: await grounds.table(form, target, 'v'),
      meanings: new Set(source.map(({ id }) => id)),
    });
  }
  return sides;
}

/** DynamoDB takes no empty key. */
function isKeyValue({ engine }: Form, value: unknown): boolean {
  if (engine !== 'dynamodb' || typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((one) => !(typeof one === 'string' || one instanceof Uint8Array) || one.length > 0);
}

export async function sweepKeys(family: Family, left: KeyedSide, right: KeyedSide): Promise<Verdict> {
  const sides = { source: left.source, target: right.target };
  const open: OpenEndpoint = (side, _endpoint, options) => sides[side].open(options);
  const contract = contractOf({
    dataset: 'keys',
    source: left.source.endpoint,
    target: right.target.endpoint,
    key: ['v'],
    columns: [
      {
        name: 'v',
        ...family.column,
        nullable: false,
        source: { type: left.form.native },
        target: { type: right.form.native },
      },
      {
        name: 'same',
        type: { kind: 'text' },
        source: { type: NATIVE[left.form.engine].same },
        target: { type: NATIVE[right.form.engine].same },
      },
    ],
    settle: { delaySeconds: 0, attempts: 1 },
  });
  const { verdict } = await sweep(
    await requestOf(contract, { partitions: 3, capacity: 200 }),
    portsOf(open, { laneCount: 1 }),
  );
  return verdict;
}

export function keyMistakes(family: Family, left: KeyedSide, right: KeyedSide, verdict: Verdict): string[] {
  const place = `${family.name}: ${left.name} → ${right.name}`;
  const both = [...left.meanings].filter((id) => right.meanings.has(id)).length;
  const expected = { missing: left.meanings.size - both, extra: right.meanings.size - both, changed: both };
  const { list, ...counts } = verdict.divergences;
  if (verdict.verdict !== 'DIVERGED' || JSON.stringify(counts) !== JSON.stringify(expected)) {
    const reasons = verdict.reasons.map(({ code, side, errors }) => `${code} ${side} ${JSON.stringify(errors)}`);
    const keys = list.map(({ kind, key }) => `${kind} ${key[0]?.value}`);
    return [
      `${place}: ${verdict.verdict} ${JSON.stringify(counts)}, not ${JSON.stringify(expected)} ${reasons.join('; ')}: ${keys.join(', ')}`,
    ];
  }
  const wrong = list.filter(({ kind, columns }) => kind === 'changed' && columns?.join() !== 'same');
  return wrong.map(({ columns }) => `${place}: changed in ${columns?.join()}`);
}
