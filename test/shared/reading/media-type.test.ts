import { describe, expect, it } from 'vitest';
import { mediaTypeOf } from '../../../shared/reading/media-type.ts';
import { contract, goodRecord } from '../contract/reference.ts';
import { FORMATS, summary, written } from './payload.ts';

describe('the media type that was declared', () => {
  it.each([
    ['text/csv', 'grants.csv', 'text/csv'],
    ['text/csv; charset=utf-8', 'grants.csv', 'text/csv'],
    ['Text/CSV; Charset="UTF-8"; header=present', 'grants', 'text/csv'],
    ['application/vnd.ms-excel', 'grants.csv', 'text/csv'],
    ['text/plain', 'in/2025/GRANTS.CSV', 'text/csv'],
    [undefined, 'grants.xml', 'application/xml'],
    ['text/xml', 'grants', 'application/xml'],
    ['binary/octet-stream', 'grants.ndjson', 'application/x-ndjson'],
    ['application/octet-stream', 'grants.jsonl', 'application/x-ndjson'],
    ['application/json', 'grants.json', 'application/json'],
    ['application/json', 'submissions/2025-06-30T12:00Z', 'application/json'],
  ])('[B06] %s of %s is %s', (contentType, key, expected) => {
    expect(mediaTypeOf({ contentType, key })).toBe(expected);
  });

  it.each([
    ['application/json', 'grants.csv'],
    ['text/csv', 'grants.zip'],
    ['application/zip', 'grants.zip'],
    ['application/zip', 'grants.csv'],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'grants.csv'],
    ['application/vnd.ms-excel', 'grants.xls'],
    ['text/html', 'grants.xml'],
    ['text/csv; charset=iso-8859-1', 'grants.csv'],
    ['text/csv; header=absent', 'grants.csv'],
    ['application/octet-stream', 'grants'],
    [undefined, 'grants'],
    [undefined, 'grants.csv.gz'],
  ])('[B02] refuses %s of %s', (contentType, key) => {
    expect(() => mediaTypeOf({ contentType, key })).toThrowError(
      expect.objectContaining({ code: 'media-type-unsupported' }),
    );
  });
});

describe.each(FORMATS)('a payload declared as $format', ({ format, mediaType }) => {
  const good = written(format, [goodRecord()]);

  it.each([
    ['zip', Buffer.from('PK\u0003\u0004rest of an archive')],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
    ['an old spreadsheet', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['PDF', Buffer.from('%PDF-1.7')],
    ['PNG', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['Parquet', Buffer.from('PAR1')],
  ])('[B02] refuses %s', async (_, payload) => {
    expect(await summary(payload, mediaType)).toBe('media-type-unsupported');
  });

  it.each(FORMATS.filter((other) => other.format !== format))('[B02] refuses what is $format', async (other) => {
    expect(await summary(written(other.format, [goodRecord()]), mediaType)).toMatch(
      other.format === 'ndjson' && format === 'json' ? /^payload-malformed$/ : /^media-type-unsupported$/,
    );
  });

  it.each([
    ['UTF-16 with its mark', Buffer.from(`\ufeff${good}`, 'utf16le')],
    ['UTF-16 without', Buffer.from(good, 'utf16le')],
    ['big-endian UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le').swap16()],
    ['big-endian UTF-16 without its mark', Buffer.from(good, 'utf16le').swap16()],
    ['UTF-32 with its mark', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0])],
    ['Latin-1', Buffer.from(good.replace('Cold', 'Cöld'), 'latin1')],
    ['an overlong form', spliced(good, 'Cold', [0xc0, 0xbc])],
    ['an overlong NUL', spliced(good, 'Cold', [0xe0, 0x80, 0x80])],
    ['a surrogate in UTF-8', spliced(good, 'Cold', [0xed, 0xa0, 0x80])],
    ['a byte that never stands in UTF-8', spliced(good, 'Cold', [0xf8])],
    ['past the last code point', spliced(good, 'Cold', [0xf4, 0x90, 0x80, 0x80])],
    ['a continuation alone', spliced(good, 'Cold', [0x80])],
    ['a lead byte at the very end', Buffer.concat([Buffer.from(good), Buffer.from([0xc0])])],
  ])('[B02] refuses %s', async (_, payload) => {
    expect(await summary(payload, mediaType)).toBe('payload-encoding');
    expect(await summary(payload, mediaType, { blockBytes: 16 })).toBe('payload-encoding');
  });

  it('[B02] refuses a payload that ends inside a character', async () => {
    const payload = Buffer.concat([Buffer.from(good), Buffer.from('€').subarray(0, 2)]);
    expect(await summary(payload, mediaType)).toBe('payload-truncated');
  });

  it('[B02] refuses a payload past the largest size', async () => {
    expect(await summary(good, mediaType, { maxPayloadBytes: good.length })).toEqual(['ok']);
    expect(await summary(good, mediaType, { maxPayloadBytes: good.length - 1 })).toBe('payload-too-large');
  });
});

function spliced(text: string, at: string, bytes: readonly number[]): Buffer {
  const [before = '', after = ''] = text.split(at);
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

it('[B02] a media type that the contract does not accept is refused', async () => {
  const { readRecords } = await import('../../../shared/reading/read.ts');
  const { compileContract } = await import('../../../shared/contract/compile.ts');
  const onlyCsv = compileContract({ ...contract, submission: { ...contract.submission, mediaTypes: ['text/csv'] } });
  const source = (async function* () {
    yield Buffer.from(written('json', [goodRecord()]));
  })();
  await expect(readRecords(source, 'application/json', onlyCsv).next()).rejects.toMatchObject({
    code: 'media-type-unsupported',
  });
});
