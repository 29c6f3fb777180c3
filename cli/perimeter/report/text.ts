/** The proof for a terminal: counts, then who may do what, then every surprise. */
import type { Party } from '../parties.ts';
import { type Mutation, type Proof, VIEWS } from '../proof.ts';
import type { View } from '../question.ts';
import { isPrincipal, matrixOf, type Row } from './matrix.ts';

const MARKS = { allowed: '●', refused: '·', open: '!', shut: '?' } as const;
const SHOWN = 40;

const VIEW_NAMES: Readonly<Record<View, string>> = {
  deployed: 'everything deployed',
  role: 'a role’s policies alone',
  boundary: 'the boundary alone',
  resource: 'a resource’s policy alone',
  endpoint: 'an endpoint’s policy alone',
};

const number = (value: number): string => value.toLocaleString('en-US');

export function countLines({ counts, world }: Proof): string[] {
  const all = VIEWS.map((view) => counts[view]);
  const sum = (of: (count: (typeof all)[number]) => number): number =>
    all.reduce((total, count) => total + of(count), 0);
  const line = (name: string, cases: number, allowed: number): string =>
    `  ${name.padEnd(28)}${number(cases).padStart(10)} cases ${number(allowed).padStart(8)} allowed`;
  return [
    `${world.parties.all.length} parties, ${world.targets.length} targets, ${number(sum(({ cases }) => cases))} cases`,
    ...VIEWS.map((view) => line(VIEW_NAMES[view], counts[view].cases, counts[view].allowed)),
  ];
}

/**
 * One block per set of targets that are treated alike, one line per set of actions. What no role of ours may is left out, and so is
 * CDK's teardown of a sandbox, which would make a block of everything (`--who "teardown of foundation"` tells).
 */
export function matrixLines(proof: Proof): string[] {
  const columns = proof.world.parties.all
    .map((party, index) => ({ party, index }))
    .filter(({ party }) => isPrincipal(party) && !party.id.startsWith('teardown'));
  const ours = columns.filter(({ party }) => party.kind !== 'insider');
  const rows = matrixOf(proof, 'deployed').filter(
    ({ deviation, cells }) =>
      deviation === undefined && ours.some(({ index }) => cells[index] !== undefined && cells[index] !== 'refused'),
  );
  const marks = (row: Row): string => columns.map(({ index }) => markOf(row, index)).join(' ');
  const blocks = [...grouped(rows, ({ target }) => target)].map(([target, own]) => ({
    target,
    body: [...grouped(own, marks)].map(([cells, same]) => `  ${cells}   ${same.map(({ action }) => action).join(' ')}`),
  }));
  const lines = [...Map.groupBy(blocks, ({ body }) => body.join('\n')).values()].flatMap((alike) => [
    alike.map(({ target }) => target).join(', '),
    ...(alike[0]?.body ?? []),
  ]);
  return [...header(columns.map(({ party }) => party)), ...lines];
}

const markOf = (row: Row, index: number): string => {
  const cell = row.cells[index];
  return cell === undefined ? ' ' : MARKS[cell];
};

function grouped(rows: readonly Row[], by: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  return Map.groupBy(rows, by);
}

/** Names of the columns, one below the other, each over its column. */
function header(parties: readonly Party[]): string[] {
  const bars = (count: number): string => '│ '.repeat(count);
  return [
    ...parties.map(({ id }, index) => `  ${bars(index)}┌ ${id}`),
    `  ${bars(parties.length).trimEnd()}   ${MARKS.allowed} may, ${MARKS.refused} may not, ${MARKS.open} may against the tables, ${MARKS.shut} may not against the tables`,
  ];
}

export function surpriseLines({ surprises, gaps }: Proof): string[] {
  const shown = surprises.slice(0, SHOWN).map(({ what, actual }) => `  ${actual} against the tables: ${what}`);
  const rest = surprises.length > SHOWN ? [`  and ${number(surprises.length - SHOWN)} more; --json has them all`] : [];
  return [
    surprises.length === 0
      ? 'every case is as the tables say'
      : surprises.length === 1
        ? 'one surprise'
        : `${number(surprises.length)} surprises`,
    ...shown,
    ...rest,
    ...gaps.map((gap) => `  ${gap}`),
  ];
}

export function mutationLines({ verdicts, caught, survivors, stale }: Mutation): string[] {
  const share = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
  const bySize = (['whole', 'part'] as const).map((size) => {
    const mine = verdicts.filter(({ mutant }) => mutant.size === size);
    const stopped = mine.filter(({ caughtBy }) => caughtBy !== undefined).length;
    const what = size === 'whole' ? 'statements dropped or widened' : 'entries of lists dropped';
    return `  ${what.padEnd(32)}${number(stopped).padStart(6)} of ${number(mine.length).padStart(6)}   ${share(stopped, mine.length)}`;
  });
  return [
    `mutants caught: ${number(caught)} of ${number(verdicts.length)}, ${share(caught, verdicts.length)}`,
    ...bySize,
    survivors.length === 0 ? 'no survivor' : `${survivors.length} survivors`,
    ...survivors.map(
      ({ verdict, because }) =>
        `  ${verdict.mutant.statement}: ${verdict.mutant.change}\n    ${because ?? `nobody has said why (${verdict.survivor})`}`,
    ),
    ...stale.map((statement) => `  a reason without a survivor: ${statement}`),
  ];
}

/** Everything that one party may do, everything deployed. */
export function partyLines(proof: Proof, party: Party): string[] {
  const index = proof.world.parties.all.indexOf(party);
  const rows = matrixOf(proof, 'deployed').filter(
    ({ deviation, cells }) => deviation === undefined && (cells[index] === 'allowed' || cells[index] === 'open'),
  );
  return [
    `${party.id}: ${party.what}`,
    ...[...grouped(rows, ({ target }) => target)].map(
      ([target, same]) => `  ${target}: ${same.map(({ action }) => action).join(' ')}`,
    ),
  ];
}
