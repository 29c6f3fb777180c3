import { describe, expect, it } from 'vitest';
import type { SegmentContext } from '../../../shared/envelope/context.ts';
import {
  chunkName,
  parseVaultSegment,
  VaultReader,
  type VaultSegment,
  VaultSegmentBuilder,
} from '../../../shared/envelope/vault.ts';
import type { SubjectKey } from '../../../shared/ports.ts';
import { CONTEXT, countedRandom, dataKey, OTHER_CONTEXTS } from './fixtures.ts';

const NAME = { tenant: 'GTR-0001', field: 'name' };
const MAIL = { tenant: 'GTR-0001', field: 'mail' };
const invalid = expect.objectContaining({ code: 'ciphertext-invalid' });

function build(context = CONTEXT): { segment: VaultSegment; text: string; keys: SubjectKey[] } {
  const builder = new VaultSegmentBuilder(context, dataKey(), countedRandom());
  builder.put('anna', 'tok_1_name', NAME, 'Anna Ö.');
  builder.put('anna', 'tok_1_mail', MAIL, 'anna@example.org');
  builder.put('bert', 'tok_1_mail2', MAIL, 'bert@example.org');
  builder.put('anna', 'tok_1_name', NAME, 'Anna Ö.');
  const made = { text: builder.segment(), keys: builder.subjectKeys() };
  builder.dispose();
  return { ...made, segment: parseVaultSegment(made.text) };
}

function sealedOf(segment: VaultSegment, subject: string, token: string): string {
  const found = segment.subjects.find((each) => each.subject === subject)?.values.find(([name]) => name === token);
  if (found === undefined) throw new Error(`no ${token} of ${subject}`);
  return found[1];
}

function reader(keys: readonly SubjectKey[], context: SegmentContext = CONTEXT): VaultReader {
  const made = new VaultReader(context, dataKey().plaintext);
  for (const { subject, wrappedKey } of keys) made.unlock(subject, wrappedKey);
  return made;
}

describe('vault segment', () => {
  const { segment, text, keys } = build();

  it('[B22] resolves every token with the KEK and the subjects’ keys', () => {
    const vault = reader(keys);
    expect(vault.open('anna', 'tok_1_name', NAME, sealedOf(segment, 'anna', 'tok_1_name'))).toBe('Anna Ö.');
    expect(vault.open('anna', 'tok_1_mail', MAIL, sealedOf(segment, 'anna', 'tok_1_mail'))).toBe('anna@example.org');
    expect(vault.open('bert', 'tok_1_mail2', MAIL, sealedOf(segment, 'bert', 'tok_1_mail2'))).toBe('bert@example.org');
  });

  it('keeps one key per subject and one ciphertext per token', () => {
    expect(keys.map(({ subject }) => subject)).toEqual(['anna', 'bert']);
    expect(chunkName(CONTEXT)).toBe(`${CONTEXT.run}/a1/3`);
    expect(segment.subjects.map(({ values }) => values.length)).toEqual([2, 1]);
  });

  it('[B18] keeps the subjects’ keys out of the segment', () => {
    for (const { wrappedKey } of keys) expect(text).not.toContain(wrappedKey);
    expect(text).not.toContain('anna@');
  });

  it('[B18] resolves nothing of a subject whose key is gone, and everything of the others', () => {
    const vault = reader(keys.filter(({ subject }) => subject !== 'anna'));
    expect(vault.open('anna', 'tok_1_name', NAME, sealedOf(segment, 'anna', 'tok_1_name'))).toBeUndefined();
    expect(vault.open('bert', 'tok_1_mail2', MAIL, sealedOf(segment, 'bert', 'tok_1_mail2'))).toBe('bert@example.org');
  });

  it.each(OTHER_CONTEXTS)('opens no subject key for another %s', (_member, context) => {
    expect(() => reader(keys, context)).toThrow(invalid);
  });

  it.each(OTHER_CONTEXTS)('opens no value for another %s, even under the right subject key', (_member, context) => {
    // The same random bytes give the same subject keys, so that only the context differs.
    const elsewhere = build(context).keys;
    const vault = reader(elsewhere, context);
    expect(() => vault.open('anna', 'tok_1_name', NAME, sealedOf(segment, 'anna', 'tok_1_name'))).toThrow(invalid);
  });

  it('does not let one subject’s key stand in for another’s', () => {
    const [anna] = keys;
    expect(() => reader([{ subject: 'bert', wrappedKey: anna?.wrappedKey ?? '' }])).toThrow(invalid);
  });

  it('does not let one token’s value stand in for another’s', () => {
    const vault = reader(keys);
    expect(() => vault.open('anna', 'tok_1_mail', MAIL, sealedOf(segment, 'anna', 'tok_1_name'))).toThrow(invalid);
    expect(() => vault.open('bert', 'tok_1_mail', MAIL, sealedOf(segment, 'anna', 'tok_1_mail'))).toThrow(invalid);
  });

  it.each([
    ['tenant', { ...NAME, tenant: 'GTR-0002' }],
    ['field', { ...NAME, field: 'mail' }],
  ])('[B22] opens no value for another %s than its token was made for', (_what, place) => {
    const vault = reader(keys);
    expect(() => vault.open('anna', 'tok_1_name', place, sealedOf(segment, 'anna', 'tok_1_name'))).toThrow(invalid);
  });

  it('opens nothing under another KEK', () => {
    const vault = new VaultReader(CONTEXT, dataKey(9).plaintext);
    expect(() => vault.unlock('anna', keys[0]?.wrappedKey ?? '')).toThrow(invalid);
  });

  it('[B14] wipes the KEK', () => {
    const kek = dataKey();
    const builder = new VaultSegmentBuilder(CONTEXT, kek, countedRandom());
    builder.put('anna', 'tok_1_name', NAME, 'Anna');
    builder.dispose();
    expect(kek.plaintext).toEqual(new Uint8Array(32));
    const opened = dataKey().plaintext;
    const vault = new VaultReader(CONTEXT, opened);
    vault.dispose();
    expect(opened).toEqual(new Uint8Array(32));
    expect(vault.open('anna', 'tok_1_name', NAME, sealedOf(segment, 'anna', 'tok_1_name'))).toBeUndefined();
  });

  it.each([
    ['no JSON', (t: string) => `${t}}`],
    ['another format', (t: string) => t.replace('parapet-vault', 'parapet-quarantine')],
    ['another version', (t: string) => t.replace('"version":2', '"version":1')],
    ['an unknown member', (t: string) => t.replace('{"subject"', '{"key":"","subject"')],
  ])('refuses %s', (_what, mutate) => {
    expect(mutate(text)).not.toBe(text);
    expect(() => parseVaultSegment(mutate(text))).toThrow(invalid);
  });
});
