/** What the command tells a person about a verdict. */
import type { Trip } from '../../shared/verdict/breaker.ts';
import type { Divergence, Verdict } from '../../shared/verdict/schema.ts';
import { tripText } from './print-gate.ts';
import { printable } from './printable.ts';

/** More than these stand in the JSON and on the page. */
const LISTED = 20;
const count = (value: number): string => value.toLocaleString('en-US');

export function verdictLines(verdict: Verdict): string[] {
  const { divergences, counts, drift, coverage, contract } = verdict;
  const { list } = divergences;
  return [
    `${verdict.verdict}: ${contract.dataset} version ${contract.version}, sweep ${verdict.sweep}`,
    ...verdict.reasons.flatMap(({ code, side, message, errors }) => [
      `  ${code}${side === undefined ? '' : ` (${side})`}: ${message}`,
      ...(errors ?? []).map(({ pointer, rule }) => `    ${pointer}: ${rule}`),
    ]),
    `  rows        ${count(counts.source)} at the source, ${count(counts.target)} at the target`,
    `  coverage    ${coverage.source.covered} of ${coverage.source.partitions} and ${coverage.target.covered} of ${coverage.target.partitions} partitions; ${coverage.columns.compared.length} columns compared, ${coverage.columns.notCompared.length} not`,
    ...(drift === null ? [] : [`  drift       ${driftText(drift)}`]),
    `  divergences ${count(divergences.missing)} missing, ${count(divergences.extra)} extra, ${count(divergences.changed)} changed${verdict.listing === 'partial' ? ' (the listing is partial)' : ''}`,
    ...list.slice(0, LISTED).map((divergence) => `    ${divergenceText(divergence)}`),
    ...(list.length > LISTED ? [`    and ${count(list.length - LISTED)} more`] : []),
    ...verdict.lossy.map(
      ({ side, column, rule, values }) =>
        `  rule        ${rule} changed ${count(values)} values of ${column} (${side})`,
    ),
    ...verdict.tolerated.map(({ column, rows }) => `  tolerance   ${count(rows)} rows differ in ${column}, within it`),
    ...(verdict.breaker === null ? [] : breakerLines(verdict, verdict.breaker)),
  ];
}

/** How much had been seen when it stopped stands above, under rows and coverage. */
function breakerLines({ contract, drift }: Verdict, trip: Trip): string[] {
  return [
    `  breaker     tripped on ${tripText(trip)}`,
    ...(trip.read === undefined
      ? []
      : [
          `              by then ${count(trip.read.source)} rows of the source and ${count(trip.read.target)} of the target had been read`,
        ]),
    ...(drift === null
      ? ['              drift is not estimated: what was read of one side is not what was read of the other']
      : []),
    `              ${contract.dataset} is not swept again, and its gate stays closed, until: parapet breaker close ${contract.dataset} --reason TEXT`,
  ];
}

function driftText({ items, standardError, rows, share }: NonNullable<Verdict['drift']>): string {
  const error =
    standardError === null ? ', the order of magnitude alone' : standardError === 0 ? '' : ` ± ${count(standardError)}`;
  return `${count(items)}${error} rows on one side only; at least ${count(rows)} rows differ (${(100 * share).toPrecision(3)} %)`;
}

function divergenceText({ kind, times, key, id, columns }: Divergence): string {
  const named =
    id === undefined
      ? key
          .map(
            ({ column, value, token }) =>
              `${column}=${value === undefined ? `token:${token ?? ''}` : printable(value)}`,
          )
          .join(' ')
      : `id:${id}`;
  const differing = columns === undefined ? '' : `: ${columns.join(', ')}`;
  return `${kind.padEnd(7)} ${named}${times === 1 ? '' : ` ×${times}`}${differing}`;
}
