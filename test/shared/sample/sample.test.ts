import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../../cli/commands/generate.ts';
import { SANDBOX_LIMITS, Sandbox } from '../../../functions/submission/processing/sandbox.ts';
import { crossReference } from '../../../functions/submission/reconciliation/cross-reference.ts';
import { parseLedger } from '../../../shared/contract/reference.ts';
import type { ContractRecord, MediaType } from '../../../shared/contract/schema.ts';
import { Verdicts } from '../../../shared/rule-pack.ts';
import { SAMPLE_FAULTS } from '../../../shared/sample/faults.ts';
import { hostileSamples } from '../../../shared/sample/hostile.ts';
import { seededRandom } from '../../../shared/sample/random.ts';
import { type SampledRecord, type SampleOptions, sampleRecords, sampleText } from '../../../shared/sample/sample.ts';
import { contract, goodRecord, ROOT } from '../contract/reference.ts';
import { FORMATS, read } from '../reading/payload.ts';

const ledger = parseLedger(readFileSync(join(ROOT, 'contracts', 'reference', 'ledger.json'), 'utf8'));
const reference = {
  grantors: new Map(ledger.grantors.map((grantor) => [grantor.id, grantor])),
  grants: new Map(ledger.grants.map((grant) => [grant.id, grant])),
};
const pack = readFileSync(join(ROOT, 'rules', 'grant-rules.v1.js'), 'utf8');
const options: SampleOptions = { contract, ledger, format: 'ndjson', records: 200, seed: 'a', faults: 0, contacts: 7 };

/** `<boundary> <code> <pointer>` of what the flow's own parts find first in each record, or `ok`. */
async function judged(text: string, mediaType: MediaType): Promise<string[]> {
  using sandbox = await Sandbox.open(pack, SANDBOX_LIMITS, () => 0);
  const result = await read(text, mediaType);
  expect(result.refused).toBeUndefined();
  return result.records.map(({ record, value, problems }) => {
    if (problems !== undefined) return `ingestion ${problems[0]?.code} ${problems[0]?.pointer}`;
    const [mismatch] = crossReference({ record, fields: value }, contract, reference);
    if (mismatch !== undefined) return `reconciliation ${mismatch.code} ${mismatch.pointer}`;
    return rule(sandbox, value) ?? 'ok';
  });
}

function rule(sandbox: Sandbox, fields: ContractRecord): string | undefined {
  const answer = sandbox.judge(JSON.stringify([{ record: 1, fields }]), JSON.stringify(contract.submission.rules));
  const [verdict] = Verdicts.parse(JSON.parse(answer));
  if (verdict === undefined || !('errors' in verdict)) return undefined;
  return `processing ${verdict.errors[0]?.code} ${verdict.errors[0]?.pointer}`;
}

describe('sample records', () => {
  it.each(FORMATS)('[B06] pass every boundary in $format', async ({ format, mediaType }) => {
    const text = [...sampleText({ ...options, format, records: 400 })].join('');
    expect(await judged(text, mediaType)).toEqual(Array(400).fill('ok'));
  });

  it.each(FORMATS)(
    '[B02] [B10] [B21] fail in $format where and how their fault says',
    async ({ format, mediaType }) => {
      const seen: SampledRecord[] = [];
      const faulty = { ...options, format, records: 200, faults: 0.5 };
      const text = [...sampleText(faulty, (sampled) => seen.push(sampled))].join('');
      const expected = seen.map(({ fault }) => (fault ? `${fault.boundary} ${fault.code} ${fault.pointer}` : 'ok'));
      expect(await judged(text, mediaType)).toEqual(expected);
      expect(expected.filter((item) => item !== 'ok')).toHaveLength(100);
      const kinds = new Set(seen.flatMap(({ fault }) => fault?.kind ?? []));
      expect([...kinds]).toEqual(
        SAMPLE_FAULTS.filter((fault) => fault.formats.includes(format)).map(({ kind }) => kind),
      );
    },
  );

  it('repeat themselves, and a longer file begins with a shorter one', () => {
    const of = (over: Partial<SampleOptions>): string[] => [...sampleText({ ...options, ...over })];
    expect(of({})).toEqual(of({}));
    expect(of({ records: 300 }).slice(0, 200)).toEqual(of({}).slice(0, 200));
    expect(of({ seed: 'b' })).not.toEqual(of({}));
  });

  it('have as many people behind them as asked for', () => {
    const records = [...sampleRecords({ ...options, records: 500 })].map(({ record }) => record);
    expect(new Set(records.map((record) => record.contact_email)).size).toBe(7);
    expect(new Set(records.map((record) => record.submission_ref)).size).toBe(500);
  });

  it('are never chosen by a chance that leaves a value out', () => {
    const random = seededRandom('x');
    const counts = Array(10).fill(0);
    for (let index = 0; index < 10_000; index += 1) counts[random.below(10)] += 1;
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });

  it.each([
    ['a share that is none', { faults: 1.5 }],
    ['a kind that is none', { kinds: ['nonsense'] }],
    ['kinds that the format cannot carry', { kinds: ['wrong-type'], format: 'csv' } as const],
  ])('refuse %s', (_, over) => {
    expect(() => [...sampleRecords({ ...options, ...over })]).toThrowError(
      expect.objectContaining({ code: 'usage-invalid' }),
    );
  });
});

describe('hostile samples', () => {
  const byExtension = new Map<string, MediaType>(FORMATS.map(({ format, mediaType }) => [format, mediaType]));

  it.each(hostileSamples(contract, goodRecord()))(
    '[B02] $name: what it says becomes of it',
    async ({ extension, refused, records, bytes }) => {
      const source = (async function* () {
        for (const piece of bytes()) yield Buffer.from(piece);
      })();
      const result = await read(source, byExtension.get(extension) ?? 'text/csv');
      expect(result.refused).toBe(refused);
      if (records !== undefined) {
        expect(result.records.map(({ problems }) => problems?.[0]?.code ?? 'ok')).toEqual(records);
      }
    },
  );
});

describe('parapet generate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-generate-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...given: readonly string[]) => command.parseAsync(given, { from: 'user' });

  it('[B06] writes what the generator makes', async () => {
    const out = join(folder, 'sample.csv');
    await run('--records', '1000', '--faults', '0.1', '--seed', 'cli', '--contacts', '50', '--out', out);
    const made = [...sampleText({ ...options, format: 'csv', records: 1000, faults: 0.1, seed: 'cli', contacts: 50 })];
    expect(readFileSync(out, 'utf8')).toBe(made.join(''));
  });

  it('does not replace a file unless told to', async () => {
    const out = join(folder, 'kept.csv');
    writeFileSync(out, 'kept');
    await expect(run('--out', out)).rejects.toMatchObject({ code: 'usage-invalid' });
    expect(readFileSync(out, 'utf8')).toBe('kept');
    await run('--records', '1', '--out', out, '--force');
    expect(readFileSync(out, 'utf8')).not.toBe('kept');
  });

  it('refuses to mix its report with the sample', async () => {
    await expect(run('--json', '--out', '-')).rejects.toMatchObject({ code: 'usage-invalid' });
  });
});
