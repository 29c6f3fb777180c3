import { describe, expect, it } from 'vitest';
import { goodRecord, without } from '../contract/reference.ts';
import { read, summary } from './payload.ts';

const XML = 'application/xml';
const fieldsOf = (record: Readonly<Record<string, unknown>>): string =>
  Object.entries(record)
    .map(([name, value]) => `<${name}>${String(value)}</${name}>`)
    .join('');
const good = `<grant>${fieldsOf(goodRecord())}</grant>`;
const withRaw = (name: string, raw: string): string => `<grant>${fieldsOf(without(name))}${raw}</grant>`;
const purpose = (raw: string): string => withRaw('purpose', `<purpose>${raw}</purpose>`);

describe('an XML document', () => {
  it.each([
    ['no declaration', `<grants>${good}</grants>`],
    [
      'a declaration',
      `<?xml version="1.0" encoding="utf-8" standalone='yes'?>\r\n<grants>\r\n${good}\r\n</grants>\r\n`,
    ],
    ['a byte-order mark', `\ufeff<?xml version="1.0"?><grants>${good}</grants>`],
    ['comments around records', `<!-- a - <b> --><grants><!----><!--> -->${good}<!-- <grant> --></grants><!-- -->`],
    ['a default namespace', `<grants xmlns="urn:example:grants">${good}</grants >`],
    [
      'white space in tags',
      `<grants\n>${good.replace('<grant>', '<grant\n>').replace('</ein>', '</ein \t>')}</grants\n>`,
    ],
    ['white space between fields', `<grants>${good.replaceAll('><', '>\n\t <').replace('/grant', '/grant')}</grants>`],
  ])('[B06] reads %s', async (_, payload) => {
    const result = await read(payload, XML);
    expect(result.refused).toBeUndefined();
    expect(result.records.map((record) => record.value)).toEqual([goodRecord()]);
    for (const blockBytes of [16, 17, 31]) expect(await read(payload, XML, { blockBytes })).toEqual(result);
  });

  it.each([
    ['the predefined entities', '&lt;&amp;&gt;&quot;&apos;', '<&>"\''],
    ['character references', '&#65;&#x1f600;&#10;', 'A\u{1f600}\n'],
    ['CDATA', '<![CDATA[<b>&amp;</b> ]] ]>]]>', '<b>&amp;</b> ]] ]>'],
    ['CDATA beside text', 'a<![CDATA[]]>b<![CDATA[</grant>]]>', 'ab</grant>'],
    ['line ends as LF (XML 1.0 section 2.11)', 'a\r\nb\rc', 'a\nb\nc'],
  ])('[B06] reads %s', async (_, raw, value) => {
    const result = await read(`<grants>${purpose(raw)}</grants>`, XML);
    expect(result.records.map((record) => record.value)).toEqual([goodRecord({ purpose: value })]);
  });

  it.each([
    ['an empty optional element', withRaw('purpose', '<purpose/>'), 'ok'],
    ['an attribute on a record', good.replace('<grant>', '<grant id="1">'), 'record-malformed'],
    ['an attribute on a field', good.replace('<ein>', '<ein nil="true">'), 'record-malformed /ein'],
    ['a namespace on a record', good.replace('<grant>', '<grant xmlns="urn:x">'), 'record-malformed'],
    ['an attribute with a tag in it', good.replace('<ein>', '<ein a="</grant>">'), 'payload-malformed'],
    ['a comment in a value', purpose('pub<!-- -->lic'), 'record-malformed /purpose'],
    ['a comment between fields', good.replace('<ein>', '<!-- <x> --><ein>'), 'record-malformed'],
    ['a comment that begins with a bracket', good.replace('<ein>', '<!--><x>--><ein>'), 'record-malformed'],
    ['text between fields', good.replace('<ein>', 'text<ein>'), 'record-malformed'],
    ['CDATA between fields', good.replace('<ein>', '<![CDATA[x]]><ein>'), 'record-malformed'],
    ['an element in a field', purpose('a<b>c</b>'), 'field-type /purpose'],
    ['a field twice', good.replace('<ein>', '<ein>94-1234567</ein><ein>'), 'field-duplicate /ein'],
    ['an empty field twice', withRaw('purpose', '<purpose/><purpose/>'), 'field-duplicate /purpose'],
    ['an unknown field', good.replace('<ein>', '<nickname>x</nickname><ein>'), 'field-unknown /nickname'],
    ['an unknown field twice', good.replace('<ein>', '<x>1</x><x/><ein>'), 'field-duplicate /x'],
    ['an element in an unknown field', good.replace('<ein>', '<x><y/></x><ein>'), 'field-unknown /x'],
    ['an unknown name that is none', good.replace('<ein>', '<Zoë/><ein>'), 'field-unknown /#1'],
    ['a prefixed field', good.replace('<ein>', '<a:ein>1</a:ein><ein>'), 'field-unknown /#1'],
    ['a prototype key', good.replace('<ein>', '<__proto__>1</__proto__><ein>'), 'field-unknown /__proto__'],
    ['a constructor', good.replace('<ein>', '<constructor/><ein>'), 'field-unknown /constructor'],
    ['another element', '<award><x/></award>', 'record-malformed'],
    ['an empty record', '<grant/>', expect.stringContaining('field-missing /submission_ref')],
    ['a nesting too deep', purpose(`${'<a>'.repeat(5)}${'</a>'.repeat(5)}`), 'record-too-deep'],
    ['a nesting of 8,000', purpose(`${'<a>'.repeat(8000)}${'</a>'.repeat(8000)}`), 'record-too-deep'],
    ['a CR by reference', purpose('a&#13;b'), 'field-characters /purpose'],
    ['a C1 control', purpose('a\u0085b'), 'field-characters /purpose'],
  ])('[B02] a record with %s', async (_, record, expected) => {
    const payload = `<grants>${good}${record}${good}</grants>`;
    const summarised = expected === 'payload-malformed' ? expected : ['ok', expected, 'ok'];
    expect(await summary(payload, XML)).toEqual(summarised);
    for (const blockBytes of [16, 17, 31]) expect(await summary(payload, XML, { blockBytes })).toEqual(summarised);
  });

  const laughs = `<!DOCTYPE grants [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  it.each([
    ['a billion laughs', `<?xml version="1.0"?>${laughs}<grants>${purpose('&b;')}</grants>`, 'payload-forbidden'],
    ['an external entity', `<!DOCTYPE x SYSTEM "file:///etc/passwd"><grants>${good}</grants>`, 'payload-forbidden'],
    ['an external subset', `<!DOCTYPE x PUBLIC "-//W3C//DTD" "http://169.254.169.254/"><grants/>`, 'payload-forbidden'],
    ['a DTD in lower case', `<!doctype grants><grants>${good}</grants>`, 'payload-forbidden'],
    ['a DTD in the root', `<grants><!DOCTYPE grants>${good}</grants>`, 'payload-forbidden'],
    ['an entity declaration in a record', `<grants>${purpose('<!ENTITY a "b">')}</grants>`, 'payload-forbidden'],
    ['an undefined entity', `<grants>${purpose('&b;')}</grants>`, 'payload-forbidden'],
    ['an inherited name as an entity', `<grants>${purpose('&constructor;')}</grants>`, 'payload-forbidden'],
    ['an entity in an attribute', `<grants>${good.replace('<ein>', '<ein a="&b;">')}</grants>`, 'payload-forbidden'],
    ['an entity in the root tag', `<grants xmlns="&b;">${good}</grants>`, 'payload-malformed'],
    ['a style sheet', `<?xml-stylesheet href="x"?><grants>${good}</grants>`, 'payload-forbidden'],
    ['an instruction in the root', `<grants><?php x ?>${good}</grants>`, 'payload-forbidden'],
    ['an instruction in a record', `<grants>${purpose('<?x y?>')}</grants>`, 'payload-forbidden'],
    ['an instruction at the end', `<grants>${good}</grants><?x?>`, 'payload-forbidden'],
    ['a late declaration', ` <?xml version="1.0"?><grants>${good}</grants>`, 'payload-forbidden'],
    ['XML 1.1', `<?xml version="1.1"?><grants>${good}</grants>`, 'payload-malformed'],
    ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?><grants>${good}</grants>`, 'payload-encoding'],
    ['UTF-7', `<?xml version="1.0" encoding="UTF-7"?><grants>${good}</grants>`, 'payload-encoding'],
    ['another root', `<awards>${good}</awards>`, 'payload-malformed'],
    ['a record as root', good, 'payload-malformed'],
    ['an attribute on the root', `<grants version="1">${good}</grants>`, 'payload-malformed'],
    ['two roots', `<grants>${good}</grants><grants>${good}</grants>`, 'payload-malformed'],
    ['text after the root', `<grants>${good}</grants>x`, 'payload-malformed'],
    ['text in the root', `<grants>x${good}</grants>`, 'payload-malformed'],
    ['CDATA in the root', `<grants><![CDATA[ ]]>${good}</grants>`, 'payload-malformed'],
    ['a reference in the root', `<grants>&#32;${good}</grants>`, 'payload-malformed'],
    ['a NUL in the root', `<grants>\0${good}</grants>`, 'payload-malformed'],
    ['a NUL in a field', `<grants>${purpose('a\0b')}</grants>`, 'payload-malformed'],
    ['a NUL by reference', `<grants>${purpose('&#0;')}</grants>`, 'payload-malformed'],
    ['a lone surrogate by reference', `<grants>${purpose('&#xD800;')}</grants>`, 'payload-malformed'],
    ['a reference past Unicode', `<grants>${purpose('&#x110000;')}</grants>`, 'payload-malformed'],
    ['a bare ampersand', `<grants>${purpose('a & b')}</grants>`, 'payload-malformed'],
    ['the end of a CDATA in text', `<grants>${purpose('a ]]> b')}</grants>`, 'payload-malformed'],
    ['tags that do not match', `<grants>${purpose('</purpos><purpose>')}</grants>`, 'payload-malformed'],
    ['crossed tags', `<grants><grant><ein>1</grant></ein></grants>`, 'payload-malformed'],
    ['an attribute twice', `<grants>${good.replace('<ein>', '<ein a="1" a="2">')}</grants>`, 'payload-malformed'],
    ['an unquoted attribute', `<grants>${good.replace('<ein>', '<ein a=1>')}</grants>`, 'payload-malformed'],
    ['hyphens in a comment', `<grants><!-- a -- b -->${good}</grants>`, 'payload-malformed'],
    ['hyphens in a comment of a record', `<grants>${purpose('<!-- a -- b -->')}</grants>`, 'payload-malformed'],
    ['an empty tag', `<grants><>${good}</grants>`, 'payload-malformed'],
    ['a cut record', `<grants>${good.slice(0, -4)}`, 'payload-truncated'],
    ['a root without an end', `<grants>${good}`, 'payload-truncated'],
    ['a cut end', `<grants>${good}</gran`, 'payload-truncated'],
    ['a comment without an end', `<grants>${good}</grants><!-- `, 'payload-truncated'],
    ['a CDATA without an end', `<grants>${purpose('<![CDATA[x]] >')}</grants>`, 'payload-truncated'],
    ['an attribute without an end', `<grants>${good.replace('<ein>', '<ein a=">')}</grants>`, 'payload-truncated'],
    ['an empty root', '<grants/>', 'payload-empty'],
    ['a declaration alone', '<?xml version="1.0"?>', 'payload-empty'],
    ['JSON', '[{}]', 'media-type-unsupported'],
  ])('[B02] refuses %s', async (_, payload, code) => {
    expect(await summary(payload, XML)).toBe(code);
    for (const blockBytes of [16, 17, 31]) expect(await summary(payload, XML, { blockBytes })).toBe(code);
  });

  it('[B03] a refusal quotes nothing of the payload', async () => {
    for (const raw of ['&CANARY;', '</CANARY>', '<a CANARY=1/>', '&#xCANARY;']) {
      const { problem } = await read(`<grants>${purpose(raw)}</grants>`, XML);
      expect(JSON.stringify(problem?.toDocument())).not.toContain('CANARY');
      expect(problem?.message).not.toContain('CANARY');
      expect(problem?.cause).toBeUndefined();
    }
  });
});
