import { beforeAll, describe, expect, it } from 'vitest';
import { fixedCosts, total } from '../../cli/cost/fixed.ts';
import type { AccessRequest, Caller } from '../../local/service.ts';
import { SWEEP_ACTORS, type SweepActor } from '../../shared/names.ts';
import { type Simulation, simulate } from './simulation.ts';
import { ROTATED, SWEPT } from './sweep-configuration.ts';
import { configuration, policiesOf, resources, resourcesOf } from './templates.ts';

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('sweeping'));
});

const RUN = '0'.repeat(32);
const inside = (actor: SweepActor, service: string): Caller =>
  simulation.callers.ofFunction(`parapet-test-${actor}`, service);
const able = (service: string, requests: readonly AccessRequest[]): SweepActor[] =>
  SWEEP_ACTORS.filter((actor) => simulation.may(inside(actor, service), requests));
const purpose = (of: string, more: object = {}) => ({
  'kms:EncryptionContext:purpose': of,
  'kms:EncryptionContext:sweep': RUN,
  ...more,
});

const sids = (role: string): string[] => {
  const [policy] = resources('sweeping').filter(({ id }) => id === role);
  return JSON.stringify(policy?.Properties.Policies).match(/(?<="Sid":")\w+/g) ?? [];
};

describe('[S03] [S08] who of a sweep may do what', () => {
  it.each<[string, string, Record<string, string>, SweepActor[]]>([
    ['make the key of a sweep', 'kms:GenerateDataKey', purpose('parapet-sweep'), ['sweep-plan']],
    ['open the key of a sweep', 'kms:Decrypt', purpose('parapet-sweep'), ['sweep-hash', 'sweep-locate']],
    ['make the key of the cells', 'kms:GenerateDataKey', purpose('parapet-cells'), ['sweep-plan']],
    ['open the key of the cells', 'kms:Decrypt', purpose('parapet-cells'), ['sweep-compare']],
    ['open a key that names no sweep', 'kms:Decrypt', { 'kms:EncryptionContext:purpose': 'parapet-sweep' }, []],
    ['open a key of another purpose', 'kms:Decrypt', purpose('vault'), []],
  ])('lets only those who need it %s', (_, action, context, allowed) => {
    expect(able('kms', simulation.key(action, 'SweepKey', context))).toEqual(allowed);
  });

  it.each<[string, SweepActor[], SweepActor[]]>([
    ['manifest', ['sweep-plan', 'sweep-hash', 'sweep-compare', 'sweep-locate', 'sweep-report'], ['sweep-plan']],
    ['results', ['sweep-hash', 'sweep-compare'], ['sweep-hash']],
    ['comparison', ['sweep-compare', 'sweep-locate', 'sweep-report'], ['sweep-compare']],
    ['located', ['sweep-locate', 'sweep-report'], ['sweep-locate']],
    ['report', ['sweep-report'], ['sweep-report']],
    ['items', [], ['sweep-plan']],
  ])('%s are read and written by whom they are for', (kind, readers, writers) => {
    const key = `${kind}/${RUN}`;
    expect(able('s3', simulation.get('SweepBucket', key, 'SweepKey'))).toEqual(readers);
    const once = { 's3:if-none-match': '*' };
    expect(able('s3', simulation.put('SweepBucket', key, 'SweepKey', once))).toEqual(writers);
    // Whoever does not say that nothing may be there writes nothing: a later attempt replaces no earlier one.
    expect(able('s3', simulation.put('SweepBucket', key, 'SweepKey'))).toEqual([]);
  });

  it('lets the machine read the list of partitions, and none of what the steps hand to each other', () => {
    const arn = simulation.deployment.find('AWS::StepFunctions::StateMachine', 'SweepStateMachine').arn;
    const role = simulation.deployment.find('AWS::IAM::Role', 'SweepMachineRole').arn;
    const machine = simulation.callers.ofServiceInRole(role, 'states.amazonaws.com', arn);
    const may = (kind: string): boolean =>
      simulation.may(machine, simulation.get('SweepBucket', `${kind}/${RUN}`, 'SweepKey'));
    expect(['items', 'manifest', 'results', 'comparison', 'located'].filter(may)).toEqual(['items']);
  });

  it('lets the machine follow and stop the children of its Distributed Map, and no execution of another', () => {
    const arn = simulation.deployment.find('AWS::StepFunctions::StateMachine', 'SweepStateMachine').arn;
    const role = simulation.deployment.find('AWS::IAM::Role', 'SweepMachineRole').arn;
    const machine = simulation.callers.ofServiceInRole(role, 'states.amazonaws.com', arn);
    const execution = arn.replace(':stateMachine:', ':execution:');
    for (const action of ['states:DescribeExecution', 'states:StopExecution']) {
      const may = (resource: string): boolean =>
        simulation.may(machine, [{ action, resource, context: {}, resourceAccount: machine.accountId }]);
      expect(may(`${execution}/partitions:child`), action).toBe(true);
      expect(may(`${execution}:child`), action).toBe(true);
      expect(may(`${execution}-closing:name`), action).toBe(false);
    }
  });

  it('[S14] lets only those who read the sides know where they are, and read the ledger; nobody writes it', () => {
    const reading = ['sweep-plan', 'sweep-hash', 'sweep-locate'];
    for (const action of ['dynamodb:Scan', 'dynamodb:BatchGetItem']) {
      expect(able('dynamodb', simulation.table(action, 'LedgerTable'))).toEqual(reading);
    }
    for (const action of [
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:BatchWriteItem',
    ]) {
      expect(able('dynamodb', simulation.table(action, 'LedgerTable'))).toEqual([]);
    }
    const has = (sid: string): string[] =>
      ['Plan', 'Hash', 'Compare', 'Locate', 'Report'].filter((step) => sids(`Sweep${step}Role`).includes(sid));
    expect(has('FindSideLedgerDatabase')).toEqual(['Plan', 'Hash', 'Locate']);
    const [policy] = resources('sweeping').filter(({ id }) => id === 'PolicyOfSweepConnectionLedgerDatabase');
    expect(JSON.stringify(policy?.Properties)).not.toMatch(/sweep-(compare|report)/);
  });

  it('lets nobody who sweeps close a breaker, and only the report write evidence and sign', () => {
    expect(able('dynamodb', simulation.table('dynamodb:UpdateItem', 'GatesTable'))).toEqual([
      'sweep-plan',
      'sweep-report',
    ]);
    expect(able('dynamodb', simulation.table('dynamodb:UpdateItem', 'ClosingsTable'))).toEqual([]);
    const signing = { 'kms:SigningAlgorithm': 'ED25519_SHA_512' };
    expect(able('kms', simulation.key('kms:Sign', 'SealSigningKey', signing))).toEqual(['sweep-report']);
    expect(able('s3', simulation.get('VaultBucket', `segments/${RUN}/1/000000.json`, 'VaultKey'))).toEqual([]);
  });

  it('refuses every step its own deeds outside the network', () => {
    for (const actor of SWEEP_ACTORS) {
      const { context, ...caller } = inside(actor, 's3');
      const { 'aws:SourceVpc': _vpc, 'aws:SourceVpce': _endpoint, ...elsewhere } = context;
      const requests = simulation.get('SweepBucket', `manifest/${RUN}`, 'SweepKey');
      expect(simulation.may({ ...caller, context: elsewhere }, requests), actor).toBe(false);
    }
  });
});

describe('[S01] [S04] the ways of a sweep', () => {
  const egress = (step: string): unknown[] => {
    const [group] = resources('sweeping').filter(({ id }) => id === `Sweep${step}Group`);
    const own = group?.Properties.SecurityGroupEgress;
    return (Array.isArray(own) ? own : []).filter(({ FromPort }) => FromPort !== 443);
  };

  it('lead to the database’s port alone, and only for those who read it', () => {
    for (const step of ['Plan', 'Hash', 'Locate']) {
      expect(egress(step)).toMatchObject([{ CidrIp: '10.71.0.0/16', IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 }]);
    }
    for (const step of ['Compare', 'Report']) expect(egress(step)).toEqual([]);
  });

  it('lead to a security group where the configuration names one', () => {
    const connections = {
      ...SWEPT.connections,
      'ledger-database': { engine: 'mysql', port: 3306, within: { securityGroup: 'sg-0123456789abcdef0' } },
    };
    const all = resourcesOf(configuration('sweeping', { connections }));
    const groups = JSON.stringify(all.filter(({ id }) => id.startsWith('SweepHash')));
    expect(groups).toContain('"DestinationSecurityGroupId":"sg-0123456789abcdef0"');
    expect(groups).toContain('"FromPort":3306');
  });
});

describe('what a sweep adds to a deployment', () => {
  it('is nothing while none is configured', () => {
    const plain = resources('production').filter(({ id }) => /Sweep/.test(id));
    expect(plain.map(({ id }) => id)).toEqual([]);
    expect(JSON.stringify(resources('production'))).not.toContain('parapet-test-sweep');
  });

  it('keeps its logical ids, and in production its bucket, key and secrets after a teardown', () => {
    const stateful = resources('sweeping').filter(
      ({ id, stack, Type }) =>
        /Sweep/.test(id) &&
        stack.endsWith('foundation') &&
        !/Custom|Alias|Policy/.test(Type) &&
        !id.includes('Exports'),
    );
    expect(stateful.map(({ id, DeletionPolicy }) => [id, DeletionPolicy])).toEqual([
      ['SweepKey', 'Retain'],
      ['SweepBucket', 'Retain'],
      ['SweepConnectionLedgerDatabase', 'Retain'],
    ]);
  });

  it('takes every name for a connection and a dataset: no two make one logical id, and none a statement that is there already', () => {
    const likely = [
      'contracts',
      'gates',
      'steps',
      'sweep-key',
      'cell-key',
      'connection-a-rotation',
      'role',
      's',
      'policy',
    ];
    const alike = [
      'a',
      'a-',
      'a1',
      'a-1',
      'a--1',
      'a-b',
      'a-b-policy',
      'a-policy',
      'az0',
      'a-z0',
      'a-z-z',
      'a-zz',
      'z',
      'zz',
      'z0',
    ];
    const names = [...likely, ...alike];
    const { port, within } = SWEPT.connections['ledger-database'];
    const rotation = ROTATED.connections['ledger-database'].rotation;
    const schedule = 'rate(1 day)';
    const every = <Value>(value: (name: string) => Value) =>
      Object.fromEntries(names.map((name) => [name, value(name)]));
    const kinds: readonly ((name: string) => object)[] = [
      () => ({ engine: 'postgres', port, within, rotation }),
      (name) => ({ engine: 'dynamodb', table: `table-${name}`, keyArn: rotation.keeperKeyArn }),
      (name) => ({ engine: 'files', bucket: `side-of-${name}0`, keyArn: rotation.keeperKeyArn }),
    ];
    for (const kind of kinds) {
      const all = resourcesOf(
        configuration('sweeping', {
          contracts: every(() => SWEPT.contracts['ledger-copy']),
          sweeps: every(() => ({ schedule })),
          connections: every(kind),
        }),
      );
      for (const { where, policy } of all.flatMap(policiesOf)) {
        const ids = policy.Statement.flatMap(({ Sid }) => Sid ?? []);
        expect(ids, where).toEqual([...new Set(ids)]);
      }
      const count = (type: string): number => all.filter(({ Type }) => Type === type).length;
      expect(count('AWS::Scheduler::Schedule')).toBe(names.length);
      const rotating = kind === kinds[0] ? names.length : 0;
      expect(count('AWS::SecretsManager::RotationSchedule')).toBe(1 + rotating);
      const late = all.filter(({ id }) => /^SweepLate.*Alarm$/.test(id));
      expect(new Set(late.map(({ id }) => id)).size).toBe(names.length);
    }
  });

  it('[S08] keeps what lies between the steps for days, and the manifests with the wrapped keys', () => {
    const [bucket] = resources('sweeping').filter(({ id }) => id === 'SweepBucket');
    const rules = JSON.stringify(bucket?.Properties.LifecycleConfiguration);
    for (const kind of ['results', 'comparison', 'located', 'report']) expect(rules).toContain(`"Prefix":"${kind}/"`);
    expect(rules).not.toContain('"Prefix":"manifest/"');
  });

  it('starts sweeps by a schedule whose role trusts its group alone, under a name that starts nothing twice', () => {
    const [schedule] = resources('sweeping', 'AWS::Scheduler::Schedule');
    expect(schedule).toMatchObject({
      id: 'SweepLedgerCopySchedule',
      Properties: {
        Name: 'ledger-copy',
        ScheduleExpression: 'cron(0 3 ? * SUN *)',
        FlexibleTimeWindow: { Mode: 'OFF' },
      },
    });
    expect(JSON.stringify(schedule?.Properties.Target)).toContain('sweep-<aws.scheduler.execution-id>');
    const [role] = resources('sweeping').filter(({ id }) => id === 'SweepScheduleRole');
    const trust = JSON.stringify(role?.Properties.AssumeRolePolicyDocument);
    expect(trust).toContain(':schedule-group/parapet-test-sweeps');
    expect(trust).toContain('aws:SourceAccount');
  });

  it('rings when sides differ, when a breaker is open, when there is no answer, and when none comes', () => {
    const alarms = resources('sweeping', 'AWS::CloudWatch::Alarm').filter(({ id }) => id.startsWith('Sweep'));
    expect(alarms.map(({ id }) => id).sort()).toEqual([
      'SweepBreakerOpenAlarm',
      'SweepClosingFailedAlarm',
      'SweepClosingTimedOutAlarm',
      'SweepDeadLettersAlarm',
      'SweepDivergedAlarm',
      'SweepFailedAlarm',
      'SweepInconclusiveAlarm',
      'SweepLateLedgerCopyAlarm',
      'SweepTimedOutAlarm',
    ]);
    const late = alarms.find(({ id }) => id === 'SweepLateLedgerCopyAlarm');
    expect(late?.Properties).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      EvaluationPeriods: 26,
      Metrics: [{ MetricStat: { Metric: { Dimensions: [{ Name: 'dataset', Value: 'ledger-copy' }] } } }],
    });
  });

  it('[P24] rings for each way to end without an answer by itself: what counts nothing has no data, and a sum with it has none either', () => {
    const rings = resources('sweeping', 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties.AlarmDescription === 'docs/runbook.md#sweep-failed',
    );
    const watches = rings.map(({ Properties }) => {
      expect(Properties).toMatchObject({ Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
      const text = JSON.stringify(Properties);
      expect(text.match(/"MetricName"/g)).toHaveLength(1);
      expect(text).not.toContain('"Expression"');
      const machine = /Sweep(Closing)?StateMachine/.exec(text)?.[0];
      return [/"MetricName":"(\w+)"/.exec(text)?.[1], machine ?? /"outcome","Value":"(\w+)"/.exec(text)?.[1]];
    });
    expect(watches).toEqual([
      ['ExecutionsFailed', 'SweepStateMachine'],
      ['ExecutionsTimedOut', 'SweepStateMachine'],
      ['durationMs', 'inconclusive'],
      ['ExecutionsFailed', 'SweepClosingStateMachine'],
      ['ExecutionsTimedOut', 'SweepClosingStateMachine'],
    ]);
  });

  it('costs a sandbox less than three dollars a month for being there', () => {
    const monthly = (more: object): number =>
      total(
        fixedCosts(
          resourcesOf(configuration('sandbox', { ...more })).map(({ id, Type, Properties }) => ({
            logicalId: id,
            type: Type,
            properties: Properties,
          })),
        ),
      );
    const difference = monthly(SWEPT) - monthly({});
    expect(difference).toBeGreaterThan(1);
    expect(difference).toBeLessThan(3);
  });
});

describe('[S18] the configuration of sweeps', () => {
  it.each<[string, object, string]>([
    ['a dataset that nobody pins', { contracts: {} }, '/sweeps/ledger-copy'],
    ['a schedule that is none', { sweeps: { 'ledger-copy': { schedule: 'daily' } } }, '/sweeps/ledger-copy/schedule'],
    ['no partitions', { sweeps: { 'ledger-copy': { partitions: 0 } } }, '/sweeps/ledger-copy/partitions'],
    ['an unknown setting', { sweeps: { 'ledger-copy': { workers: 3 } } }, '/sweeps/ledger-copy/workers'],
    ['an unknown engine', { connections: { x: { engine: 'oracle' } } }, '/connections/x'],
    [
      'a database without a way to it',
      { connections: { x: { engine: 'postgres', port: 5432, within: {} } } },
      '/connections/x/within',
    ],
  ])('refuses %s, and names the field', (_, more, pointer) => {
    let errors: readonly { readonly pointer: string }[] = [];
    try {
      configuration('sweeping', more as Record<string, unknown>);
    } catch (error) {
      errors = (error as { errors: typeof errors }).errors;
    }
    expect(
      errors.some((each) => each.pointer.startsWith(pointer)),
      JSON.stringify(errors),
    ).toBe(true);
  });
});
