// parapet-rule-pack grant-rules 1
/**
 * Judges grant submissions: fund restriction, fiscal year, state registration, and the lines of form 990. What a pack is, and
 * where it runs, says rules/README.md; every threshold is the contract's configuration (`submission.rules`), not ours.
 */

export function judge(batch, configuration) {
  return batch.map(({ fields }) => verdict(fields, configuration));
}

function verdict(fields, configuration) {
  const errors = [
    ...fundRestriction(fields, configuration.fundRestriction),
    ...fiscalYear(fields, configuration.fiscalYearStartMonth),
    ...stateRegistration(fields, configuration.stateRegistration),
    ...form990(fields, configuration.form990),
  ];
  return errors.length > 0 ? { errors } : { derived: form990Lines(fields, configuration) };
}

/**
 * FASB ASC 958-210-45: a restriction of purpose names its purpose, one of time lies ahead of the award, one that is perpetual
 * names an endowment, and what is free of restrictions names none.
 */
function fundRestriction(fields, { restrictingPhrases, perpetualPhrases }) {
  const purpose = (fields.purpose ?? '').toLowerCase();
  const names = (phrases) => phrases.some((phrase) => purpose.includes(phrase));
  const wrong = (field, rule) => [{ code: 'rule-fund-restriction', pointer: `/${field}`, rule }];
  switch (fields.fund_restriction) {
    case 'purpose-restricted':
      return purpose === '' ? wrong('purpose', 'purpose-restriction-names-its-purpose') : [];
    case 'time-restricted': {
      const approved = (fields.award_approved_at ?? '').slice(0, 10);
      return approved > fields.period_start ? wrong('period_start', 'time-restriction-lies-ahead') : [];
    }
    case 'perpetual-in-nature':
      return names(perpetualPhrases) ? [] : wrong('purpose', 'perpetual-restriction-names-an-endowment');
    default:
      return names([...restrictingPhrases, ...perpetualPhrases])
        ? wrong('purpose', 'no-restriction-names-no-purpose')
        : [];
  }
}

/** A fiscal year is named by the calendar year in which it ends. Dates are RFC 3339 full-dates, so that texts compare as days. */
function fiscalYear(fields, startMonth) {
  const first = firstDay(fields.fiscal_year, startMonth);
  const next = firstDay(fields.fiscal_year + 1, startMonth);
  const errors = [];
  const wrong = (field, rule) => errors.push({ code: 'rule-fiscal-year', pointer: `/${field}`, rule });
  if (fields.period_start < first || fields.period_start >= next) wrong('period_start', 'period-starts-in-fiscal-year');
  if (fields.period_end < first || fields.period_end >= next) wrong('period_end', 'period-ends-in-fiscal-year');
  if (fields.period_end < fields.period_start) wrong('period_end', 'period-in-order');
  return errors;
}

function firstDay(year, startMonth) {
  return `${calendarYear(year, startMonth)}-${String(startMonth).padStart(2, '0')}-01`;
}

/** The calendar year in which a fiscal year begins. */
function calendarYear(year, startMonth) {
  return startMonth === 1 ? year : year - 1;
}

/** Above a state's threshold the recipient must be registered there; a state that asks for no registration is exempt. */
function stateRegistration(fields, { defaultThreshold, thresholds, exempt }) {
  const state = fields.registration_state;
  if (exempt.includes(state) || fields.registration_number !== undefined) return [];
  const threshold = thresholds[state] ?? defaultThreshold;
  if (minorUnits(fields.amount) <= minorUnits(threshold)) return [];
  return state === undefined
    ? [{ code: 'rule-state-registration', pointer: '/registration_state', rule: 'state-above-default-threshold' }]
    : [{ code: 'rule-state-registration', pointer: '/registration_number', rule: 'number-above-state-threshold' }];
}

/** Form 990 is filed in US dollars; another currency needs a rate, and a rate is no fact of the record. */
function form990(fields, { currencies }) {
  if (currencies.includes(fields.currency)) return [];
  return [{ code: 'rule-form-990', pointer: '/currency', rule: 'currency-of-form-990' }];
}

/**
 * Part IX line 1: grants to domestic organisations. Schedule I part II lists recipients of more than a threshold. On the
 * recipient's side, part X keeps net assets without (line 27) and with donor restrictions (line 28) apart.
 */
function form990Lines(fields, { fiscalYearStartMonth, form990: { scheduleIThreshold } }) {
  return {
    form990_tax_year: calendarYear(fields.fiscal_year, fiscalYearStartMonth),
    form990_expense_line: 'IX-1',
    form990_net_assets_line: fields.fund_restriction === 'without-donor-restrictions' ? 'X-27' : 'X-28',
    form990_schedule_i: minorUnits(fields.amount) > minorUnits(scheduleIThreshold),
  };
}

/** Amounts have two digits after the point; as whole minor units they compare exactly. */
function minorUnits(amount) {
  return BigInt(amount.replace('.', ''));
}
