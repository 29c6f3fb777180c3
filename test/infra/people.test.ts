import { beforeAll, describe, expect, it } from 'vitest';
import { DEEDS, PEOPLE, PEOPLE_MATRIX, roleOf, whoMay } from '../../infra/people/matrix.ts';
import type { AccessRequest, Caller } from '../../local/service.ts';
import { quarantine, RUN } from './deeds.ts';
import { type Simulation, simulate } from './simulation.ts';
import { configuration, resources } from './templates.ts';

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('production'));
});

describe('people', () => {
  const person = (name: string): Caller => simulation.callers.ofPerson(`parapet-test-${name}`, 'someone');
  const may = (name: string, requests: AccessRequest[]): boolean => simulation.may(person(name), requests);

  it('lets an uploader put, singly and in parts, and read nothing', () => {
    expect(may('uploader', simulation.put('LandingBucket', 'a.csv', 'LandingKey'))).toBe(true);
    expect(may('uploader', simulation.put('LandingBucket', 'a.csv', null))).toBe(true);
    expect(may('uploader', simulation.get('LandingBucket', 'a.csv', 'LandingKey'))).toBe(false);
    expect(may('uploader', simulation.put('LandingBucket', 'a.csv', 'ExportsKey'))).toBe(false);
  });

  it('lets an operator read problems, entries and seals, and no raw record', () => {
    expect(may('operator', simulation.get('QuarantineBucket', 'problems/ingestion/x', 'QuarantineKey'))).toBe(true);
    expect(may('operator', simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(true);
    expect(may('operator', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(true);
    expect(may('operator', simulation.get('QuarantineBucket', 'records/ingestion/x', 'QuarantineKey'))).toBe(false);
    expect(may('operator', simulation.key('kms:Decrypt', 'QuarantineKey', quarantine('ingestion')))).toBe(false);
  });

  it('[S13] lets an operator see which breakers are open and close them, and open no gate', () => {
    expect(may('operator', simulation.table('dynamodb:Scan', 'GatesTable'))).toBe(true);
    expect(may('operator', simulation.table('dynamodb:UpdateItem', 'ClosingsTable'))).toBe(true);
    expect(may('operator', simulation.table('dynamodb:UpdateItem', 'GatesTable'))).toBe(false);
    expect(may('operator', simulation.table('dynamodb:DeleteItem', 'ClosingsTable'))).toBe(false);
    for (const name of ['uploader', 'steward', 'investigator']) {
      expect(may(name, simulation.table('dynamodb:UpdateItem', 'ClosingsTable')), name).toBe(false);
      expect(may(name, simulation.table('dynamodb:GetItem', 'GatesTable')), name).toBe(false);
    }
  });

  it('[P24] lets those carry out the runbook’s remedies of sweeps whom it names, and nobody else', () => {
    const own = simulate(configuration('sweeping'));
    const machine = (name: string): string => own.deployment.find('AWS::StepFunctions::StateMachine', name).arn;
    const sweep = machine('SweepStateMachine');
    const closing = machine('SweepClosingStateMachine');
    const queue = own.deployment.find('AWS::SQS::Queue', 'SweepDeadLetterQueue').arn;
    const who = (action: string, resource: string): string[] =>
      PEOPLE.filter((name) => {
        const caller = own.callers.ofPerson(`parapet-test-${name}`, 'someone');
        return own.may(caller, [{ action, resource, context: {}, resourceAccount: caller.accountId }]);
      });
    const execution = (arn: string): string => `${arn.replace(':stateMachine:', ':execution:')}:name`;
    expect(who('states:StartExecution', sweep)).toEqual(['operator']);
    expect(who('states:DescribeExecution', execution(sweep))).toEqual(['operator']);
    expect(who('states:StopExecution', execution(sweep))).toEqual([]);
    expect(who('states:StartExecution', closing)).toEqual(['admin', 'break-glass']);
    expect(who('states:DescribeExecution', execution(closing))).toEqual(['admin', 'break-glass']);
    expect(who('sqs:ReceiveMessage', queue)).toEqual(['admin', 'break-glass']);
  });

  it('lets a steward keep the registries and sign contracts, and nothing of a run', () => {
    expect(may('steward', simulation.table('dynamodb:PutItem', 'ContractsTable'))).toBe(true);
    expect(
      may('steward', simulation.key('kms:Sign', 'ContractSigningKey', { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' })),
    ).toBe(true);
    expect(
      may('steward', simulation.key('kms:Sign', 'SealSigningKey', { 'kms:SigningAlgorithm': 'ED25519_SHA_512' })),
    ).toBe(false);
    expect(may('steward', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(false);
  });

  it('[P12] lets an investigator read the trail and keep findings, and nothing of a run', () => {
    const log = 'AWSLogs/000000000000/CloudTrail/us-east-1/2026/11/20/x.json.gz';
    expect(may('investigator', simulation.get('TrailBucket', log, 'TrailKey', 's3:GetObject'))).toBe(true);
    expect(may('investigator', simulation.put('FindingsBucket', 'results/x.csv', 'TrailKey'))).toBe(true);
    expect(may('investigator', simulation.get('FindingsBucket', 'results/x.csv', 'TrailKey', 's3:GetObject'))).toBe(
      true,
    );
    expect(may('investigator', simulation.put('TrailBucket', log, 'TrailKey'))).toBe(false);
    expect(may('investigator', simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(false);
    expect(may('investigator', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(false);
    expect(may('operator', simulation.get('TrailBucket', log, 'TrailKey', 's3:GetObject'))).toBe(false);
  });

  it('[B17] gives no person an export', () => {
    for (const name of PEOPLE) {
      expect(may(name, simulation.get('ExportsBucket', 'acme/x', 'ExportsKey')), name).toBe(false);
    }
  });

  it('[P04] gives every person of the matrix one role, under the boundary of people, and no other role to people', () => {
    for (const profile of ['sandbox', 'production'] as const) {
      const roles = resources(profile, 'AWS::IAM::Role').filter(({ Properties }) =>
        JSON.stringify(Properties.AssumeRolePolicyDocument).includes('MultiFactorAuthPresent'),
      );
      expect(roles.map(({ Properties }) => Properties.RoleName).sort()).toEqual(
        PEOPLE.map((person) => `parapet-test-${person}`).sort(),
      );
      for (const { id, Properties } of roles) {
        expect(JSON.stringify(Properties.PermissionsBoundary), id).toContain('PeopleBoundary');
        expect(Properties.MaxSessionDuration, id).toBe(3600);
      }
    }
  });

  it('[P04] has a person for every deed of the matrix, and no deed that is nobody’s', () => {
    for (const deed of Object.keys(DEEDS))
      expect(PEOPLE.some((p) => roleOf(p).deeds.some((d) => d === deed))).toBe(true);
    expect(whoMay('mendPolicies')).toEqual(['break-glass']);
  });

  it('[P04] lets analysts and engineers see figures, logs and contracts, and no record', () => {
    const contract = simulation.table('dynamodb:GetItem', 'ContractsTable');
    for (const name of ['analyst', 'data-engineer', 'ml-engineer']) {
      expect(may(name, contract), name).toBe(true);
      expect(may(name, simulation.table('dynamodb:PutItem', 'ContractsTable')), name).toBe(false);
      expect(may(name, simulation.get('WorkingBucket', 'ingested/x', 'IngestionKey')), name).toBe(false);
      expect(may(name, simulation.get('QuarantineBucket', 'problems/ingestion/x', 'QuarantineKey')), name).toBe(false);
    }
    expect(may('data-engineer', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(true);
    expect(may('analyst', simulation.table('dynamodb:GetItem', 'RunsTable'))).toBe(false);
  });

  it('[P04] lets an auditor read evidence and policies, and change neither', () => {
    expect(may('auditor', simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(true);
    expect(may('auditor', simulation.key('kms:GetKeyPolicy', 'VaultKey'))).toBe(true);
    expect(may('auditor', simulation.bucket('s3:GetBucketPolicy', 'VaultBucket'))).toBe(true);
    expect(may('auditor', simulation.key('kms:PutKeyPolicy', 'VaultKey'))).toBe(false);
    expect(may('auditor', simulation.bucket('s3:PutBucketPolicy', 'VaultBucket'))).toBe(false);
  });

  it('[P04] lets an administrator keep the deployment running, and read nothing of what runs through it', () => {
    expect(may('admin', simulation.key('kms:CancelKeyDeletion', 'VaultKey'))).toBe(true);
    expect(may('admin', simulation.key('kms:ScheduleKeyDeletion', 'VaultKey'))).toBe(false);
    expect(may('admin', simulation.key('kms:PutKeyPolicy', 'VaultKey'))).toBe(false);
    expect(may('admin', simulation.secret())).toBe(false);
    expect(may('admin', simulation.get('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey'))).toBe(false);
  });

  it('[P04] lets break-glass mend policies, and read no data before it has changed one, which rings as well', () => {
    expect(may('break-glass', simulation.key('kms:PutKeyPolicy', 'VaultKey'))).toBe(true);
    expect(may('break-glass', simulation.bucket('s3:PutBucketPolicy', 'VaultBucket'))).toBe(true);
    expect(may('break-glass', simulation.secret())).toBe(false);
    expect(may('break-glass', simulation.get('VaultBucket', 'segments/x', 'VaultKey'))).toBe(false);
  });

  it('[P04] opens break-glass for a quarter of an hour, on a second factor of as much ago', () => {
    const role = resources('production', 'AWS::IAM::Role').find(({ id }) => id === 'BreakGlassRole');
    expect(JSON.stringify(role?.Properties.AssumeRolePolicyDocument)).toContain(
      '"NumericLessThanEquals":{"sts:DurationSeconds":"900","aws:MultiFactorAuthAge":"900"}',
    );
    expect(PEOPLE_MATRIX['break-glass'].emergency).toBe(true);
  });
});
