import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIAGRAM_TITLE } from '../../cli/commands/diagram.ts';
import { draw } from '../../cli/diagram/draw.ts';
import { drawingOf } from '../../cli/diagram/model.ts';
import { synthesize } from '../../infra/app.ts';
import { loadConfiguration } from '../../infra/config.ts';
import type { Deployment } from '../../local/service.ts';
import { readDeployment } from '../../local/template/deployment.ts';
import { judgedEntries } from '../infra/judged-configurations.ts';
import { alter } from '../perimeter/deployments.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const outdir = mkdtempSync(join(tmpdir(), 'parapet-diagram-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

let deployment: Deployment;
beforeAll(() => {
  const config = loadConfiguration(join(DOCS, 'architecture.config.json'));
  synthesize({ config, outdir, entries: judgedEntries });
  deployment = readDeployment(outdir);
});

describe('the drawing of the architecture', () => {
  it('is what the templates draw: npm run diagram draws it again', () => {
    const file = readFileSync(join(DOCS, 'architecture.svg'), 'utf8');
    expect(file === draw(drawingOf(deployment), DIAGRAM_TITLE)).toBe(true);
  });

  it('shows every function, machine, bucket, table and secret of the templates, each once', () => {
    const { flows, buckets, tables, secrets } = drawingOf(deployment);
    const count = (type: string): number => deployment.ofType(type).length;
    const functions = flows.flatMap((flow) => flow.functions.map(({ name }) => name));
    expect(functions).toHaveLength(count('AWS::Lambda::Function'));
    expect(new Set(functions).size).toBe(functions.length);
    expect(flows.length).toBeGreaterThanOrEqual(count('AWS::StepFunctions::StateMachine'));
    expect(buckets).toHaveLength(count('AWS::S3::Bucket'));
    expect(tables).toHaveLength(count('AWS::DynamoDB::Table'));
    expect(secrets).toHaveLength(count('AWS::SecretsManager::Secret'));
  });

  it('says of a function what its role says, and no longer what was taken from it', () => {
    const egress = (from: Deployment) =>
      drawingOf(from)
        .flows.flatMap((flow) => flow.functions)
        .find(({ name }) => name === 'egress');
    expect(egress(deployment)).toMatchObject({
      reads: expect.arrayContaining(['vault', 'subject keys', 'destinations']),
      writes: expect.arrayContaining(['exports', 'audit']),
    });
    expect(egress(alter(deployment, 'EgressRole', (properties) => ({ ...properties, Policies: [] })))).toEqual({
      name: 'egress',
      reads: [],
      writes: [],
      signs: [],
    });
  });
});
