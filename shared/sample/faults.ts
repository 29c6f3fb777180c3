/** Ways in which a record of a sample is wrong, each with the boundary that must find it and what it must say. */
import type { ProblemCode } from '../problem.ts';
import { dateOf, type GrantSource, periodIn } from './grant.ts';
import type { SeededRandom } from './random.ts';
import { SAMPLE_FORMATS, type SampleFormat } from './write.ts';

export interface SampleFault {
  readonly kind: string;
  readonly boundary: 'ingestion' | 'reconciliation' | 'processing';
  /** The first problem of the record. */
  readonly code: ProblemCode;
  readonly pointer: string;
  /** Formats that can carry it: a CSV cell has no type, and XML no control character. */
  readonly formats: readonly SampleFormat[];
  readonly apply: (
    record: Readonly<Record<string, unknown>>,
    source: GrantSource,
    random: SeededRandom,
  ) => Readonly<Record<string, unknown>>;
}

type Apply = SampleFault['apply'];

const set =
  (over: Readonly<Record<string, unknown>>): Apply =>
  (record) => ({ ...record, ...over });

const without =
  (...names: readonly string[]): Apply =>
  (record) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

const INGESTION: readonly Omit<SampleFault, 'boundary'>[] = [
  { kind: 'missing-field', code: 'field-missing', pointer: '/ein', formats: SAMPLE_FORMATS, apply: without('ein') },
  {
    kind: 'unassigned-ein',
    code: 'field-format',
    pointer: '/ein',
    formats: SAMPLE_FORMATS,
    apply: set({ ein: '00-1234567' }),
  },
  {
    kind: 'no-address',
    code: 'field-format',
    pointer: '/contact_email',
    formats: SAMPLE_FORMATS,
    apply: set({ contact_email: 'nobody at example.org' }),
  },
  {
    kind: 'no-such-day',
    code: 'field-format',
    pointer: '/period_end',
    formats: SAMPLE_FORMATS,
    apply: set({ period_end: '2025-02-30' }),
  },
  {
    kind: 'thousands-separator',
    code: 'field-format',
    pointer: '/amount',
    formats: SAMPLE_FORMATS,
    apply: set({ amount: '12,500.00' }),
  },
  {
    kind: 'no-such-currency',
    code: 'field-choice',
    pointer: '/currency',
    formats: SAMPLE_FORMATS,
    apply: set({ currency: 'XYZ' }),
  },
  {
    kind: 'long-name',
    code: 'field-length',
    pointer: '/contact_name',
    formats: SAMPLE_FORMATS,
    apply: set({ contact_name: 'Z'.repeat(121) }),
  },
  {
    kind: 'control-character',
    code: 'field-characters',
    pointer: '/contact_name',
    formats: ['csv', 'json', 'ndjson'],
    apply: set({ contact_name: 'Ada\u0007' }),
  },
  {
    kind: 'unknown-field',
    code: 'field-unknown',
    pointer: '/nickname',
    formats: ['xml', 'json', 'ndjson'],
    apply: set({ nickname: 'none' }),
  },
  {
    kind: 'wrong-type',
    code: 'field-type',
    pointer: '/fiscal_year',
    formats: ['json', 'ndjson'],
    apply: set({ fiscal_year: '2025' }),
  },
];

const RECONCILIATION: readonly Omit<SampleFault, 'boundary' | 'formats'>[] = [
  { kind: 'unknown-grant', code: 'grant-unknown', pointer: '/grant_id', apply: set({ grant_id: 'GRA-9999999' }) },
  {
    kind: 'unknown-grantor',
    code: 'grantor-unknown',
    pointer: '/grantor_id',
    apply: set({ grantor_id: 'GTR-9999999' }),
  },
  { kind: 'other-grantor', code: 'grantor-mismatch', pointer: '/grantor_id', apply: otherGrantor },
  { kind: 'other-ein', code: 'ein-mismatch', pointer: '/ein', apply: set({ ein: '94-9999999' }) },
  { kind: 'outside-the-grant', code: 'fiscal-year-out-of-bounds', pointer: '/fiscal_year', apply: outsideTheGrant },
];

const PROCESSING: readonly Omit<SampleFault, 'boundary' | 'formats'>[] = [
  {
    kind: 'restriction-without-purpose',
    code: 'rule-fund-restriction',
    pointer: '/purpose',
    apply: (...given) =>
      without('purpose')(set({ fund_restriction: 'purpose-restricted' })(...given), given[1], given[2]),
  },
  {
    kind: 'outside-the-fiscal-year',
    code: 'rule-fiscal-year',
    pointer: '/period_end',
    apply: (record) => ({ ...record, period_end: `${Number(record.fiscal_year) + 2}-01-01` }),
  },
  {
    kind: 'unregistered',
    code: 'rule-state-registration',
    pointer: '/registration_number',
    apply: (...given) =>
      without('registration_number')(
        set({ registration_state: 'NY', amount: '1000000.00' })(...given),
        given[1],
        given[2],
      ),
  },
  { kind: 'foreign-currency', code: 'rule-form-990', pointer: '/currency', apply: set({ currency: 'EUR' }) },
];

export const SAMPLE_FAULTS: readonly SampleFault[] = [
  ...INGESTION.map((fault) => ({ ...fault, boundary: 'ingestion' as const })),
  ...RECONCILIATION.map((fault) => ({ ...fault, boundary: 'reconciliation' as const, formats: SAMPLE_FORMATS })),
  ...PROCESSING.map((fault) => ({ ...fault, boundary: 'processing' as const, formats: SAMPLE_FORMATS })),
];

function otherGrantor(...[record, { ledger }, random]: Parameters<Apply>): ReturnType<Apply> {
  const others = ledger.grantors.filter(({ id }) => id !== record.grantor_id);
  return { ...record, grantor_id: random.pick(others).id };
}

/** A year after the grant's last, with dates that lie in it: nothing else is wrong. */
function outsideTheGrant(...[record, source, random]: Parameters<Apply>): ReturnType<Apply> {
  const last = source.ledger.grants.find(({ id }) => id === record.grant_id)?.lastFiscalYear ?? 0;
  const { start, end } = periodIn(last + 1, source, random);
  return { ...record, fiscal_year: last + 1, period_start: dateOf(start), period_end: dateOf(end) };
}
