/** Each format's public parser with nothing else: what ingestion is measured against. Each returns how many records it saw. */
import { once } from 'node:events';
import { parse } from 'csv-parse';
import { SaxesParser } from 'saxes';
import type { SampleFormat } from '../shared/sample/write.ts';

type Chunks = AsyncIterable<Uint8Array>;

export const PARSERS: Readonly<Record<SampleFormat, (chunks: Chunks) => Promise<number>>> = {
  /** csv-parse, its rows as arrays. */
  async csv(chunks) {
    const parser = parse({ record_delimiter: ['\r\n', '\n'] });
    let rows = 0;
    parser.on('data', () => {
      rows += 1;
    });
    const ended = once(parser, 'end');
    for await (const chunk of chunks) if (!parser.write(chunk)) await once(parser, 'drain');
    parser.end();
    await ended;
    return rows - 1;
  },
  /** saxes, gathering each element's text into an object per record. */
  async xml(chunks) {
    const parser = new SaxesParser({ position: false });
    const decoder = new TextDecoder();
    let records = 0;
    let text = '';
    let record: Record<string, string> = {};
    parser.on('opentag', () => {
      text = '';
    });
    parser.on('text', (more) => {
      text += more;
    });
    parser.on('closetag', ({ name }) => {
      if (name === 'grant') {
        records += 1;
        record = {};
      } else record[name] = text;
    });
    for await (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }));
    parser.close();
    return records;
  },
  /** JSON.parse of the whole file: it has no streaming form, and so all of the file in memory. */
  async json(chunks) {
    const gathered: Uint8Array[] = [];
    for await (const chunk of chunks) gathered.push(chunk);
    const document: unknown = JSON.parse(Buffer.concat(gathered).toString('utf8'));
    return Array.isArray(document) ? document.length : 0;
  },
  /** JSON.parse line by line. */
  async ndjson(chunks) {
    const decoder = new TextDecoder();
    let records = 0;
    let rest = '';
    for await (const chunk of chunks) {
      const text = rest + decoder.decode(chunk, { stream: true });
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        if (typeof JSON.parse(text.slice(from, end)) === 'object') records += 1;
        from = end + 1;
      }
      rest = text.slice(from);
    }
    return records;
  },
};
