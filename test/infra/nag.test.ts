import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NagPack,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from 'cdk-nag';
import { describe, expect, it, vi } from 'vitest';
import { buildApp } from '../../infra/app.ts';
import { REASONS_METADATA } from '../../infra/constructs/grant.ts';
import { JUDGED, JUDGED_NAMES, type Judged, judgedEntries } from './judged-configurations.ts';
import { policiesOf, resourcesOf } from './templates.ts';

const WILDCARD = /^AwsSolutions-IAM5\[Resource::(.*)\]$/;
const PACKS = {
  AwsSolutions: AwsSolutionsChecks,
  'HIPAA Security': HIPAASecurityChecks,
  'NIST 800-53 R5': NIST80053R5Checks,
  'PCI DSS 3.2.1': PCIDSS321Checks,
  Serverless: ServerlessChecks,
} as const satisfies Record<string, new () => NagPack>;
type PackName = keyof typeof PACKS;

interface Finding {
  readonly rule: string;
  readonly path: string;
}

interface Judgement {
  /** What a pack finds and no construct acknowledges. */
  readonly findings: Readonly<Record<string, readonly Finding[]>>;
  /** What the packs find, acknowledged or not. */
  readonly everything: readonly Finding[];
  readonly acknowledged: readonly (Finding & { readonly because: string })[];
}

const judgements = new Map<Judged, Judgement>();

function judged(name: Judged): Judgement {
  const known = judgements.get(name);
  if (known) return known;
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-nag-'));
  try {
    const app = buildApp({ config: JUDGED[name], outdir, entries: judgedEntries, validate: false });
    app.synth();
    const names = Object.keys(PACKS) as PackName[];
    const findings = Object.fromEntries(names.map((name) => [name, found(app, name)]));
    const judges = NagPack.prototype as unknown as { isAcknowledged(): boolean };
    // The same judges, deaf to acknowledgements.
    const deaf = vi.spyOn(judges, 'isAcknowledged').mockReturnValue(false);
    const everything = names.flatMap((name) => found(app, name));
    deaf.mockRestore();
    const answer = { findings, everything, acknowledged: acknowledgements(app) };
    judgements.set(name, answer);
    return answer;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function found(app: App, pack: PackName): Finding[] {
  return new PACKS[pack]()
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({ rule: ruleName, path: constructPath ?? '' })),
    );
}

function acknowledgements(app: App): Judgement['acknowledged'] {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries<string>(data))
      .map(([rule, because]) => ({ rule: rule.replace(/^annotation::/i, ''), path: construct.node.path, because })),
  );
}

/** Resources with a wildcard in grants that state their reason, by construct path, as cdk-nag writes them. */
function reasonedWildcards(name: Judged): Set<string> {
  const found = new Set<string>();
  for (const owner of resourcesOf(JUDGED[name], judgedEntries).filter(({ Metadata }) => REASONS_METADATA in Metadata)) {
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

describe.each(JUDGED_NAMES)('cdk-nag on a deployment: %s', (name) => {
  it.each(Object.keys(PACKS) as PackName[])(
    '%s finds nothing that is not acknowledged where it stands, wildcards of resources aside',
    (pack) => {
      expect(judged(name).findings[pack]?.filter(({ rule }) => !WILDCARD.test(rule))).toEqual([]);
    },
  );

  it('finds a wildcard of a resource only in a grant that states its reason', () => {
    const reasoned = reasonedWildcards(name);
    const wild = (judged(name).findings.AwsSolutions ?? []).filter(({ rule }) => WILDCARD.test(rule));
    expect(wild.length).toBeGreaterThan(0);
    const unreasoned = wild
      .map(({ rule, path }) => `${path} ${WILDCARD.exec(rule)?.[1]}`)
      .filter((finding) => !reasoned.has(finding));
    expect(unreasoned).toEqual([]);
  });

  it('reads a reason in every acknowledgement, none at a whole stack, and none that answers no finding', () => {
    const { acknowledged, everything } = judged(name);
    expect(acknowledged.filter(({ because }) => because.split(' ').length < 5)).toEqual([]);
    expect(acknowledged.filter(({ path }) => !path.includes('/'))).toEqual([]);
    const idle = acknowledged.filter(({ rule, path }) => {
      return !everything.some((finding) => finding.rule === rule && `${finding.path}/`.startsWith(`${path}/`));
    });
    expect(idle).toEqual([]);
  });
});
