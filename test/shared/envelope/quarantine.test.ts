import { describe, expect, it } from 'vitest';
import { encryptionContext } from '../../../shared/envelope/context.ts';
import {
  openQuarantinedRecord,
  parseQuarantineSegment,
  sealQuarantineSegment,
} from '../../../shared/envelope/quarantine.ts';
import { CONTEXT, countedRandom, dataKey, OTHER_CONTEXTS } from './fixtures.ts';

const raw = [
  { record: 2, raw: Buffer.from([0xff, 0x00, 0x22]) },
  { record: 17, raw: 'grant,Zoë\r\n' },
];
const text = sealQuarantineSegment(CONTEXT, dataKey(), raw, countedRandom());
const invalid = expect.objectContaining({ code: 'ciphertext-invalid' });
const { plaintext: key } = dataKey();

describe('quarantine segment', () => {
  it('[B03] gives each record back, byte for byte', () => {
    const segment = parseQuarantineSegment(text);
    expect(openQuarantinedRecord(segment, CONTEXT, key, 2)).toEqual(Buffer.from([0xff, 0x00, 0x22]));
    expect(openQuarantinedRecord(segment, CONTEXT, key, 17).toString()).toBe('grant,Zoë\r\n');
    expect(Buffer.from(segment.wrappedKey, 'base64')).toEqual(Buffer.from(dataKey().wrapped));
  });

  it('[B03] holds nothing of a record in the clear', () => {
    expect(text).not.toContain('Zo');
    expect(text).not.toContain(Buffer.from('grant,Zoë').toString('base64url').slice(0, 8));
  });

  it('names the context that its data key is bound to', () => {
    expect(encryptionContext('quarantine', CONTEXT)).toEqual({
      purpose: 'quarantine',
      stage: 'ingestion',
      run: CONTEXT.run,
      attempt: 'a1',
      chunk: '3',
    });
  });

  it.each(OTHER_CONTEXTS)('opens nothing for another %s', (_member, context) => {
    expect(() => openQuarantinedRecord(parseQuarantineSegment(text), context, key, 2)).toThrow(invalid);
  });

  it('opens nothing under another key', () => {
    const other = dataKey(9).plaintext;
    expect(() => openQuarantinedRecord(parseQuarantineSegment(text), CONTEXT, other, 2)).toThrow(invalid);
  });

  it('does not let two records change places', () => {
    const segment = parseQuarantineSegment(text);
    const swapped = {
      ...segment,
      records: segment.records.map((each) => ({ ...each, record: each.record === 2 ? 17 : 2 })),
    };
    expect(() => openQuarantinedRecord(swapped, CONTEXT, key, 2)).toThrow(invalid);
  });

  it('says that a record is not there', () => {
    const segment = parseQuarantineSegment(text);
    expect(() => openQuarantinedRecord(segment, CONTEXT, key, 3)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  it.each([
    ['no JSON', (t: string) => t.slice(1)],
    ['another format', (t: string) => t.replace('parapet-quarantine', 'parapet-vault')],
    ['another version', (t: string) => t.replace('"version":1', '"version":2')],
    ['an unknown member', (t: string) => t.replace('"version":1', '"version":1,"more":1')],
    ['no wrapped key', (t: string) => t.replace(/"wrappedKey":"[^"]*"/, '"wrappedKey":""')],
    ['a run id that is none', (t: string) => t.replace(CONTEXT.run, 'run')],
    ['a record 0', (t: string) => t.replace('"record":2', '"record":0')],
  ])('refuses %s', (_what, mutate) => {
    expect(mutate(text)).not.toBe(text);
    expect(() => parseQuarantineSegment(mutate(text))).toThrow(invalid);
  });
});
