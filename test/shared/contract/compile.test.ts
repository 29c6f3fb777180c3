import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileContract } from '../../../shared/contract/compile.ts';
import { contractSchema, derivedSchema } from '../../../shared/contract/strict.ts';
import { compiled, contract, goodRecord, without } from './reference.ts';

const codesOf = (value: unknown): string[] =>
  (compiled.validate(value).errors ?? []).map((error) => `${error.code} ${error.pointer}`);

describe('the validator made from a contract', () => {
  it('[B02] accepts a record of the contract and gives it in contract order', () => {
    const shuffled = Object.fromEntries(Object.entries(goodRecord()).reverse());
    const validation = compiled.validate(shuffled);
    expect(validation.errors).toBeUndefined();
    expect(Object.entries(validation.value ?? {})).toEqual(Object.entries(goodRecord()));
  });

  it.each([
    ['a number in text', { fiscal_year: '2025' }, 'field-type /fiscal_year'],
    ['text as a number', { amount: 12500.0 }, 'field-type /amount'],
    ['a boolean in text', { multi_year: 'false' }, 'field-type /multi_year'],
    ['null', { purpose: null }, 'field-type /purpose'],
    ['an array', { ein: ['94-1234567'] }, 'field-type /ein'],
    ['an object', { currency: { code: 'USD' } }, 'field-type /currency'],
    ['an integer with a fraction', { fiscal_year: 2025.5 }, 'field-format /fiscal_year'],
    ['an integer past its bound', { fiscal_year: 2100 }, 'field-range /fiscal_year'],
    ['a day that no calendar has', { period_end: '2025-02-29' }, 'field-format /period_end'],
    ['a date before its bound', { period_end: '1998-12-31' }, 'field-range /period_end'],
    ['a date with a time', { period_end: '2025-06-30T00:00:00Z' }, 'field-format /period_end'],
    ['an amount of another scale', { amount: '12500.0' }, 'field-format /amount'],
    ['an amount in exponents', { amount: '1e3' }, 'field-format /amount'],
    ['a leading zero', { amount: '01.00' }, 'field-format /amount'],
    ['a negative zero', { amount: '-0.00' }, 'field-format /amount'],
    ['an amount past what a double holds', { amount: '9999999999.991' }, 'field-format /amount'],
    ['an amount one cent too large', { amount: '10000000000.00' }, 'field-range /amount'],
    ['nothing as an amount', { amount: '0.00' }, 'field-range /amount'],
    ['an unassigned EIN prefix', { ein: '07-1234567' }, 'field-format /ein'],
    ['an EIN without its hyphen', { ein: '941234567' }, 'field-format /ein'],
    ['an address without a domain', { contact_email: 'ada@localhost' }, 'field-format /contact_email'],
    ['two at signs', { contact_email: 'ada@x@example.org' }, 'field-format /contact_email'],
    ['a long address', { contact_email: `${'a'.repeat(250)}@example.org` }, 'field-length /contact_email'],
    ['a value outside the list', { currency: 'usd' }, 'field-choice /currency'],
    ['a name of one character', { contact_name: 'A' }, 'field-length /contact_name'],
    ['a long name', { contact_name: 'A'.repeat(121) }, 'field-length /contact_name'],
    ['a NUL', { contact_name: 'Ada\0' }, 'field-characters /contact_name'],
    ['an escape character', { contact_name: 'Ada\u001b[2J' }, 'field-characters /contact_name'],
    ['a C1 control', { contact_name: 'Ada\u0085' }, 'field-characters /contact_name'],
    ['a lone surrogate', { contact_name: 'Ada\ud800' }, 'field-characters /contact_name'],
    ['a line feed in one line', { contact_name: 'Ada\nExample' }, 'field-characters /contact_name'],
    ['a carriage return in lines', { purpose: 'one\r\ntwo' }, 'field-characters /purpose'],
    ['an instant without an offset', { award_approved_at: '2024-05-02T14:30:00' }, 'field-format /award_approved_at'],
    ['an hour 24', { award_approved_at: '2024-05-02T24:00:00Z' }, 'field-format /award_approved_at'],
    ['a second 60 at noon', { award_approved_at: '2016-12-31T12:00:60Z' }, 'field-format /award_approved_at'],
    ['an unknown field', { nickname: 'x' }, 'field-unknown /nickname'],
    ['a prototype key', JSON.parse('{"__proto__": {"admin": true}}'), 'field-unknown /__proto__'],
    ['a constructor', { constructor: 'x' }, 'field-unknown /constructor'],
    ['an unknown name that could be a value', { 'ada@example.org': 'x' }, 'field-unknown /#1'],
  ])('[B02] refuses %s', (_, over, problem) => {
    // Object.assign would set the prototype where the member's name is __proto__.
    const record = goodRecord();
    for (const [name, value] of Object.entries(over)) {
      Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
    }
    expect(codesOf(record)).toEqual([problem]);
  });

  it.each([
    ['2016-12-31T23:59:60Z'],
    ['2016-12-31T18:59:60-05:00'],
    ['2017-01-01T05:29:60.5+05:30'],
    ['2024-02-29T00:00:00.123456789-00:00'],
  ])('[B02] accepts the instant %s', (instant) => {
    expect(codesOf(goodRecord({ award_approved_at: instant }))).toEqual([]);
  });

  it('[B02] counts length in code points, not in units', () => {
    expect(codesOf(goodRecord({ contact_name: '𝒜'.repeat(120) }))).toEqual([]);
    expect(codesOf(goodRecord({ contact_name: '𝒜'.repeat(121) }))).toEqual(['field-length /contact_name']);
    expect(codesOf(goodRecord({ contact_name: '𝒜' }))).toEqual(['field-length /contact_name']);
  });

  it('[B02] names every problem, in contract order, then unknown fields sorted by bytes', () => {
    const record = { zulu: 1, ...without('ein'), amount: 'x', grant_id: 1, Alpha: 1, '\u{10000}': 1, '\uffff': 1 };
    expect(codesOf(record)).toEqual([
      'field-type /grant_id',
      'field-missing /ein',
      'field-format /amount',
      'field-unknown /Alpha',
      'field-unknown /zulu',
      'field-unknown /#3',
      'field-unknown /#4',
    ]);
  });

  it('[B02] bounds what thousands of unknown fields can say', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 1]));
    const errors = compiled.validate({ ...goodRecord(), ...many }).errors ?? [];
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toEqual({ code: 'field-unknown', pointer: '', rule: '5000 fields of this kind' });
  });

  it.each([[null], [[]], ['text'], [7], [undefined]])('[B02] refuses %j as a record', (value) => {
    expect(codesOf(value)).toEqual(['record-malformed ']);
  });

  it('[B02] an inherited member is no value', () => {
    expect(codesOf(Object.create(goodRecord()))).not.toEqual([]);
  });

  it('[B03] no problem ever holds a value, whatever the record', () => {
    const canary = 'CANARY 7f3a';
    fc.assert(
      fc.property(
        fc.subarray(
          contract.fields.map((field) => field.name),
          { minLength: 1 },
        ),
        (names) => {
          const record = goodRecord(Object.fromEntries(names.map((name) => [name, `\u0000${canary}`])));
          const errors = compiled.validate({ ...record, [`${canary}!`]: canary }).errors ?? [];
          expect(errors.length).toBe(names.length + 1);
          expect(JSON.stringify(errors)).not.toContain('CANARY');
        },
      ),
    );
  });

  it('[B02] judges texts of a table as it judges JSON', () => {
    const texts = compiled.fields.map(({ name }) => String(goodRecord()[name]));
    expect(compiled.validateTexts(texts)).toEqual({ value: goodRecord() });
    const at = (name: string, text: string | undefined): (string | undefined)[] =>
      texts.with(compiled.positions.get(name) ?? -1, text as string);
    const refused = (name: string, text: string | undefined): string[] =>
      (compiled.validateTexts(at(name, text)).errors ?? []).map((error) => `${error.code} ${error.pointer}`);
    expect(compiled.validateTexts(at('purpose', '')).value).toEqual(without('purpose'));
    expect(refused('ein', '')).toEqual(['field-missing /ein']);
    expect(refused('ein', undefined)).toEqual(['field-missing /ein']);
    for (const text of [' 2025', '2025 ', '+2025', '02025', '2025.0', '2e3', '0x7e9', '٢٠٢٥']) {
      expect(refused('fiscal_year', text)).toEqual(['field-format /fiscal_year']);
    }
    expect(refused('fiscal_year', '99999999999999999999')).toEqual(['field-range /fiscal_year']);
    for (const text of ['TRUE', 'yes', '1', 'False'])
      expect(refused('multi_year', text)).toEqual(['field-format /multi_year']);
  });

  it('[B21] judges derived fields by their declaration', () => {
    expect(compiled.validateDerived({ form990_tax_year: 2024 }).value).toEqual({ form990_tax_year: 2024 });
    expect(compiled.validateDerived({ form990_tax_year: '2024' }).errors?.[0]?.code).toBe('field-type');
    expect(compiled.validateDerived({ secret: 1 }).errors?.[0]?.code).toBe('field-unknown');
    expect(derivedSchema(contract).safeParse({ secret: 1 }).success).toBe(false);
  });
});

describe('the strict zod schema made from the same contract', () => {
  const schema = contractSchema(contract);
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '2025',
      '12500.00',
      '0.01',
      '0.00',
      '-1.00',
      '-0.00',
      '9999999999.99',
      '10000000000.00',
      '1.000',
      '2024-02-29',
      '2023-02-29',
      '2100-01-01',
      '0000-01-01',
      '2016-12-31T23:59:60Z',
      '1971-12-31T23:59:60Z',
      '1973-01-01T00:59:60+01:00',
      '0072-06-30T23:59:60Z',
      '9999-12-31T23:59:60-01:00',
      '2016-12-31T23:59:60+00:01',
      'a@b.co',
      '.a@b.co',
      'a..b@b.co',
      'a@-b.co',
      'a@b-.co',
      'a@b.1co',
      `${'a'.repeat(64)}@b.co`,
      `${'a'.repeat(65)}@b.co`,
      'x\u0085',
      'x\ud800',
      'x\ufffe',
      'a\nb',
      'a\rb',
      'USD',
      'OH',
      'purpose-restricted',
    ),
    fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 9999999 })).map(([prefix, rest]) => {
      return `${String(prefix).padStart(2, '0')}-${String(rest).padStart(7, '0')}`;
    }),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
    fc.emailAddress(),
    fc.integer({ min: 1, max: 2100 }).map((length) => 'é'.repeat(length)),
  );
  const values = fc.oneof(
    texts,
    texts,
    fc.boolean(),
    fc.integer({ min: 1990, max: 2110 }),
    fc.double(),
    fc.constant(null),
  );

  it('[B02] accepts and refuses the same values', () => {
    const names = contract.fields.map((field) => field.name);
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...names, 'unknown', '__proto__'), values, (name, value) => {
        const record = goodRecord();
        Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
        const ours = compiled.validate(record).errors === undefined;
        if (ours) accepted += 1;
        expect(schema.safeParse(record).success).toBe(ours);
      }),
      { numRuns: 5000 },
    );
    // A generator that never hits an acceptable value would prove half of it.
    expect(accepted).toBeGreaterThan(50);
  });

  it('[B02] knows the same required fields', () => {
    for (const field of contract.fields) {
      const ours = compiled.validate(without(field.name)).errors === undefined;
      expect(ours).toBe(!field.required);
      expect(schema.safeParse(without(field.name)).success).toBe(ours);
    }
  });

  it('[B02] same input, same error, byte for byte, from a validator compiled anew', () => {
    const again = compileContract(contract);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...contract.fields.map((field) => field.name), 'x', 'y z'), values),
        (record) => {
          const reordered = Object.fromEntries(Object.entries(record).reverse());
          expect(JSON.stringify(again.validate(reordered))).toBe(JSON.stringify(compiled.validate(record)));
        },
      ),
    );
  });
});
