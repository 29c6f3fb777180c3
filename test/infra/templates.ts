/** The templates under test, synthesized once per profile, with the smallest handler in every stage's place. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../infra/app.ts';
import type { Entries } from '../../infra/bundle.ts';
import { type DeploymentConfiguration, parseConfiguration } from '../../infra/config.ts';
import { SWEPT } from './sweep-configuration.ts';

const handler = join(import.meta.dirname, 'fixtures', 'handler.ts');
export const fixtureEntries = {
  'sweep-plan': handler,
  'sweep-hash': handler,
  'sweep-compare': handler,
  'sweep-locate': handler,
  'sweep-report': handler,
  ingestion: handler,
  reconciliation: handler,
  processing: handler,
  egress: handler,
  seal: handler,
  custody: handler,
  'salt-rotation': handler,
  'database-rotation': handler,
};

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly Metadata: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy: string | undefined;
  readonly DependsOn?: string | readonly string[];
}

/** `sweeping`: production, with a sweep. */
export type Profile = 'sandbox' | 'production' | 'sweeping';

export function configuration(profile: Profile, more: Readonly<Record<string, unknown>> = {}): DeploymentConfiguration {
  const given = profile === 'sweeping' ? { profile: 'production', ...SWEPT } : { profile };
  return parseConfiguration({ deployment: 'test', ...given, ...more });
}

interface Template {
  readonly Resources: Record<string, Omit<Resource, 'stack' | 'id'>>;
}

/** Every resource of every stack. */
export function resourcesOf(config: DeploymentConfiguration, entries: Entries = fixtureEntries): Resource[] {
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-synth-'));
  try {
    return synthesize({ config, outdir, entries }).stacks.flatMap(({ name, templateFile }) => {
      const template: Template = JSON.parse(readFileSync(templateFile, 'utf8'));
      return Object.entries(template.Resources).map(([id, resource]) => ({
        ...resource,
        stack: name,
        id,
        Properties: resource.Properties ?? {},
        Metadata: resource.Metadata ?? {},
      }));
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const synthesized = new Map<Profile, readonly Resource[]>();

export function resources(profile: Profile, type?: string): readonly Resource[] {
  const known = synthesized.get(profile) ?? resourcesOf(configuration(profile));
  synthesized.set(profile, known);
  return type === undefined ? known : known.filter((resource) => resource.Type === type);
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Policy {
  readonly Statement: readonly Statement[];
}

/** Every policy document anywhere inside a resource, with where it stands. */
export function policiesOf(resource: Resource): { where: string; policy: Policy }[] {
  const found: { where: string; policy: Policy }[] = [];
  const walk = (value: unknown, where: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isPolicy(value)) found.push({ where, policy: value });
    else for (const [name, member] of Object.entries(value)) walk(member, `${where}/${name}`);
  };
  walk(resource.Properties, resource.id);
  return found;
}

function isPolicy(value: object): value is Policy {
  return 'Statement' in value && Array.isArray(value.Statement);
}

export const actionsOf = (statement: Statement): readonly string[] =>
  typeof statement.Action === 'string' ? [statement.Action] : statement.Action;
