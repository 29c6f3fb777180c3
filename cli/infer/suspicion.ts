/**
 * Names under which personal data is usually kept. A name proves nothing: what is not suspicious is still asked about, and nothing is ever
 * taken for public by itself.
 */
const SUSPICIOUS: readonly RegExp[] = [
  /e_?mail|phone|mobile|fax|^tel(_|$)/,
  /(first|last|full|middle|maiden|given|family|sur|user|nick|contact|customer|client|patient|person)_?name|^name$/,
  /street|address|addr(_|$)|post_?code|postal|(^|_)zip(_|$)|(^|_)city(_|$)|lat(itude)?$|(lon|lng|longitude)$|geo/,
  /birth|(^|_)born(_|$)|(^|_)dob(_|$)|(^|_)age(_|$)|gender|(^|_)sex(_|$)|ethnic|(^|_)race(_|$)|religion|nationality/,
  /(^|_)(ssn|ein|tin|sin|nin|nhs|vat)(_|$)|social_?sec|tax_?(id|no|number)|passport|licen[cs]e|national_?id/,
  /iban|(^|_)bic(_|$)|account_?(no|num|holder)|card|(^|_)(pan|cvv|cvc)(_|$)|salary|income|wage/,
  /passw|secret|token|credential|api_?key|(^|_)pin(_|$)/,
  /(^|_)ip(_|$)|ip_?addr|device_?id|(^|_)mac(_|$)|cookie|session/,
  /diagnos|medical|health|blood|disab|prescription/,
  /(^|_)(note|notes|comment|comments|remark|remarks|message|free_?text)(_|$)/,
];

/** `name` as contracts spell names. */
export const isSuspicious = (name: string): boolean => SUSPICIOUS.some((pattern) => pattern.test(name));
