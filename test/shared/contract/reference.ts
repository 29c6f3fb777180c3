import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileContract } from '../../../shared/contract/compile.ts';
import { parseContract } from '../../../shared/contract/parse.ts';
import type { ContractRecord } from '../../../shared/contract/schema.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export const contractText = readFileSync(join(ROOT, 'contracts', 'grant-submission.v1.json'), 'utf8');
export const contract = parseContract(contractText);
export const compiled = compileContract(contract);

/** A record that passes every check of the reference contract; `over` replaces fields. */
export function goodRecord(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const record: ContractRecord = {
    submission_ref: 'R-000001',
    grant_id: 'GRA-0001',
    grantor_id: 'GTR-0001',
    applicant_organization: 'River Valley Food Bank',
    ein: '94-1234567',
    contact_name: 'Ada Example',
    contact_email: 'ada@example.org',
    fiscal_year: 2025,
    period_start: '2024-07-01',
    period_end: '2025-06-30',
    amount: '12500.00',
    currency: 'USD',
    fund_restriction: 'purpose-restricted',
    purpose: 'Cold storage',
    registration_state: 'OH',
    registration_number: 'OH-12345',
    award_approved_at: '2024-05-02T14:30:00-04:00',
    multi_year: false,
  };
  return { ...record, ...over };
}

/** The same without some fields. */
export function without(...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(goodRecord()).filter(([name]) => !names.includes(name)));
}
