// parapet-rule-pack grant-rules-fallback 1
/**
 * Judges grant submissions when the pack of the contract is too slow or fails (requirement B12). It derives nothing, looks into
 * no text, and takes the stricter reading of whatever the configuration leaves out; the contract pins it by digest.
 */

export function judge(batch, configuration) {
  return batch.map(({ fields }) => {
    const errors = [...fundRestriction(fields), ...fiscalYear(fields, configuration), ...others(fields, configuration)];
    return errors.length > 0 ? { errors } : {};
  });
}

function fundRestriction(fields) {
  if (fields.fund_restriction !== 'purpose-restricted' && fields.fund_restriction !== 'perpetual-in-nature') return [];
  if (fields.purpose !== undefined) return [];
  return [{ code: 'rule-fund-restriction', pointer: '/purpose', rule: 'restriction-names-its-purpose' }];
}

function fiscalYear(fields, configuration) {
  const month = configuration.fiscalYearStartMonth ?? 1;
  const day = (year) => `${month === 1 ? year : year - 1}-${month < 10 ? '0' : ''}${month}-01`;
  const inside = (date) => date >= day(fields.fiscal_year) && date < day(fields.fiscal_year + 1);
  if (inside(fields.period_start) && inside(fields.period_end) && fields.period_start <= fields.period_end) return [];
  return [{ code: 'rule-fiscal-year', pointer: '/fiscal_year', rule: 'period-in-fiscal-year' }];
}

function others(fields, configuration) {
  const errors = [];
  if (!(configuration.form990?.currencies ?? ['USD']).includes(fields.currency)) {
    errors.push({ code: 'rule-form-990', pointer: '/currency', rule: 'currency-of-form-990' });
  }
  const { defaultThreshold = '0.00', thresholds = {}, exempt = [] } = configuration.stateRegistration ?? {};
  const threshold = thresholds[fields.registration_state] ?? defaultThreshold;
  const above = BigInt(fields.amount.replace('.', '')) > BigInt(threshold.replace('.', ''));
  if (above && fields.registration_number === undefined && !exempt.includes(fields.registration_state)) {
    errors.push({ code: 'rule-state-registration', pointer: '/registration_number', rule: 'number-above-threshold' });
  }
  return errors;
}
