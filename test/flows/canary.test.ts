import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storedVersions } from './inspect.ts';
import { grants, startFlow } from './support.ts';

const PEOPLE = ['Quillon Zarathustra-Xylo', 'Perpetua Vantablack-Oum'];
const ADDRESSES = ['canary-a7f3@quillon.example', 'canary-b8e4@perpetua.example'];
/** Beside the personal fields: a payload is no more for a log than a person is. */
const PAYLOAD = 'Canary purpose 5d1c9e, restricted to the aviary programme';

/** The forms in which a text could leak: as it is, in JSON, in base64 of each alignment, in hex, in a URL. */
function formsOf(text: string): Buffer[] {
  const plain = Buffer.from(text);
  const base64 = [0, 1, 2].map((skip) =>
    plain.subarray(skip, skip + Math.floor((plain.length - skip) / 3) * 3).toString('base64'),
  );
  const texts = [text, encodeURIComponent(text), plain.toString('hex'), ...base64];
  return [...texts.map((each) => Buffer.from(each)), Buffer.from(text, 'utf16le')];
}

const NEEDLES = [...PEOPLE, ...ADDRESSES, PAYLOAD].flatMap(formsOf);
const finds = (bytes: Buffer): boolean => NEEDLES.some((needle) => bytes.includes(needle));

describe('a canary', () => {
  it('[B03] [B04] [P10] [S16] finds planted values nowhere but in encrypted objects, and there only where they belong', async () => {
    const flow = await startFlow();
    try {
      const [header = '', first = ''] = grants('csv', { records: 1 }).content.split('\r\n');
      const columns = header.split(',');
      const planted = (index: number, over: Record<string, string> = {}): string =>
        first
          .split(',')
          .map((cell, column) => {
            const name = columns[column] ?? '';
            const values: Record<string, string> = {
              submission_ref: `CANARY-${index}`,
              contact_name: PEOPLE[index % 2] ?? '',
              contact_email: ADDRESSES[index % 2] ?? '',
              purpose: `"${PAYLOAD}"`,
              ...over,
            };
            return values[name] ?? cell;
          })
          .join(',');
      const csv = (...rows: string[]): string => [header, ...rows, ''].join('\r\n');
      // Good, wrong in every stage, broken as a record and as a file, and with a person where a name should be.
      const files: [string, string, ((token: string) => string | undefined)?][] = [
        ['good.csv', csv(planted(0), planted(1))],
        ['invalid.csv', csv(planted(0), planted(1, { contact_email: `${ADDRESSES[1]} <${PEOPLE[1]}>` }))],
        ['unknown-grant.csv', csv(planted(0), planted(1, { grant_id: 'GRA-9999' }))],
        ['malformed.csv', csv(planted(0), `${planted(1)},${PEOPLE[0]}`)],
        ['header.csv', csv(planted(0)).replace('contact_name', `"${PEOPLE[0]}"`)],
        ['truncated.csv', `${csv(planted(0))}"${PEOPLE[1]}`],
        ['no-token.csv', csv(planted(0)), () => undefined],
        ['bad-token.csv', csv(planted(0)), (token) => `${token.slice(0, -4)}AAAA`],
      ];
      for (const [name, content, tamper] of files) {
        const { run } = await flow.submit(name, content, { contentType: 'text/csv', ...(tamper ? { tamper } : {}) });
        await flow.settle(run);
      }
      await flow.cloud.idle();
      const histories = flow.cloud.executions().flatMap(({ arn }) => flow.cloud.history(arn));
      expect(histories.length).toBeGreaterThan(50);
      expect(finds(Buffer.from(JSON.stringify(histories)))).toBe(false);
      await flow.stop();

      const cloudFolder = join(flow.folder, 'cloud');
      const disk = readdirSync(cloudFolder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(cloudFolder, name))
        .filter((file) => statSync(file).isFile());
      expect(disk.filter((file) => finds(readFileSync(file)))).toEqual([]);
      expect(disk.some((file) => file.endsWith('.log'))).toBe(true);

      const objects = await storedVersions(cloudFolder, flow.cloud.deployment);
      expect(objects.filter(({ key }) => finds(Buffer.from(key)))).toEqual([]);
      const names = flow.connection.buckets;
      const holding = new Set(
        objects.filter(({ bytes }) => finds(bytes)).map(({ bucket, key }) => placeOf(names, bucket, key)),
      );
      // Exports are what was asked for; refused uploads lie unread in quarantine. The purpose, which is no personal field,
      // travels in the chunks; nothing else of the planted values does.
      expect([...holding].toSorted()).toEqual(['exports', 'quarantine/uploads', 'working']);
      const working = objects.filter(({ bucket, key }) => placeOf(names, bucket, key) === 'working');
      const personal = [...PEOPLE, ...ADDRESSES].flatMap(formsOf);
      expect(
        working.filter(({ bytes }) => personal.some((needle) => bytes.includes(needle))).map(({ key }) => key),
      ).toEqual([]);
      expect(working.length).toBeGreaterThan(5);
    } finally {
      await flow.remove();
    }
  });
});

function placeOf(names: Record<string, string>, bucket: string, key: string): string {
  const known =
    Object.entries(names).find(([, name]) => name === bucket)?.[0] ??
    (/^(ingested|reconciled|processed)\//.test(key) ? 'working' : 'other');
  return known === 'quarantine' ? `quarantine/${key.split('/')[0]}` : known;
}
