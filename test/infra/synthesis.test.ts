import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../infra/app.ts';
import { configuration, fixtureEntries, resources } from './templates.ts';

const PROFILES = ['sandbox', 'production'] as const;
const STACKS = ['parapet-test-foundation', 'parapet-test-submission', 'parapet-test-oversight'];

let outdir: string;
beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), 'parapet-synthesis-'));
});
afterAll(() => {
  rmSync(outdir, { recursive: true, force: true });
});

describe.each(PROFILES)('synthesis of the profile %s', (profile) => {
  it('gives its stacks without an account', () => {
    expect([...new Set(resources(profile).map(({ stack }) => stack))]).toEqual(STACKS);
  });

  it('passes CloudFormation’s own schemas', () => {
    const app = buildApp({ config: configuration(profile), outdir: join(outdir, profile), entries: fixtureEntries });
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(STACKS);
  });

  it('asks AWS nothing for a given account and region either, and has no stack that needs one after it', () => {
    const config = configuration(profile, { account: '123456789012', region: 'eu-central-1' });
    const assembly = buildApp({
      config,
      outdir: join(outdir, `${profile}-given`),
      entries: fixtureEntries,
      validate: false,
    }).synth();
    expect(assembly.manifest.missing).toBeUndefined();
    expect(assembly.stacks.map(({ environment }) => environment.name)).toEqual(
      Array(3).fill('aws://123456789012/eu-central-1'),
    );
    const needs = assembly.stacks.map((stack) =>
      stack.dependencies.map(({ id }) => id).filter((id) => !id.endsWith('.assets')),
    );
    expect(needs).toEqual([[], ['Foundation'], ['Foundation', 'Submission']]);
  });

  it('has no cycle inside a stack, which CloudFormation would find only at the deployment', () => {
    for (const stack of STACKS) {
      const inside = new Map(
        resources(profile)
          .filter((each) => each.stack === stack)
          .map((each) => [each.id, each]),
      );
      const open = new Set<string>();
      const closed = new Set<string>();
      const visit = (id: string): void => {
        const resource = inside.get(id);
        if (resource === undefined || closed.has(id)) return;
        expect([...open], `${stack}: a cycle through ${id}`).not.toContain(id);
        open.add(id);
        for (const other of referencesIn([resource.Properties, { DependsOn: resource.DependsOn }])) visit(other);
        open.delete(id);
        closed.add(id);
      };
      for (const id of inside.keys()) visit(id);
      expect(closed.size).toBe(inside.size);
    }
  });
});

describe('the two profiles', () => {
  it('differ in custom resources: only a sandbox has CDK’s provider that empties buckets', () => {
    const custom = (profile: (typeof PROFILES)[number]) =>
      resources(profile).filter(({ Type }) => Type.startsWith('Custom::'));
    expect(new Set(custom('sandbox').map(({ Type }) => Type))).toEqual(new Set(['Custom::S3AutoDeleteObjects']));
    expect(custom('production')).toEqual([]);
  });

  it('takes partners’ buckets, uploaders, prefix lists and an address for alarms', () => {
    const config = configuration('production', {
      alarmEmail: 'night@example.org',
      uploaders: ['arn:aws:iam::123456789012:role/portal'],
      network: { prefixLists: { s3: 'pl-63a5400a', dynamodb: 'pl-02cd2c6b' } },
      partnerExportBuckets: [
        {
          name: 'partner-drop',
          account: '210987654321',
          keyArn: 'arn:aws:kms:us-east-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        },
      ],
    });
    const app = buildApp({ config, outdir: join(outdir, 'options'), entries: fixtureEntries, validate: false });
    const text = app
      .synth()
      .stacks.map(({ templateFullPath }) => readFileSync(templateFullPath, 'utf8'))
      .join('');
    for (const part of ['night@example.org', 'role/portal', 'partner-drop/*', '210987654321', 'pl-63a5400a'])
      expect(text).toContain(part);
    expect(text).not.toContain('Wherever a route leads');
  });
});

/** Logical ids that a value refers to. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'Ref') return [String(member)];
    if (name === 'Fn::GetAtt') return [String(Array.isArray(member) ? member[0] : member).split('.')[0] ?? ''];
    if (name === 'DependsOn') return Array.isArray(member) ? member.map(String) : [String(member)];
    return referencesIn(member);
  });
}
