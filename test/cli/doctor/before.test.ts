import { beforeAll, describe, expect, it } from 'vitest';
import { BEFORE } from '../../../cli/doctor/before/before.ts';
import { type Diagnosis, diagnose } from '../../../cli/doctor/finding.ts';
import type { Synthesized } from '../../../cli/templates/synthesized.ts';
import type { DeployedResource } from '../../../local/service.ts';
import type { TemplateDeployment } from '../../../local/template/deployment.ts';
import { configuration } from '../../infra/templates.ts';
import { alter, deploy } from '../../perimeter/deployments.ts';

type Properties = DeployedResource['properties'];

let healthy: Synthesized;
beforeAll(() => {
  const pin = { signers: ['a'.repeat(64)] };
  const config = configuration('production', {
    account: '000000000000',
    region: 'eu-central-1',
    contracts: { 'grant-submission': { ...pin, minimumVersion: 1 } },
    rulePacks: { 'grant-rules': pin },
    alarmEmail: 'night@example.org',
    detection: { guardDuty: true },
    network: { prefixLists: { s3: 'pl-63a5400a', dynamodb: 'pl-02cd2c6b' } },
  });
  healthy = { config, folder: '', deployment: { ...deploy(config), outputs: {} } };
});

const of = (found: readonly Diagnosis[], check: string): string[] =>
  found.filter((each) => each.check === check).map(({ severity }) => severity);
const changed = (logicalId: string, change: (properties: Properties) => Properties): Synthesized => ({
  ...healthy,
  deployment: alter(healthy.deployment, logicalId, change) as TemplateDeployment,
});
const given =
  (more: object) =>
  (properties: Properties): Properties => ({ ...properties, ...more });

describe('parapet doctor, of a configuration', () => {
  it('[S18] finds no problem in a whole one, and has an answer for every check', async () => {
    const found = await diagnose(BEFORE, healthy);
    expect(found.filter(({ severity }) => severity === 'problem' || severity === 'unasked')).toEqual([]);
    expect(new Set(found.map(({ check }) => check))).toEqual(new Set(BEFORE.map(({ id }) => id)));
    expect(of(found, 'configuration')).toEqual(['well']);
  });

  it('[S18] says what to do with everything that is not well', async () => {
    const bare = configuration('sandbox');
    const found = await diagnose(BEFORE, { ...healthy, config: bare });
    expect(of(found, 'configuration')).toEqual(Array(5).fill('warning'));
    expect(of(found, 'regions')).toContain('unasked');
    for (const { severity, remedy } of found) expect(remedy === undefined).toBe(severity === 'well');
  });

  it('[P14] warns of a retention that nobody can take back, and only of that', async () => {
    const warnings = (await diagnose(BEFORE, healthy)).filter(
      ({ check, severity }) => check === 'retention' && severity === 'warning',
    );
    expect(warnings).toEqual([expect.objectContaining({ what: expect.stringContaining('AuditBucket, TrailBucket') })]);
    const { audit, ...rest } = healthy.config;
    const config = { ...rest, audit: { ...audit, retentionMode: 'GOVERNANCE' as const } };
    expect(of(await diagnose(BEFORE, { ...healthy, config }), 'retention')).toEqual(['well']);
  });

  const statement = (more: object) => ({ Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', ...more }] });
  const root = { AWS: 'arn:aws:iam::000000000000:root' };

  it.each<[string, string, (properties: Properties) => Properties]>([
    ['sizes', 'FilterPermissionsChanged', given({ FilterPattern: 'x'.repeat(1025) })],
    ['sizes', 'IngestionRole', given({ Policies: [{ PolicyDocument: { Statement: [{ Sid: 'x'.repeat(10_240) }] } }] })],
    ['sizes', 'SealFunction', given({ Environment: { Variables: { LONG: 'x'.repeat(4096) } } })],
    ['names', 'ReconciliationRole', given({ RoleName: 'x'.repeat(65) })],
    ['names', 'SealRole', given({ RoleName: 'parapet-test-ingestion' })],
    ['retention', 'SealLogGroup', given({ RetentionInDays: 100 })],
    ['key-policies', 'VaultKey', given({ KeyPolicy: statement({ Principal: root, Condition: { Bool: { a: 'b' } } }) })],
    ['key-policies', 'VaultKey', given({ KeyPolicy: { Statement: [] } })],
    [
      'key-policies',
      'AuditKey',
      given({
        KeyPolicy: {
          Statement: [...statement({ Principal: root }).Statement, ...statement({ Principal: '*' }).Statement],
        },
      }),
    ],
  ])('[S18] %s: finds what is wrong with %s', async (check, logicalId, change) => {
    const found = (await diagnose(BEFORE, changed(logicalId, change))).filter(({ severity }) => severity === 'problem');
    expect(found).toEqual([expect.objectContaining({ check, what: expect.stringContaining(logicalId) })]);
  });

  it('[S18] refuses a region that the table does not know, and warns of one where services come later', async () => {
    const at = async (region: string) =>
      of(await diagnose(BEFORE, { ...healthy, config: { ...healthy.config, region } }), 'regions');
    expect(await at('eu-central-1')).toEqual(['well']);
    expect(await at('cn-north-1')).toEqual(['warning', 'well']);
    expect(await at('mars-north-1')).toEqual(['problem']);
  });

  it('[S18] does not answer for a type of resource that nobody has looked up', async () => {
    const { deployment } = healthy;
    const resources = deployment.resources.map((each) =>
      each.logicalId === 'Trail' ? { ...each, type: 'AWS::New::Thing' } : each,
    );
    const found = await diagnose(BEFORE, { ...healthy, deployment: { ...deployment, resources } });
    expect(found.filter(({ severity }) => severity === 'unasked')).toEqual([
      expect.objectContaining({ check: 'regions', what: expect.stringContaining('AWS::New::Thing') }),
    ]);
  });
});
