import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SANDBOX_LIMITS, Sandbox } from '../../functions/submission/processing/sandbox.ts';
import type { ContractRecord } from '../../shared/contract/schema.ts';
import { sha256Hex } from '../../shared/digest.ts';
import { isNamedPack, type Verdict, Verdicts } from '../../shared/rule-pack.ts';
import { compiled, contract, goodRecord, ROOT } from '../shared/contract/reference.ts';

const { rulePack, rules } = contract.submission;
const codeOf = (pack: string): string => readFileSync(join(ROOT, 'rules', `${pack}.v1.js`), 'utf8');
const primary = codeOf('grant-rules');
const fallback = codeOf('grant-rules-fallback');

/** The pack's verdicts, from the machine that it runs in. */
async function judge(code: string, records: readonly object[], configuration: unknown = rules): Promise<Verdict[]> {
  using sandbox = await Sandbox.open(code, SANDBOX_LIMITS, () => 0);
  const batch = records.map((fields, index) => ({ record: index + 1, fields }));
  return Verdicts.parse(JSON.parse(sandbox.judge(JSON.stringify(batch), JSON.stringify(configuration))));
}

/** `<code> <pointer>` of each error of a record. */
async function errorsOf(code: string, over: Readonly<Record<string, unknown>>): Promise<string[]> {
  const [verdict] = await judge(code, [goodRecord(over)]);
  return verdict !== undefined && 'errors' in verdict
    ? verdict.errors.map((error) => `${error.code} ${error.pointer}`)
    : [];
}

const PURPOSE = 'rule-fund-restriction /purpose';
const NUMBER = 'rule-state-registration /registration_number';

describe('the reference rule pack', () => {
  it('[B21] passes a good record and maps it to form 990', async () => {
    const [verdict] = await judge(primary, [goodRecord()]);
    expect(verdict).toEqual({
      derived: {
        form990_tax_year: 2024,
        form990_expense_line: 'IX-1',
        form990_net_assets_line: 'X-28',
        form990_schedule_i: true,
      },
    });
    expect(verdict !== undefined && 'derived' in verdict ? compiled.validateDerived(verdict.derived).errors : 0).toBe(
      undefined,
    );
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['a purpose that a restriction of purpose needs', { purpose: undefined }, [PURPOSE]],
    ['no restriction without one', { fund_restriction: 'without-donor-restrictions' }, []],
    [
      'no restriction, and one in words',
      { fund_restriction: 'without-donor-restrictions', purpose: 'Restricted to roofs' },
      [PURPOSE],
    ],
    ['an endowment', { fund_restriction: 'perpetual-in-nature', purpose: 'An Endowment for chairs' }, []],
    ['a perpetual restriction that names none', { fund_restriction: 'perpetual-in-nature' }, [PURPOSE]],
    ['a time that lies ahead', { fund_restriction: 'time-restricted' }, []],
    [
      'a time that has passed',
      { fund_restriction: 'time-restricted', award_approved_at: '2024-07-02T00:00:00Z' },
      ['rule-fund-restriction /period_start'],
    ],
    ['a time without an approval', { fund_restriction: 'time-restricted', award_approved_at: undefined }, []],
    ['the first and last day', { period_start: '2024-07-01', period_end: '2025-06-30' }, []],
    ['one day', { period_start: '2024-07-01', period_end: '2024-07-01' }, []],
    ['a day too early', { period_start: '2024-06-30' }, ['rule-fiscal-year /period_start']],
    ['a day too late', { period_end: '2025-07-01' }, ['rule-fiscal-year /period_end']],
    ['a period backwards', { period_start: '2025-06-01', period_end: '2025-05-31' }, ['rule-fiscal-year /period_end']],
    ['at the threshold, no number', { amount: '25000.00', registration_number: undefined }, []],
    ['a cent above, no number', { amount: '25000.01', registration_number: undefined }, [NUMBER]],
    ['a cent above, a number', { amount: '25000.01' }, []],
    [
      'a lower threshold of a state',
      { amount: '15000.01', registration_state: 'IL', registration_number: undefined },
      [NUMBER],
    ],
    ['an exempt state', { amount: '9999999999.99', registration_state: 'TX', registration_number: undefined }, []],
    [
      'a state without a threshold',
      { amount: '25000.01', registration_state: 'HI', registration_number: undefined },
      [NUMBER],
    ],
    [
      'no state, above',
      { amount: '25000.01', registration_state: undefined, registration_number: undefined },
      ['rule-state-registration /registration_state'],
    ],
    ['no state, below', { amount: '25000.00', registration_state: undefined, registration_number: undefined }, []],
    ['another currency', { currency: 'EUR' }, ['rule-form-990 /currency']],
    [
      'everything at once',
      { currency: 'CAD', purpose: undefined, period_end: '2026-01-01' },
      [PURPOSE, 'rule-fiscal-year /period_end', 'rule-form-990 /currency'],
    ],
  ])('[B21] %s', async (_, over, expected) => {
    expect(await errorsOf(primary, over)).toEqual(expected);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'net assets without restrictions',
      { fund_restriction: 'without-donor-restrictions' },
      { form990_net_assets_line: 'X-27' },
    ],
    ['at the threshold of schedule I', { amount: '5000.00' }, { form990_schedule_i: false }],
    ['above the threshold of schedule I', { amount: '5000.01' }, { form990_schedule_i: true }],
  ])('[B21] derives %s', async (_, over, expected) => {
    const [verdict] = await judge(primary, [goodRecord(over)]);
    expect(verdict).toMatchObject({ derived: expected });
  });

  it('[B21] a fiscal year that is the calendar year', async () => {
    const calendar = { ...rules, fiscalYearStartMonth: 1 };
    const record = goodRecord({ period_start: '2025-01-01', period_end: '2025-12-31' });
    const [verdict] = await judge(primary, [record], calendar);
    expect(verdict).toMatchObject({ derived: { form990_tax_year: 2025 } });
    expect(await judge(fallback, [record], calendar)).toEqual([{}]);
  });
});

describe('the fallback', () => {
  it('[B12] is what the contract pins, to the bit', () => {
    expect(sha256Hex(fallback)).toBe(rulePack.fallback.sha256);
  });

  it('[B12] derives nothing, and refuses on the same ground as the pack', async () => {
    expect(await judge(fallback, [goodRecord()])).toEqual([{}]);
    for (const over of [
      { purpose: undefined },
      { period_start: '2024-06-30' },
      { period_end: '2025-07-01' },
      { period_start: '2025-06-01', period_end: '2025-05-31' },
      { amount: '25000.01', registration_number: undefined },
      { amount: '15000.01', registration_state: 'IL', registration_number: undefined },
      { currency: 'EUR' },
    ]) {
      const codes = (errors: readonly string[]): string[] => errors.map((error) => error.split(' ')[0] ?? '');
      expect(codes(await errorsOf(fallback, over))).toEqual(codes(await errorsOf(primary, over)));
    }
  });

  it('[B12] judges, and more strictly, when the configuration is what breaks the pack', async () => {
    await expect(judge(primary, [goodRecord()], {})).rejects.toThrow();
    const record: ContractRecord | Record<string, unknown> = goodRecord({ period_start: '2025-01-01' });
    expect(await judge(fallback, [record], {})).toEqual([{}]);
    const [verdict] = await judge(fallback, [{ ...record, registration_number: undefined }], {});
    expect(verdict).toHaveProperty('errors');
  });
});

describe('both packs', () => {
  it.each([
    ['grant-rules', primary],
    ['grant-rules-fallback', fallback],
  ])('[B21] %s names itself in its first line, reads no clock and no chance', (pack, code) => {
    expect(isNamedPack(code, pack, 1)).toBe(true);
    expect(code).not.toMatch(/\bDate[.(]|Math\.random|\bimport\b|\beval\b|\bfetch\b/);
  });

  it('[B11] judge a batch in order, alike each time', async () => {
    const batch = Array.from({ length: 500 }, (_, index) => goodRecord(index % 7 === 0 ? { currency: 'EUR' } : {}));
    const verdicts = await judge(primary, batch);
    expect(verdicts.map((verdict) => 'errors' in verdict)).toEqual(batch.map((_, index) => index % 7 === 0));
    expect(await judge(primary, batch)).toEqual(verdicts);
  });
});
