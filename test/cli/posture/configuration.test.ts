import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../../cli/exit-codes.ts';
import { readAttestations } from '../../../cli/posture/attestations.ts';
import { CHECKLIST, type JudgedRow, judge } from '../../../cli/posture/judge.ts';
import type { View } from '../../../cli/posture/row.ts';
import { loadConfiguration } from '../../../infra/config.ts';
import type { DeployedResource } from '../../../local/service.ts';
import type { TemplateDeployment } from '../../../local/template/deployment.ts';
import { configuration, type Profile } from '../../infra/templates.ts';
import { alter, deploy } from '../../perimeter/deployments.ts';
import { jsonOf, parapet } from '../run.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ALL = CHECKLIST.flatMap(({ rows }) => rows);
const room = mkdtempSync(join(tmpdir(), 'parapet-posture-'));
afterAll(() => rmSync(room, { recursive: true, force: true }));

const views = new Map<Profile, View>();
beforeAll(() => {
  for (const profile of ['sandbox', 'production'] as const) {
    const config = configuration(profile, profile === 'production' ? { detection: { guardDuty: true } } : {});
    const folder = join(room, profile);
    mkdirSync(folder);
    views.set(profile, { config, folder, root: ROOT, deployment: { ...deploy(config), outputs: {} } });
  }
});

function view(profile: Profile): View {
  const made = views.get(profile);
  if (made === undefined) throw new Error(profile);
  return made;
}

const rowOf = (rows: readonly JudgedRow[], id: string): JudgedRow => {
  const row = rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
};

describe('[P25] the production checklist against a configuration', () => {
  it('[P25] has every row of the document, each with an answer, a reason and a name of its own', async () => {
    const rows = await judge(view('production'));
    expect(CHECKLIST.map(({ title, rows: each }) => [title, each.length])).toEqual([
      ['Secrets & Access', 6],
      ['Encryption & Network', 6],
      ['Logging & Monitoring', 6],
      ['Compliance & Documentation', 6],
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(24);
    expect(rows.filter(({ because }) => because.length < 20)).toEqual([]);
    expect(rows.filter(({ state, seen }) => state === 'pass' && seen.length === 0)).toEqual([]);
  });

  it('[P25] [P21] passes what the production templates hold', async () => {
    const rows = await judge(view('production'));
    const passed = rows.filter(({ state }) => state === 'pass').map(({ id }) => id);
    expect(passed).toEqual(
      expect.arrayContaining([
        'no-hardcoded-secrets',
        'secrets-in-manager',
        'least-privilege',
        'mfa',
        'buckets-encrypted',
        'databases-encrypted',
        'databases-over-tls',
        'private-subnets',
        'security-groups',
        'personal-columns',
        'trail-of-all-regions',
        'object-events',
        'application-audit',
        'failed-log-ins',
        'audit-retention',
        'threat-detection',
        'classification',
      ]),
    );
  });

  it('[P25] fails a sandbox for the day that its audit log is kept', async () => {
    expect(rowOf(await judge(view('sandbox')), 'audit-retention')).toMatchObject({ state: 'fail' });
  });

  it('[P25] asks for six years where the configuration names HIPAA, and for the agreement', async () => {
    const { config, ...rest } = view('production');
    const regimes = configuration('production', { auditRegimes: ['hipaa'] });
    const rows = await judge({ ...rest, config: regimes });
    expect(rowOf(rows, 'audit-retention')).toMatchObject({ state: 'pass', because: expect.stringContaining('2192') });
    expect(rowOf(rows, 'hipaa-agreement').state).toBe('not-checked');
    const short = { ...regimes, audit: { ...regimes.audit, retentionDays: 1500 } };
    expect(rowOf(await judge({ ...rest, config: short }), 'audit-retention').state).toBe('fail');
    expect(rowOf(await judge({ ...rest, config }), 'hipaa-agreement').state).toBe('not-applicable');
  });

  const without =
    (...names: readonly string[]) =>
    (properties: DeployedResource['properties']) =>
      Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
  const given = (more: object) => (properties: DeployedResource['properties']) => ({ ...properties, ...more });
  const anybody = { Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' } }] };
  const everything = { Statement: [{ Sid: 'All', Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::x' }] };

  it.each<[string, string, (properties: DeployedResource['properties']) => Readonly<Record<string, unknown>>]>([
    ['secrets-in-manager', 'TokenSalts', given({ SecretString: 'in the template' })],
    ['secrets-in-manager', 'TokenSalts', without('KmsKeyId')],
    ['least-privilege', 'IngestionRole', without('PermissionsBoundary')],
    ['least-privilege', 'OperatorRole', given({ Policies: [{ PolicyName: 'access', PolicyDocument: everything }] })],
    ['mfa', 'OperatorRole', given({ AssumeRolePolicyDocument: anybody })],
    ['buckets-encrypted', 'VaultBucket', without('BucketEncryption')],
    ['databases-encrypted', 'RunsTable', without('SSESpecification')],
    ['databases-over-tls', 'RunsTable', without('ResourcePolicy')],
    ['private-subnets', 'IsolatedSubnet1', given({ MapPublicIpOnLaunch: true })],
    ['private-subnets', 'SealFunction', without('VpcConfig')],
    ['security-groups', 'SealGroup', given({ SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0', FromPort: 22 }] })],
    ['trail-of-all-regions', 'Trail', given({ IsMultiRegionTrail: false })],
    ['trail-of-all-regions', 'Trail', without('KMSKeyId')],
    ['object-events', 'Trail', given({ AdvancedEventSelectors: [] })],
    ['application-audit', 'SealRole', given({ Policies: [] })],
    ['application-audit', 'AuditBucket', without('ObjectLockEnabled')],
    ['failed-log-ins', 'FailedLogInsAlarm', given({ AlarmActions: [] })],
    ['incident-plan', 'SealLateAlarm', given({ AlarmDescription: 'docs/runbook.md#nowhere' })],
  ])('[P25] fails %s where %s is otherwise', async (id, logicalId, change) => {
    const before = view('production');
    expect(before.deployment.resources.map((each) => each.logicalId)).toContain(logicalId);
    const deployment = alter(before.deployment, logicalId, change) as TemplateDeployment;
    expect(rowOf(await judge(before), id).state).not.toBe('fail');
    expect(rowOf(await judge({ ...before, deployment }), id).state).toBe('fail');
  });

  it('[P25] finds a secret by its form and names the file, never what it found', async () => {
    const folder = mkdtempSync(join(room, 'leak-'));
    const key = `AKIA${'A2B3C4D5E6F7G2H3'}`;
    writeFileSync(join(folder, 'x.template.json'), JSON.stringify({ Resources: { A: { Key: key } } }));
    const row = rowOf(await judge({ ...view('production'), folder }), 'no-hardcoded-secrets');
    expect(row.state).toBe('fail');
    expect(row.because).toContain('x.template.json');
    expect(JSON.stringify(row)).not.toContain(key);
  });
});

describe('[P25] attestations', () => {
  const word = { state: 'pass', because: 'the course of October', by: 'A. Person', on: '2026-10-01' };
  const write = (document: object): string => {
    const file = join(room, 'attestations.json');
    writeFileSync(file, JSON.stringify(document));
    return file;
  };

  it('[P25] answer for what cannot be seen, for a year', async () => {
    const attestations = readAttestations(write({ training: word }), ALL);
    const at = (day: string) => judge(view('production'), { attestations, now: Date.parse(day) });
    expect(rowOf(await at('2026-11-22'), 'training')).toMatchObject({ state: 'pass', seen: ['attestation'] });
    expect(rowOf(await at('2027-11-22'), 'training').state).toBe('not-checked');
    expect(rowOf(await at('2026-09-22'), 'training').state).toBe('not-checked');
  });

  it('[P25] are refused where something can be seen, or where they do not say who and when', () => {
    expect(() => readAttestations(write({ mfa: word }), ALL)).toThrow(/mfa takes no word/);
    expect(() => readAttestations(write({ training: { ...word, by: '' } }), ALL)).toThrow(/training\/by/);
    expect(() => readAttestations(write({ training: { ...word, on: 'lately' } }), ALL)).toThrow(/training\/on/);
  });
});

describe('parapet posture', () => {
  it('[P25] ends with 1 where a row fails, and writes one object', async () => {
    const ended = await parapet('posture', '--json');
    expect(ended.code).toBe(EXIT.failed);
    const { deployment } = loadConfiguration(join(ROOT, 'parapet.config.json'));
    expect(jsonOf(ended)).toMatchObject({ deployment, against: 'configuration', rows: { length: 24 } });
  });
});
