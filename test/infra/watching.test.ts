import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ACTORS } from '../../infra/principals.ts';
import { METRICS, SWEEP_METRICS } from '../../shared/names.ts';
import { configuration, type Profile, policiesOf, resources, resourcesOf } from './templates.ts';

const Alarm = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string().regex(/^docs\/runbook\.md#[a-z-]+$/),
  AlarmActions: z.array(z.unknown()),
  Threshold: z.number(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z.looseObject({ Metric: z.looseObject({ MetricName: z.string() }), Period: z.number() }).optional(),
      }),
    )
    .optional(),
  TreatMissingData: z.string(),
});
const alarms = (profile: Profile) =>
  resources(profile, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Alarm.parse(Properties));

/** Heading → text below it. */
const runbook = new Map(
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

const FLOW = [
  'dead-letters',
  'submission-failed',
  'submission-timed-out',
  'submission-aborted',
  'custody-failed',
  'closing-failed',
  'closing-timed-out',
  'seal-late',
  'quarantine-rate',
  'submissions-refused',
  'access-denied',
  'break-glass',
  'failed-log-ins',
  'rotation-failed',
  'key-endangered',
  'permissions-changed',
  'trail-changed',
];
const OF_STAGES = ACTORS.flatMap((actor) => [`${actor}-errors`, `${actor}-throttled`]);

describe('alarms', () => {
  it.each([
    ['sandbox', FLOW],
    ['production', [...FLOW, ...OF_STAGES]],
  ] as const)('[P22] [P24] of the profile %s', (profile, names) => {
    expect(alarms(profile).map(({ AlarmName }) => AlarmName)).toEqual(names.map((name) => `parapet-test-${name}`));
  });

  it('tell somebody, and are silent where nothing happens', () => {
    for (const { AlarmActions, TreatMissingData } of alarms('production')) {
      expect(AlarmActions).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(TreatMissingData).toBe('notBreaching');
    }
  });

  it('[P24] reckon only with metrics of one log line, which have data together or not at all', () => {
    for (const profile of ['sandbox', 'production', 'sweeping'] as const) {
      const reckoned = alarms(profile).filter(({ Metrics }) => Metrics?.some(({ Expression }) => Expression));
      expect(reckoned.map(({ AlarmName }) => AlarmName)).toEqual(['parapet-test-quarantine-rate']);
      const read = reckoned[0]?.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? [];
      expect(read.map(({ Metric }) => Metric.MetricName)).toEqual(['received', 'quarantined']);
      const lines = read.map(({ Metric: { MetricName: _, ...line }, ...stat }) => ({ ...stat, line }));
      expect(lines[1]).toEqual(lines[0]);
    }
  });

  it('[T11] [P24] have a heading in the runbook that says what they mean, how to look, what to do, and how to drill', () => {
    for (const { AlarmDescription } of alarms('sweeping')) {
      const heading = AlarmDescription.split('#')[1] ?? '';
      const section = runbook.get(heading);
      expect(section, heading).toBeDefined();
      const places = ['**Means.**', '**Look.**', '**Do.**', '**Drill.**'].map((part) => section?.indexOf(part) ?? -1);
      expect(
        places.every((place) => place > 0),
        heading,
      ).toBe(true);
      expect(places, heading).toEqual([...places].sort((left, right) => left - right));
    }
  });

  it('[T11] leave no heading of the runbook without an alarm', () => {
    const linked = new Set(alarms('sweeping').map(({ AlarmDescription }) => AlarmDescription.split('#')[1]));
    const headings = [...runbook.keys()].filter((heading) => /^[a-z-]+$/.test(heading));
    expect(headings.filter((heading) => !linked.has(heading))).toEqual([]);
  });

  it('[P24] the runbook links no heading that it does not have', () => {
    const anchors = new Set([...runbook.keys()].map((heading) => heading.toLowerCase().replaceAll(' ', '-')));
    const links = [...runbook.values()].flatMap((text) =>
      [...text.matchAll(/\]\(#([\w-]+)\)/g)].map((match) => match[1] ?? ''),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !anchors.has(link))).toEqual([]);
  });

  it('watch only metrics that the stages write', () => {
    const dashboards = JSON.stringify(resources('production', 'AWS::CloudWatch::Dashboard'));
    const all = JSON.stringify(alarms('sweeping')) + dashboards.replaceAll('\\', '');
    const named = [
      ...all.matchAll(/"Parapet","(\w+)"/g),
      ...all.matchAll(/"MetricName":"(\w+)","Namespace":"Parapet"/g),
    ];
    expect(named.length).toBeGreaterThan(5);
    for (const [, name] of named) expect(Object.keys({ ...METRICS, ...SWEEP_METRICS })).toContain(name);
  });
});

describe('[P22] failed log-ins', () => {
  it('[P22] of submitters: refused runs are counted where the seal says so', () => {
    const alarm = alarms('sandbox').find(({ AlarmName }) => AlarmName.endsWith('submissions-refused'));
    expect(alarm).toMatchObject({
      Metrics: [
        {
          MetricStat: {
            Metric: {
              Namespace: 'Parapet',
              MetricName: 'durationMs',
              Dimensions: [
                { Name: 'outcome', Value: 'refused' },
                { Name: 'stage', Value: 'seal' },
              ],
            },
            Stat: 'SampleCount',
          },
        },
      ],
    });
  });

  it('[P22] of people: the trail’s copy is filtered for the console and for our roles', () => {
    const filter = resources('sandbox', 'AWS::Logs::MetricFilter').find(({ id }) => id === 'FilterFailedLogIns');
    expect(filter?.Properties).toMatchObject({ LogGroupName: { Ref: 'TrailLogGroup' } });
    expect(filter?.Properties.FilterPattern).toBe(
      '{ (($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Failure")) || ' +
        '(($.eventName = "CredentialVerification") && ($.serviceEventDetails.CredentialVerification = "Failure")) || ' +
        '(($.eventName = "AssumeRole*") && ($.errorCode = "AccessDenied*") && ' +
        '($.requestParameters.roleArn = "*role/parapet-test-*")) }',
    );
  });

  it('[P04] sees the emergency’s role taken, and tried in vain', () => {
    const filter = resources('sandbox', 'AWS::Logs::MetricFilter').find(({ id }) => id === 'FilterBreakGlass');
    expect(filter?.Properties.FilterPattern).toBe(
      '{ ($.eventSource = "sts.amazonaws.com") && ($.eventName = "AssumeRole*") && ' +
        '($.requestParameters.roleArn = "*role/parapet-test-break-glass") }',
    );
  });

  it('every filter counts from nothing: a default would be a metric that costs without a value', () => {
    const longest = configuration('sandbox', { deployment: 'a'.repeat(20) });
    const filters = resourcesOf(longest).filter(({ Type }) => Type === 'AWS::Logs::MetricFilter');
    expect(filters).toHaveLength(7);
    for (const { Properties } of filters) {
      expect(JSON.stringify(Properties.MetricTransformations)).not.toContain('DefaultValue');
      // CloudWatch Logs takes 1024 characters.
      expect(String(Properties.FilterPattern).length).toBeLessThanOrEqual(1024);
    }
  });
});

describe('[P21] AWS’s detectors', () => {
  const types = (detection?: object): string[] =>
    resourcesOf(configuration('sandbox', detection ? { detection } : {}))
      .map(({ Type }) => Type)
      .filter((type) => /GuardDuty|SecurityHub/.test(type));

  it('[P21] are off unless the configuration asks: an account has one of each', () => {
    expect(types()).toEqual([]);
    expect(types({ guardDuty: true })).toEqual(['AWS::GuardDuty::Detector']);
    expect(types({ guardDuty: true, securityHub: true })).toEqual([
      'AWS::GuardDuty::Detector',
      'AWS::SecurityHub::Hub',
    ]);
  });
});

describe('the dashboard', () => {
  it('is one, and shows every alarm', () => {
    for (const profile of ['sandbox', 'production'] as const) {
      const [page, ...more] = resources(profile, 'AWS::CloudWatch::Dashboard');
      expect(more).toEqual([]);
      const body = JSON.stringify(page?.Properties.DashboardBody);
      for (const { id } of resources(profile, 'AWS::CloudWatch::Alarm')) expect(body).toContain(`"${id}","Arn"`);
    }
  });
});

describe('[P21] what the detectors find', () => {
  const found = (detection: object) =>
    resourcesOf(configuration('sandbox', { detection })).filter(({ id }) => id === 'FindingsRule');

  it('[P21] ring for what they find, where one of them is on, or where the configuration says so', () => {
    expect(found({})).toEqual([]);
    expect(found({ guardDuty: true })).toHaveLength(1);
    expect(found({ securityHub: true })).toHaveLength(1);
    expect(found({ findings: true })).toHaveLength(1);
    expect(found({ guardDuty: true, findings: false })).toEqual([]);
  });

  it('[P21] [P24] ring with the kind and the runbook’s heading, and without what the finding tells of addresses and people', () => {
    const [rule] = found({ findings: true });
    const targets = JSON.stringify(rule?.Properties.Targets);
    expect(targets).toContain('{"Ref":"AlarmTopic"}');
    expect(targets).toContain('docs/runbook.md#threat-found');
    expect([...runbook.keys()]).toContain('Threat found');
    expect(targets).not.toMatch(/title|description|resource|service\./i);
  });

  it('[P21] publish by this rule alone, to a topic whose key lets this rule alone', () => {
    const all = resourcesOf(configuration('sandbox', { detection: { findings: true } }));
    for (const [type, id] of [
      ['AWS::SNS::TopicPolicy', undefined],
      ['AWS::KMS::Key', 'OperationsKey'],
    ] as const) {
      const statements = all
        .filter((each) => each.Type === type && (id === undefined || each.id === id))
        .flatMap(policiesOf)
        .flatMap(({ policy }) => policy.Statement)
        .filter(({ Sid }) => Sid === 'PublishFindings');
      expect(statements).toHaveLength(1);
      expect(JSON.stringify(statements[0]?.Condition?.ArnEquals)).toContain('rule/parapet-test-findings');
    }
  });
});
