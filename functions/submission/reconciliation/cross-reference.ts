import type { Contract } from '../../../shared/contract/schema.ts';
import type { FieldProblem, ProblemCode } from '../../../shared/problem.ts';
import type { WorkingRecord } from '../protocol/working-record.ts';
import { type ReferenceData, textOf } from './reference-data.ts';

/**
 * Holds one record against the ledger (requirement B10). The same record and the same ledger give the same problems, in this
 * order: the grantor, the grant, and what the ledger says of the grant.
 */
export function crossReference(
  { fields }: WorkingRecord,
  contract: Contract,
  reference: ReferenceData,
): FieldProblem[] {
  const { tenant, submission } = contract;
  const grantor = textOf(fields, tenant);
  const problems: FieldProblem[] = [];
  const report = (code: ProblemCode, field: string, rule: string): void => {
    problems.push({ code, pointer: `/${field}`, rule });
  };
  if (grantor === undefined || reference.grantors.get(grantor) === undefined) {
    report('grantor-unknown', tenant, 'ledger.grantor');
  }
  const { ledger } = submission;
  if (ledger === undefined) return problems;

  const grant = reference.grants.get(textOf(fields, ledger.grant) ?? '');
  if (grant === undefined) {
    report('grant-unknown', ledger.grant, 'ledger.grant');
    return problems;
  }
  if (grant.grantor !== grantor) report('grantor-mismatch', tenant, 'ledger.grant.grantor');
  if (grant.ein !== textOf(fields, ledger.ein)) report('ein-mismatch', ledger.ein, 'ledger.grant.ein');
  const year = fields[ledger.fiscalYear];
  if (typeof year !== 'number' || year < grant.firstFiscalYear || year > grant.lastFiscalYear) {
    report('fiscal-year-out-of-bounds', ledger.fiscalYear, 'ledger.grant.fiscalYears');
  }
  return problems;
}
