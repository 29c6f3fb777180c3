/** What the command tells a person about gates and breakers. */
import type { Trip } from '../../shared/verdict/breaker.ts';
import type { Closing, OpenTrip } from '../../shared/verdict/gate.ts';
import { CLOSED_BECAUSE, type GateAnswer } from '../../shared/verdict/is-open.ts';
import { printable } from './printable.ts';

const WHAT: Readonly<Record<Trip['cause'], (seen: string, allowed: string) => string>> = {
  drift: (seen, allowed) => `drift: ${seen} where ${allowed} is allowed`,
  errors: (seen, allowed) => `errors: ${seen} failed attempts, ${allowed} allowed`,
  skew: (seen, allowed) => `skew: a partition holds ${seen} times the planned rows, ${allowed} allowed`,
  rate: (seen, allowed) => `rate: rows come at ${seen} of the rate at the beginning, ${allowed} at least`,
  schema: () => 'schema: a side no longer has the columns that the contract says',
};

/** Rows, attempts, shares and ratios alike: as many digits as tell them apart. */
const figure = (value: number | undefined): string =>
  value === undefined ? 'unknown' : Number.isInteger(value) ? value.toLocaleString('en-US') : value.toPrecision(3);

export const tripText = ({ cause, seen, allowed }: Trip): string => WHAT[cause](figure(seen), figure(allowed));

export const tripLine = (trip: OpenTrip): string => `  ${trip.since}  ${tripText(trip)}; sweep ${trip.sweep}`;

export const closingLines = ({ sweep, closedAt, by, reason }: Closing): string[] => [
  `  ${closedAt}  closed by ${printable(by)}, after sweep ${sweep}: ${printable(reason)}`,
];

/** `closings`: of trips that a person has settled since; `trips` holds them until the next sweep begins. */
export function gateLines(dataset: string, answer: GateAnswer, closings: readonly Closing[] = []): string[] {
  const { verdict, ageMs } = answer;
  const last =
    verdict === undefined
      ? []
      : [
          `  verdict  ${verdict.verdict} of sweep ${verdict.sweep}, ${age(ageMs ?? 0)} ago, under version ${verdict.contract.version}`,
          ...(verdict.freshUntil === undefined ? [] : [`  fresh    until ${verdict.freshUntil}`]),
        ];
  if (answer.open) return [`${dataset}: gate open`, ...last];
  const standing = answer.trips.filter(({ sweep }) => !closings.some((closing) => closing.sweep === sweep));
  const closedAt = closings
    .map((closing) => closing.closedAt)
    .sort()
    .at(-1);
  const why =
    answer.because === 'tripped' && standing.length === 0 && closedAt !== undefined
      ? `The breaker was closed at ${closedAt}; sweep again, only EQUAL opens the gate.`
      : CLOSED_BECAUSE[answer.because];
  return [`${dataset}: gate closed (${answer.because})`, `  ${why}`, ...last, ...standing.map(tripLine)];
}

function age(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
