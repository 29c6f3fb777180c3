import { describe, expect, it } from 'vitest';
import { contractNames, matchColumns } from '../../../cli/infer/match.ts';
import { isSuspicious } from '../../../cli/infer/suspicion.ts';

describe('names', () => {
  it.each([
    ...[
      'email',
      'e_mail',
      'contact_email',
      'phone_number',
      'mobile',
      'tel',
      'name',
      'first_name',
      'user_name',
      'surname',
    ],
    ...[
      'street',
      'address_line_1',
      'zip',
      'postal_code',
      'city',
      'birth_date',
      'born',
      'dob',
      'gender',
      'ssn',
      'tax_id',
    ],
    ...[
      'passport',
      'iban',
      'account_number',
      'card_number',
      'salary',
      'password',
      'ip',
      'client_ip',
      'diagnosis',
      'notes',
    ],
  ])('takes %s for one that personal data often has', (name) => {
    expect(isSuspicious(name)).toBe(true);
  });

  it.each([
    'id',
    'amount',
    'created_at',
    'status',
    'active',
    'quantity',
    'version',
    'table_name',
    'capacity',
    'shipped',
  ])('leaves %s to the question that every column is asked', (name) => {
    expect(isSuspicious(name)).toBe(false);
  });

  it('become names of a contract, each once', () => {
    expect(contractNames(['userId', 'user_id', 'User ID', '1st', '', 'constructor', 'naïve', 'x'.repeat(200)])).toEqual(
      ['user_id', 'user_id_2', 'user_id_3', 'column_1st', 'column', 'column_constructor', 'na_ve', 'x'.repeat(58)],
    );
  });

  it('are matched exactly first: what is alike takes nothing from what is the same', () => {
    const column = (name: string) => ({ name, type: 't', nullable: false });
    const { matched, sourceOnly, targetOnly } = matchColumns(
      ['userId', 'user_id', 'B'].map(column),
      ['user_id', 'b'].map(column),
    );
    expect(matched.map(({ source, target, exact }) => [source.name, target.name, exact])).toEqual([
      ['user_id', 'user_id', true],
      ['B', 'b', false],
    ]);
    expect(sourceOnly.map(({ name }) => name)).toEqual(['userId']);
    expect(targetOnly).toEqual([]);
  });
});
