/** Makes grant submissions that pass every boundary: the reference contract, the ledger, and the reference rule pack. */
import * as z from 'zod/mini';
import type { ReferenceGrant, ReferenceLedger } from '../contract/reference.ts';
import type { Contract } from '../contract/schema.ts';
import { Problem } from '../problem.ts';
import type { SeededRandom } from './random.ts';

/** What of the rules' configuration a record must be made to fit. */
const GrantRules = z.object({
  fiscalYearStartMonth: z.int(),
  stateRegistration: z.object({
    defaultThreshold: z.string(),
    exempt: z.array(z.string()).check(z.minLength(1)),
  }),
});

export interface GrantSource {
  readonly ledger: ReferenceLedger;
  readonly fiscalYearStartMonth: number;
  readonly exemptStates: readonly string[];
  /** Whole units of currency that need no registration, whatever the state or without one. */
  readonly unregisteredUnits: number;
  readonly states: readonly string[];
  /** How many people stand behind the records: each is one data subject. */
  readonly contacts: number;
}

/** Throws configuration-invalid when the contract is not one of grants, as contracts/grant-submission.v1.json is. */
export function grantSource(contract: Contract, ledger: ReferenceLedger, contacts: number): GrantSource {
  const rules = GrantRules.safeParse(contract.submission.rules);
  const state = contract.fields.find(({ name }) => name === 'registration_state')?.type;
  if (!rules.success || state?.kind !== 'choice' || ledger.grants.length === 0) {
    throw new Problem('configuration-invalid', { detail: 'Samples are made of grant submissions only.' });
  }
  const { fiscalYearStartMonth, stateRegistration } = rules.data;
  return {
    ledger,
    fiscalYearStartMonth,
    exemptStates: stateRegistration.exempt,
    unregisteredUnits: Math.floor(Number(stateRegistration.defaultThreshold)),
    states: state.values,
    contacts,
  };
}

const FIRST_NAMES = [
  'Ada',
  'Béatrice',
  'Carlos',
  'Dolores',
  'Emeka',
  'Fatima',
  'Grace',
  'Hiro',
  'Ines',
  'Jürgen',
  'Keiko',
  'Linh',
];
const LAST_NAMES = [
  'Alvarez',
  'Brennan',
  'Chen',
  'D’Souza',
  'Eriksson',
  'Fernández',
  'Goldberg',
  'Hughes',
  'Ibrahim',
  'Jones',
];
const PURPOSES = [
  'General operating support',
  'Cold storage for donated food',
  'After-school reading, grades 2–5',
  'Instruments for the "second chair" programme',
  'Trail repair, bridges, and signs',
  'Two nurses\nand one translator',
  'Archive of oral histories: <recording> & transcription',
];
const DAY_MS = 86_400_000;

export function grantRecord(
  index: number,
  source: GrantSource,
  random: SeededRandom,
): Record<string, string | number | boolean> {
  const grant = random.pick(source.ledger.grants);
  const restriction = random.pick([
    'without-donor-restrictions',
    'purpose-restricted',
    'time-restricted',
    'perpetual-in-nature',
  ]);
  const purpose = restriction === 'perpetual-in-nature' ? `Endowment: ${random.pick(PURPOSES)}` : random.pick(PURPOSES);
  const mayOmit = restriction === 'without-donor-restrictions' || restriction === 'time-restricted';
  return {
    submission_ref: `S-${String(index + 1).padStart(8, '0')}`,
    grant_id: grant.id,
    grantor_id: grant.grantor,
    applicant_organization: grant.organization,
    ein: grant.ein,
    ...contact(random.below(source.contacts)),
    ...fiscalYear(grant, source, random),
    ...money(source, random),
    fund_restriction: restriction,
    ...(mayOmit && random.oneIn(4) ? {} : { purpose }),
    multi_year: random.oneIn(3),
  };
}

/** The person behind a number: always the same name and address. */
export function contact(number: number): { contact_name: string; contact_email: string } {
  const first = FIRST_NAMES[number % FIRST_NAMES.length] ?? '';
  const last = LAST_NAMES[Math.floor(number / FIRST_NAMES.length) % LAST_NAMES.length] ?? '';
  const letters = `${first}.${last}`
    .normalize('NFD')
    .replaceAll(/[^A-Za-z.]/g, '')
    .toLowerCase();
  return { contact_name: `${first} ${last}`, contact_email: `${letters}.${number}@grantees.example.org` };
}

function fiscalYear(grant: ReferenceGrant, source: GrantSource, random: SeededRandom) {
  const year = grant.firstFiscalYear + random.below(grant.lastFiscalYear - grant.firstFiscalYear + 1);
  const { start, end } = periodIn(year, source, random);
  // The board decides before the period begins.
  const approved = new Date(start - (1 + random.below(120)) * DAY_MS + random.below(86_400) * 1000);
  return {
    fiscal_year: year,
    period_start: dateOf(start),
    period_end: dateOf(end),
    ...(random.oneIn(5) ? {} : { award_approved_at: `${approved.toISOString().slice(0, 19)}Z` }),
  };
}

/** A period inside a fiscal year, as times of its first and last day. */
export function periodIn(
  year: number,
  { fiscalYearStartMonth }: Pick<GrantSource, 'fiscalYearStartMonth'>,
  random: SeededRandom,
) {
  const calendarYear = fiscalYearStartMonth === 1 ? year : year - 1;
  const first = Date.UTC(calendarYear, fiscalYearStartMonth - 1, 1);
  const days = (Date.UTC(calendarYear + 1, fiscalYearStartMonth - 1, 1) - first) / DAY_MS;
  const start = random.below(days);
  return { start: first + start * DAY_MS, end: first + (start + random.below(days - start)) * DAY_MS };
}

export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function money({ exemptStates, states, unregisteredUnits }: GrantSource, random: SeededRandom) {
  const amount = (limit: number): string =>
    `${1 + random.below(limit - 1)}.${String(random.below(100)).padStart(2, '0')}`;
  const currency = 'USD';
  switch (random.below(5)) {
    case 0:
      return { amount: amount(2_000_000), currency, registration_state: random.pick(exemptStates) };
    case 1:
      return { amount: amount(unregisteredUnits), currency };
    default: {
      const state = random.pick(states);
      const registration = {
        registration_state: state,
        registration_number: `${state}-${10_000 + random.below(90_000)}`,
      };
      return { amount: amount(2_000_000), currency, ...registration };
    }
  }
}
