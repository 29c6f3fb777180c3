import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, AuditEntry, ordinalOf, resourceOfRecord } from '../../../shared/audit/entry.ts';
import { encodeEntry, entriesOf, leavesOf, parseEntry, SegmentWriter } from '../../../shared/audit/segment.ts';
import { ACCEPTED, countedClock, goodRun, RUN } from './fixtures.ts';

const invalid = expect.objectContaining({ code: 'evidence-invalid' });
const writer = new SegmentWriter({ run: RUN, stage: 'ingestion' }, countedClock());
writer.add(ACCEPTED);
const line = Buffer.from(writer.bytes()).toString().trimEnd();

describe('audit entry', () => {
  it('[B05] [P13] says who, what, when, from where, with which outcome and fingerprint', () => {
    expect(JSON.parse(line)).toEqual({
      ...ACCEPTED,
      schema: 1,
      run: RUN,
      stage: 'ingestion',
      sequence: 0,
      time: '2026-11-22T00:00:00.000Z',
    });
  });

  it('is one line of canonical JSON, and reads back as itself', () => {
    for (const { bytes } of goodRun()) {
      for (const entry of entriesOf(bytes)) {
        expect(encodeEntry(entry)).not.toContain('\n');
        expect(parseEntry(encodeEntry(entry))).toEqual(entry);
      }
    }
  });

  it('has its actions listed', () => {
    const declared = AuditEntry._zod.def.options.map((option) => option._zod.def.shape.action._zod.def.values[0]);
    expect([...declared].sort()).toEqual([...AUDIT_ACTIONS].sort());
  });

  it('names a record by its ordinal', () => {
    const [entry] = [...goodRun()]
      .flatMap(({ bytes }) => [...entriesOf(bytes)])
      .filter(({ action }) => action === 'record.exported');
    if (entry?.action !== 'record.exported') throw new Error('no record was exported');
    expect(entry.resource).toBe(resourceOfRecord(1));
    expect(ordinalOf(entry)).toBe(1);
  });

  it.each([
    ['an unknown action', (text: string) => text.replace('submission.accepted', 'submission.approved')],
    ['another outcome than its action has', (text: string) => text.replace('"allowed"', '"denied"')],
    ['an unknown member', (text: string) => text.replace('{"action"', '{"aaa":1,"action"')],
    ['a missing member', (text: string) => text.replace('"resource":"submission",', '')],
    ['another schema version', (text: string) => text.replace('"schema":1', '"schema":2')],
    ['an unknown stage', (text: string) => text.replace('"stage":"ingestion"', '"stage":"ingest"')],
    ['a run id that is none', (text: string) => text.replace(RUN, RUN.toUpperCase())],
    ['a time without a zone', (text: string) => text.replace('.000Z', '.000')],
    ['a negative sequence', (text: string) => text.replace('"sequence":0', '"sequence":-1')],
    ['an address with a space', (text: string) => text.replace('192.0.2.7', '192.0.2.7 x')],
    [
      'a digest in capitals',
      (text: string) => text.replace(/"payload":"[0-9a-f]{64}"/, `"payload":"${'A'.repeat(64)}"`),
    ],
    ['spaces', (text: string) => text.replace(':', ': ')],
    ['members in another order', (text: string) => `{${text.slice(1, -1).split(',').reverse().join(',')}}`],
    ['a member twice', (text: string) => text.replace('{"action"', '{"action":"run.ended","action"')],
    ['an escape where none is needed', (text: string) => text.replace('allowed', '\\u0061llowed')],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['no JSON', (text: string) => text.slice(1)],
    ['an array', (text: string) => `[${text}]`],
  ])('is refused with %s', (_what, mutate) => {
    expect(mutate(line)).not.toBe(line);
    expect(() => parseEntry(mutate(line))).toThrow(invalid);
  });

  it('is refused when it is written wrongly: what is written once can never be mended', () => {
    const made = new SegmentWriter({ run: RUN, stage: 'ingestion' }, countedClock());
    expect(() => made.add({ ...ACCEPTED, payload: 'anna@example.org' })).toThrow(
      expect.objectContaining({ code: 'internal-failure', detail: expect.not.stringContaining('anna') }),
    );
    expect(made.length).toBe(0);
  });
});

describe('segment', () => {
  it('numbers its entries through', () => {
    expect(goodRun().map(({ bytes }) => [...entriesOf(bytes)].map(({ sequence }) => sequence))).toEqual(
      goodRun().map(({ bytes }) => [...leavesOf(bytes)].map((_, index) => index)),
    );
  });

  it('is refused when it ends within a line', () => {
    expect(() => [...leavesOf(Buffer.from('{}\n{}'))]).toThrow(invalid);
  });

  it('has a leaf for an empty line, so that none can be slipped in', () => {
    expect([...leavesOf(Buffer.from('{}\n\n'))]).toHaveLength(2);
    expect(() => [...entriesOf(Buffer.from(`${line}\n\n`))]).toThrow(invalid);
  });
});
