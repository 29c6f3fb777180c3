/** What the command tells a person about a verdict. */
import type { SideName } from '../../shared/equivalence/relation.ts';
import type { Trip } from '../../shared/verdict/breaker.ts';
import { extentOf, isListedWhole, unreadText, wasPlanned } from '../../shared/verdict/said.ts';
import type { Divergence, Verdict } from '../../shared/verdict/schema.ts';
import { tripText } from './print-gate.ts';
import { printable } from './printable.ts';

/** More than these stand in the JSON and on the page. */
const LISTED = 20;
const count = (value: number): string => value.toLocaleString('en-US');

export function verdictLines(verdict: Verdict): string[] {
  const { divergences, drift, coverage, contract } = verdict;
  const { list } = divergences;
  const unread = unreadText(verdict);
  return [
    `${verdict.verdict}: ${contract.dataset} version ${contract.version}, sweep ${verdict.sweep}`,
    ...verdict.reasons.flatMap(({ code, side, message, errors }) => [
      `  ${code}${side === undefined ? '' : ` (${side})`}: ${message}`,
      ...(errors ?? []).map(({ pointer, rule }) => `    ${pointer}: ${rule}`),
    ]),
    `  rows        ${rowsText(verdict)}`,
    `  coverage    ${coverage.source.covered} of ${coverage.source.partitions} and ${coverage.target.covered} of ${coverage.target.partitions} partitions; ${coverage.columns.compared.length} columns ${drift === null ? 'to be compared' : 'compared'}, ${coverage.columns.notCompared.length} not`,
    ...(drift === null ? [] : [`  drift       ${driftText(verdict, drift)}`]),
    `  divergences ${divergencesText(verdict)}`,
    ...(unread === undefined ? [] : [`              ${unread}`]),
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

/** What was not read is not 0. */
export function rowsText(verdict: Verdict): string {
  const at = (side: SideName): string => {
    const { partitions, covered, rows } = verdict.coverage[side];
    if (!wasPlanned(verdict, side)) return `not read at the ${side}`;
    return `${count(rows)}${covered < partitions ? ' so far' : ''} at the ${side}`;
  };
  return `${at('source')}, ${at('target')}`;
}

export function divergencesText(verdict: Verdict): string {
  const { missing, extra, changed } = verdict.divergences;
  const extent = extentOf(verdict);
  if (extent === 'unknown') return 'unknown';
  const found = `${count(missing)} missing, ${count(extra)} extra, ${count(changed)} changed`;
  return extent === 'exact' ? found : `at least ${found} (the listing is partial)`;
}

/** Where every row is listed as it was read again, the list says how many differ; an estimate beside it would only contradict. */
function driftText(verdict: Verdict, { items, standardError, rows, share }: NonNullable<Verdict['drift']>): string {
  if (items === 0) return 'none: no row of either side is without its equal on the other';
  const error =
    standardError === null ? ', the order of magnitude alone' : standardError === 0 ? '' : ` ± ${count(standardError)}`;
  const least = isListedWhole(verdict)
    ? ''
    : `; at least ${count(rows)} rows differ (${(100 * share).toPrecision(3)} % of the larger side)`;
  return `${count(items)}${error} rows had no equal on the other side when both were first read (a row that changed is one on either side)${least}`;
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
