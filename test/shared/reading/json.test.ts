import { describe, expect, it } from 'vitest';
import { goodRecord, without } from '../contract/reference.ts';
import { read, summary } from './payload.ts';

const JSON_TYPE = 'application/json';
const LINES = 'application/x-ndjson';
const good = JSON.stringify(goodRecord());
/** The good record with text put in before its last brace. */
const withMember = (member: string): string => `${good.slice(0, -1)},${member}}`;
/** The good record with the value of one field replaced by raw JSON. */
const withRaw = (name: string, raw: string): string => {
  const rest = JSON.stringify(without(name));
  return `${rest.slice(0, -1)},"${name}":${raw}}`;
};

describe('a JSON document', () => {
  it.each([
    ['an array', `[${good}]`],
    ['an object around it', `{"records":[${good}]}`],
    ['the member by escapes', `{"\\u0072ecords" : [ ${good} ] }`],
    ['a byte-order mark', `\ufeff[${good}]`],
    ['white space of all kinds', ` \t\r\n[ \t\r\n${good} \t\r\n] \t\r\n`],
  ])('[B06] reads %s', async (_, payload) => {
    expect(await summary(payload, JSON_TYPE)).toEqual(['ok']);
  });

  it.each([
    ['two documents', `[${good}][${good}]`, 'payload-malformed'],
    ['NDJSON', `${good}\n${good}\n`, 'payload-malformed'],
    ['a trailing comma', `[${good},]`, 'payload-malformed'],
    ['a leading comma', `[,${good}]`, 'payload-malformed'],
    ['two commas', `[${good},,${good}]`, 'payload-malformed'],
    ['no comma', `[${good} ${good}]`, 'payload-malformed'],
    ['a colon for a comma', `[${good}:${good}]`, 'payload-malformed'],
    ['another member', `{"records":[${good}],"more":1}`, 'payload-malformed'],
    ['the member twice', `{"records":[${good}],"records":[${good}]}`, 'payload-malformed'],
    ['another member alone', `{"data":[${good}]}`, 'payload-malformed'],
    ['a long member name', `{"${'x'.repeat(1000)}":[${good}]}`, 'payload-malformed'],
    ['no array in it', `{"records":${good}}`, 'payload-malformed'],
    ['an object without members', '{}', 'payload-malformed'],
    ['a bare string', '"text"', 'payload-malformed'],
    ['a bare number', '7', 'payload-malformed'],
    ['brackets that do not match', `[${good}}`, 'payload-malformed'],
    ['brackets that do not match inside', `[${good.slice(0, -1)}]]`, 'payload-malformed'],
    ['a comment', `[/* x */${good}]`, 'payload-malformed'],
    ['an unquoted name', `[{a:1}]`, 'payload-malformed'],
    ['a line feed in a string', `[${withRaw('purpose', '"a\nb"')}]`, 'payload-malformed'],
    ['a NUL in a string', `[${withRaw('purpose', '"a\0b"')}]`, 'payload-malformed'],
    ['a NUL between records', `[${good},\0${good}]`, 'payload-malformed'],
    ['NaN', `[${withRaw('fiscal_year', 'NaN')}]`, 'payload-malformed'],
    ['a literal that is none', '[nul]', 'payload-malformed'],
    ['a cut string', `[${good.slice(0, -3)}`, 'payload-truncated'],
    ['a cut array', `[${good}`, 'payload-truncated'],
    ['a cut literal', `[${good},tru`, 'payload-truncated'],
    ['a cut wrapper', `{"records":[${good}]`, 'payload-truncated'],
    ['a cut wrapper name', `{"reco`, 'payload-truncated'],
    ['an empty array', '[]', 'payload-empty'],
    ['white space alone', ' \n ', 'payload-empty'],
    ['XML', '<grants/>', 'media-type-unsupported'],
    ['CSV', 'submission_ref,grant_id\n', 'media-type-unsupported'],
  ])('[B02] refuses %s', async (_, payload, code) => {
    expect(await summary(payload, JSON_TYPE)).toBe(code);
  });

  it('[B02] quarantines elements that are no records, and goes on', async () => {
    const payload = `[1,"a,]b",null,[[1],2],${good},{},-1.5e3]`;
    const bad = 'record-malformed';
    const missing = expect.stringContaining('field-missing /submission_ref');
    expect(await summary(payload, JSON_TYPE)).toEqual([bad, bad, bad, bad, 'ok', missing, bad]);
  });
});

describe('NDJSON', () => {
  it('[B06] reads lines that end in LF or CR LF, skips blank ones, and needs no end after the last', async () => {
    expect(await summary(`\ufeff${good}\r\n\n  \t\r\n${good}\n ${good} `, LINES)).toEqual(['ok', 'ok', 'ok']);
  });

  it('[B02] a line that is no JSON object is its own fault', async () => {
    const lines = [good, '{"a":', '[1]', 'garbage', '{} {}', `${good},`, '{"a":1}}', '"x"', '\0', good];
    const bad = 'record-malformed';
    expect(await summary(`${lines.join('\n')}\n`, LINES)).toEqual(['ok', ...Array(8).fill(bad), 'ok']);
  });

  it.each([
    ['a cut last line', `${good}\n${good.slice(0, -1)}`, 'payload-truncated'],
    ['nothing but blank lines', '\n\n \n', 'payload-empty'],
    ['a JSON array', `[${good}]`, 'media-type-unsupported'],
    ['XML', '<grants/>', 'media-type-unsupported'],
    ['CSV', 'submission_ref,grant_id\n', 'media-type-unsupported'],
  ])('[B02] refuses %s', async (_, payload, code) => {
    expect(await summary(payload, LINES)).toBe(code);
  });
});

describe.each([
  { name: 'a JSON document', mediaType: JSON_TYPE, wrap: (record: string) => `[${good},${record},${good}]` } as const,
  { name: 'NDJSON', mediaType: LINES, wrap: (record: string) => `${good}\n${record}\n${good}\n` } as const,
])('a record in $name', ({ mediaType, wrap }) => {
  it.each([
    ['a duplicate key', withMember('"ein":"94-1234567"'), 'field-duplicate /ein'],
    ['a duplicate by escapes', withMember('"\\u0065in":"94-1234567"'), 'field-duplicate /ein'],
    ['a duplicate with another value', withMember('"amount" : "1.00"'), 'field-duplicate /amount'],
    [
      'two duplicates, in contract order',
      withMember('"amount":"1.00","ein":null'),
      'field-duplicate /ein, field-duplicate /amount',
    ],
    ['a duplicate that is unknown', withMember('"x":1,"x":2'), 'field-duplicate /x'],
    ['a duplicate beside a nested value', withMember('"a":{"b":[1,{"b":2}]},"a":"}"'), 'field-duplicate /a'],
    ['a prototype key', withMember('"__proto__":{"admin":true}'), 'field-unknown /__proto__'],
    ['a prototype key by escapes', withMember('"\\u005f_proto__":1'), 'field-unknown /__proto__'],
    ['a constructor', withMember('"constructor":{"prototype":{}}'), 'field-unknown /constructor'],
    ['toString', withMember('"toString":1'), 'field-unknown /toString'],
    ['an empty name', withMember('"":1'), 'field-unknown /#1'],
    ['a name that is no name', withMember('"Jane Doe":1'), 'field-unknown /#1'],
    ['a lone surrogate', withRaw('purpose', '"a\\ud800b"'), 'field-characters /purpose'],
    ['a lone low surrogate', withRaw('purpose', '"\\udc00"'), 'field-characters /purpose'],
    ['a NUL by escape', withRaw('purpose', '"a\\u0000b"'), 'field-characters /purpose'],
    ['an escape character', withRaw('purpose', '"\\u001b[31m"'), 'field-characters /purpose'],
    ['colons and braces in text', withRaw('purpose', '"a:{b},[c]\\\\"'), 'ok'],
    ['a surrogate pair by escapes', withRaw('purpose', '"\\ud83d\\ude00"'), 'ok'],
    ['an integer with a point', withRaw('fiscal_year', '2025.0'), 'field-format /fiscal_year'],
    ['an integer with an exponent', withRaw('fiscal_year', '2025e0'), 'field-format /fiscal_year'],
    ['an integer with an upper-case exponent', withRaw('fiscal_year', '0.2025E4'), 'field-format /fiscal_year'],
    [
      'a fraction that a double loses',
      withRaw('fiscal_year', '2025.00000000000000000001'),
      'field-format /fiscal_year',
    ],
    ['a number that no double holds', withRaw('fiscal_year', '1e999'), 'field-format /fiscal_year'],
    ['an integer past every bound', withRaw('fiscal_year', '9007199254740993'), 'field-range /fiscal_year'],
    ['a negative zero', withRaw('fiscal_year', '-0'), 'field-format /fiscal_year'],
    ['a number for a decimal', withRaw('amount', '12500.00'), 'field-type /amount'],
    ['null', withRaw('purpose', 'null'), 'field-type /purpose'],
    ['a nested object', withRaw('purpose', '{"a":{"b":1}}'), 'field-type /purpose'],
    ['a nesting too deep', withRaw('purpose', `${'['.repeat(100)}${']'.repeat(100)}`), 'record-too-deep'],
    ['a nesting of 30,000', withRaw('purpose', `${'['.repeat(30_000)}${']'.repeat(30_000)}`), 'record-too-deep'],
    ['a nesting of objects', withRaw('purpose', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`), 'record-too-deep'],
  ])('[B02] %s', async (_, record, expected) => {
    expect(await summary(wrap(record), mediaType)).toEqual(['ok', expected, 'ok']);
    // The scanner resumes anywhere, also between a backslash and what it escapes.
    for (const blockBytes of [16, 17, 33]) {
      expect(await summary(wrap(record), mediaType, { blockBytes })).toEqual(['ok', expected, 'ok']);
    }
  });

  it('[B02] leaves no trace of a prototype key', async () => {
    await read(wrap(withMember('"__proto__":{"polluted":true}')), mediaType);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('[B02] an unclosed nesting of 100,000 is refused, not followed', async () => {
    const payload = mediaType === LINES ? `${good}\n${'{"a":'.repeat(100_000)}` : `[${'{"a":'.repeat(100_000)}`;
    const result = await read(payload, mediaType, { maxRecordBytes: 10_000_000 });
    expect(result.refused ?? result.records.at(-1)?.problems?.[0]?.code).toMatch(
      /^(payload-truncated|record-too-deep)$/,
    );
  });
});
