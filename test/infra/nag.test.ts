import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../infra/app.ts';
import { REASONS_METADATA } from '../../infra/constructs/grant.ts';
import { configuration, fixtureEntries, type Profile, policiesOf, resources } from './templates.ts';

const WILDCARD = /^AwsSolutions-IAM5\[Resource::(.*)\]$/;

/** What the rule pack finds and no construct acknowledges, as `rule at path`. */
function findings(profile: Profile): { rule: string; path: string }[] {
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-nag-'));
  try {
    const app = buildApp({ config: configuration(profile), outdir, entries: fixtureEntries, validate: false });
    const pack = new AwsSolutionsChecks(app);
    app.synth();
    return pack
      .validate({ templatePaths: [], stackTemplates: [], appConstruct: app })
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => ({ rule: ruleName, path: constructPath ?? '' })),
      );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Resources with a wildcard in grants that state their reason, by construct path, as cdk-nag writes them. */
function reasonedWildcards(profile: Profile): Set<string> {
  const found = new Set<string>();
  for (const owner of resources(profile).filter(({ Metadata }) => REASONS_METADATA in Metadata)) {
    for (const { policy } of policiesOf(owner)) {
      for (const { Effect, Sid, Resource } of policy.Statement) {
        if (Effect !== 'Allow' || Sid === undefined) continue;
        for (const resource of Array.isArray(Resource) ? Resource : [Resource]) {
          found.add(`${String(owner.Metadata['aws:cdk:path'])} ${flat(resource)}`);
        }
      }
    }
  }
  return found;
}

function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Fn::Join' && Array.isArray(argument)) return argument[1].map(flat).join('');
  if (name === 'Fn::ImportValue') return String(argument);
  return `<${Array.isArray(argument) ? argument.join('.') : String(argument)}>`;
}

describe.each(['sandbox', 'production'] as const)('cdk-nag’s AwsSolutions on the profile %s', (profile) => {
  it('finds nothing that is not acknowledged where it stands, wildcards of resources aside', () => {
    expect(findings(profile).filter(({ rule }) => !WILDCARD.test(rule))).toEqual([]);
  });

  it('finds a wildcard of a resource only in a grant that states its reason', () => {
    const reasoned = reasonedWildcards(profile);
    const wild = findings(profile).filter(({ rule }) => WILDCARD.test(rule));
    expect(wild.length).toBeGreaterThan(0);
    const unreasoned = wild
      .map(({ rule, path }) => `${path} ${WILDCARD.exec(rule)?.[1]}`)
      .filter((finding) => !reasoned.has(finding));
    expect(unreasoned).toEqual([]);
  });
});
