import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../shared/digest.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import { execute } from '../../support/memory/execution.ts';
import { entriesOfRun } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { type Ending, endingOf } from './invariants.ts';

const pack = (body: string): string => `// parapet-rule-pack grant-rules 1\n${body}`;
const rules = (name: string): string => readFileSync(join(import.meta.dirname, '../../../rules', name), 'utf8');

async function submit(
  world: World,
  body = sample({ records: 20 }).text,
): Promise<{ ending: Ending; paths: unknown[]; rules: string[] }> {
  const upload = await world.upload({ body });
  expect((await execute(world, upload)).status).toBe('SUCCEEDED');
  const run = runIdOf(upload);
  const commits = entriesOfRun(world, run).flatMap((entry) =>
    entry.action === 'chunk.committed' && entry.stage === 'processing' ? [entry] : [],
  );
  return {
    ending: await endingOf(world, run),
    paths: commits.map(({ path }) => path),
    rules: [...new Set(commits.flatMap((commit) => commit.rules))],
  };
}

describe('processing', () => {
  it.each([
    ['restriction-without-purpose', 'rule-fund-restriction'],
    ['outside-the-fiscal-year', 'rule-fiscal-year'],
    ['unregistered', 'rule-state-registration'],
    ['foreign-currency', 'rule-form-990'],
  ])('[B21] turns away a record with %s as %s', async (kind, code) => {
    const { text, records } = sample({ records: 10, faults: 0.5, kinds: [kind] });
    const { ending, paths } = await submit(await World.open(), text);
    expect(ending.quarantined).toEqual(
      records.flatMap(({ fault }, index) => (fault === undefined ? [] : [{ record: index + 1, code }])),
    );
    expect(paths).toEqual([{ engine: 'pack' }]);
  });

  it('[B13] names the contract and the pack that judged by their digests', async () => {
    const world = await World.open();
    const { rules: digests } = await submit(world);
    const contract = world.contracts.items.get('grant-submission/1')?.text ?? '';
    expect(digests).toEqual([sha256Hex(contract), sha256Hex(rules('grant-rules.v1.js'))]);
  });

  const failing: readonly (readonly [string, string])[] = [
    ['deadline', 'export function judge() { for (;;); }'],
    ['threw', 'export function judge() { throw new Error(); }'],
    ['answer', 'export function judge() { return []; }'],
    ['answer', 'export function judge(batch) { return batch.map(() => ({ errors: [] })); }'],
    ['answer', 'export function judge(batch) { return batch.map(() => ({ derived: { unheard_of: 1 } })); }'],
    ['answer', 'export function judge(batch) { return batch.map(() => ({ derived: { form990_tax_year: "2024" } })); }'],
    [
      'answer',
      'export function judge(batch) { return batch.map(({ fields }) => ({ errors: [{ code: "rule-form-990", pointer: "/ein", rule: fields.ein }] })); }',
    ],
  ];
  it.each(failing)(
    '[B12] goes to the pinned fallback with all of a chunk when the pack ends with %s: %s',
    async (packFault, body) => {
      const world = await World.open();
      await world.registerPack('grant-rules', 1, pack(body));
      const { ending, paths, rules: digests } = await submit(world);
      expect(paths).toEqual([{ engine: 'fallback', packFault }]);
      expect(ending.exported).toHaveLength(20);
      expect(digests).toContain(sha256Hex(rules('grant-rules-fallback.v1.js')));
    },
  );

  it('[B12] mixes nothing: what the pack said before it failed counts for no record of the chunk', async () => {
    const world = await World.open();
    // Fails on the second batch of 500 only, after turning all of the first away.
    const body = `export function judge(batch) {
      if (batch[0].record > 500) throw new Error();
      return batch.map(() => ({ errors: [{ code: 'rule-form-990', pointer: '', rule: 'everything' }] }));
    }`;
    await world.registerPack('grant-rules', 1, pack(body));
    const { ending, paths } = await submit(world, sample({ records: 600 }).text);
    expect(paths).toEqual([{ engine: 'fallback', packFault: 'threw' }]);
    expect(ending.exported).toHaveLength(600);
  });

  it('[B12] turns away as rule-pack-failed what neither the pack nor its fallback can judge, and nothing else', async () => {
    const world = await World.open();
    const fallback = rules('grant-rules-fallback.v1.js').replace(
      'return batch.map(',
      'if (batch.some(({ record }) => record === 510)) throw new Error(); return batch.map(',
    );
    await world.registerContract(
      world.contractText((contract) => {
        const { rulePack } = contract.submission;
        const pinned = { ...rulePack, fallback: { ...rulePack.fallback, sha256: sha256Hex(fallback) } };
        return { ...contract, submission: { ...contract.submission, rulePack: pinned } };
      }),
    );
    await world.registerPack('grant-rules', 1, pack('export function judge() { throw new Error(); }'));
    await world.registerPack('grant-rules-fallback', 1, fallback);
    const { ending, paths } = await submit(world, sample({ records: 520 }).text);
    expect(paths).toEqual([{ engine: 'fallback', packFault: 'threw', fallbackFault: 'threw' }]);
    expect(ending.exported).toHaveLength(500);
    expect(ending.quarantined.map(({ record }) => record)).toEqual(
      Array.from({ length: 20 }, (_, index) => 501 + index),
    );
    expect(new Set(ending.quarantined.map(({ code }) => code))).toEqual(new Set(['rule-pack-failed']));
  });

  it.each([
    [
      'altered',
      async (world: World) => {
        const found = world.rulePacks.items.get('grant-rules/1');
        world.rulePacks.items.set('grant-rules/1', { text: `${found?.text} `, signature: found?.signature ?? '' });
      },
    ],
    [
      'another pack, well signed',
      (world: World) => world.registerPack('grant-rules', 1, rules('grant-rules-fallback.v1.js')),
    ],
    [
      'another version, well signed',
      (world: World) =>
        world.registerPack('grant-rules', 1, rules('grant-rules.v1.js').replace('grant-rules 1', 'grant-rules 2')),
    ],
    [
      'missing',
      async (world: World) => {
        world.rulePacks.items.delete('grant-rules/1');
      },
    ],
    [
      'missing its fallback',
      async (world: World) => {
        world.rulePacks.items.delete('grant-rules-fallback/1');
      },
    ],
    [
      'given another fallback',
      (world: World) => world.registerPack('grant-rules-fallback', 1, `${rules('grant-rules-fallback.v1.js')}\n`),
    ],
  ])('[B12] runs nothing when the pack is %s', async (_what, change) => {
    const world = await World.open();
    await change(world);
    const upload = await world.upload({ body: sample({ records: 5 }).text });
    const { sealed, history } = await execute(world, upload, { retries: 0 });
    expect(sealed?.outcome).toBe('failed');
    expect(history).toContainEqual(expect.objectContaining({ error: 'rule-pack-untrusted' }));
    expect(world.buckets.working.keys('processed/')).toEqual([]);
  });

  it('[B22] shows a pack tokens, never what they stand for', async () => {
    const world = await World.open();
    const body = `export function judge(batch) {
      const bare = batch.some(({ fields }) => !/^tok_/.test(fields.contact_email) || !/^tok_/.test(fields.contact_name));
      return batch.map(() => (bare ? { errors: [{ code: 'rule-form-990', pointer: '', rule: 'saw-a-person' }] } : {}));
    }`;
    await world.registerPack('grant-rules', 1, pack(body));
    const { ending, paths } = await submit(world);
    expect(paths).toEqual([{ engine: 'pack' }]);
    expect(ending.quarantined).toEqual([]);
  });
});
