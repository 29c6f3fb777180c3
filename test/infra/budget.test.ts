import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../infra/app.ts';
import { validateDefinition } from '../../local/states/validation.ts';
import { readDeployment } from '../../local/template/deployment.ts';
import { JUDGED, JUDGED_NAMES, judgedEntries } from './judged-configurations.ts';

/**
 * Of what CloudFormation takes (500 resources, 1 MB and 200 outputs a stack), no more than leaves room for what a deployment
 * adds in its own branch. The templates are counted as CDK writes them, indented: nearly half of the bytes are white space. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const BUDGET = { resources: 150, bytes: 500_000, outputs: 120 } as const;

interface Stack {
  readonly name: string;
  readonly bytes: number;
  readonly resources: number;
  readonly outputs: number;
  /** Names of the stacks that it waits for. */
  readonly waitsFor: readonly string[];
  /** Names of the stacks whose exports it imports. */
  readonly takesFrom: readonly string[];
}

interface Template {
  readonly Resources: Record<string, unknown>;
  readonly Outputs?: Record<string, { readonly Export?: { readonly Name: string } }>;
}

describe.each(JUDGED_NAMES)('the stacks of a deployment: %s', (name) => {
  let outdir: string;
  let stacks: readonly Stack[];

  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), 'parapet-budget-'));
    const { assembly } = synthesize({ config: JUDGED[name], outdir, entries: judgedEntries });
    stacks = measured(assembly.stacks);
  });
  afterAll(() => {
    rmSync(outdir, { recursive: true, force: true });
  });

  it('stay within their budget of resources, bytes and outputs', () => {
    for (const { name, resources, bytes, outputs } of stacks) {
      expect(resources, `${name}: resources`).toBeLessThanOrEqual(BUDGET.resources);
      expect(bytes, `${name}: bytes`).toBeLessThanOrEqual(BUDGET.bytes);
      expect(outputs, `${name}: outputs`).toBeLessThanOrEqual(BUDGET.outputs);
    }
  });

  it('wait for no stack of which they need nothing, so that the others deploy beside each other', () => {
    for (const { name, waitsFor, takesFrom } of stacks) expect([name, ...waitsFor]).toEqual([name, ...takesFrom]);
  });

  it('have an order: none waits for itself by way of others, and no chain is longer than three', () => {
    const depth = (name: string, path: readonly string[]): number => {
      expect(path, `a cycle through ${name}`).not.toContain(name);
      const stack = stacks.find((each) => each.name === name);
      return 1 + Math.max(0, ...(stack?.waitsFor ?? []).map((each) => depth(each, [...path, name])));
    };
    for (const { name } of stacks) expect(depth(name, [])).toBeLessThanOrEqual(3);
  });

  it('hold no state machine that the public validator of its language refuses', async () => {
    const machines = readDeployment(outdir).resources.filter(({ type }) => type === 'AWS::StepFunctions::StateMachine');
    expect(machines.length).toBeGreaterThanOrEqual(2);
    for (const { logicalId, properties } of machines) {
      await validateDefinition(logicalId, String(properties.DefinitionString));
    }
  });
});

function measured(artifacts: readonly CloudFormationStackArtifact[]): Stack[] {
  const read = artifacts.map((artifact) => {
    const text = readFileSync(artifact.templateFullPath, 'utf8');
    const template: Template = JSON.parse(text);
    const exported = Object.values(template.Outputs ?? {}).flatMap(({ Export }) => Export?.Name ?? []);
    return { artifact, text, template, exported };
  });
  const idsOf = new Map(artifacts.map(({ id, stackName }) => [id, stackName]));
  return read.map(({ artifact, text, template }) => ({
    name: artifact.stackName,
    bytes: Buffer.byteLength(text),
    resources: Object.keys(template.Resources).length,
    outputs: Object.keys(template.Outputs ?? {}).length,
    waitsFor: artifact.dependencies.flatMap(({ id }) => idsOf.get(id) ?? []).sort(),
    takesFrom: read
      .filter(({ exported }) => exported.some((name) => text.includes(`"Fn::ImportValue": "${name}"`)))
      .map((other) => other.artifact.stackName)
      .sort(),
  }));
}
