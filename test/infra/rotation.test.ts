import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../local/service.ts';
import { requestContext } from '../../shared/policy/context.ts';
import { decide } from '../../shared/policy/decide.ts';
import { compilePolicy } from '../../shared/policy/document.ts';
import { type Simulation, simulate } from './simulation.ts';
import { KEEPER, ROTATED, SWEPT } from './sweep-configuration.ts';
import { configuration, type Resource, resourcesOf } from './templates.ts';

const ACCOUNT = '000000000000';
const database = SWEPT.connections['ledger-database'];

describe('rotation of the passwords of databases', () => {
  const config = configuration('sandbox', ROTATED);
  let all: readonly Resource[];
  let simulation: Simulation;
  beforeAll(() => {
    all = resourcesOf(config);
    simulation = simulate(config);
  });
  const named = (id: string): Resource | undefined => all.find((resource) => resource.id === id);
  const rotation = (): Caller => simulation.callers.ofFunction('parapet-test-database-rotation', 'secretsmanager');
  const secretOf = (resource: string) => (action: string) => [
    { action, resource, context: {}, resourceAccount: '000000000000', ...policyOf(resource) },
  ];
  const policyOf = (arn: string): { resourcePolicy?: unknown } => {
    const own = simulation.deployment
      .ofType('AWS::SecretsManager::ResourcePolicy')
      .find(({ properties }) => properties.SecretId === arn);
    return own === undefined ? {} : { resourcePolicy: own.properties.ResourcePolicy };
  };

  it('[P02] is scheduled where the configuration names a keeper, and nowhere else', () => {
    expect(named('DatabaseLedgerDatabaseRotationSchedule')?.Properties).toMatchObject({
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediatelyOnUpdate: false,
    });
    expect(named('DatabaseLedgerDatabaseRotationPermission')?.Properties).toMatchObject({
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
    const without = resourcesOf(configuration('sandbox', SWEPT)).map(({ id }) => id);
    expect(without.filter((id) => id.startsWith('DatabaseRotation'))).toEqual([]);
  });

  it('[P02] [S01] goes to the databases and the endpoint of Secrets Manager, and nowhere else', () => {
    const rules = named('DatabaseRotationGroup')?.Properties.SecurityGroupEgress;
    expect(rules).toEqual([
      expect.objectContaining({ CidrIp: '10.71.0.0/16', FromPort: 5432, ToPort: 5432 }),
      expect.objectContaining({ Description: 'secretsmanager', FromPort: 443, ToPort: 443 }),
    ]);
  });

  it('[P02] [S03] writes the secret of the connection, reads its keeper’s, and has nothing of the salts', () => {
    const connection = simulation.deployment.find('AWS::SecretsManager::Secret', 'SweepConnectionLedgerDatabase').arn;
    const salts = simulation.deployment.find('AWS::SecretsManager::Secret', 'TokenSalts').arn;
    const may = (arn: string, action: string): boolean =>
      simulation.may(rotation(), secretOf(arn)(`secretsmanager:${action}`));
    for (const action of ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'DescribeSecret']) {
      expect(may(connection, action), action).toBe(true);
      expect(may(salts, action), action).toBe(false);
    }
    expect(may(KEEPER, 'GetSecretValue')).toBe(true);
    expect(may(KEEPER, 'PutSecretValue')).toBe(false);
  });

  it('[P02] lets nobody else write the secret from then on, and only the steps that read read it', () => {
    const connection = simulation.deployment.find('AWS::SecretsManager::Secret', 'SweepConnectionLedgerDatabase').arn;
    const root = simulation.callers.root();
    for (const action of ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'UpdateSecret']) {
      expect(simulation.may(root, secretOf(connection)(`secretsmanager:${action}`)), action).toBe(false);
    }
    const admin = simulation.callers.ofPerson('parapet-test-admin', 'someone');
    expect(simulation.may(admin, secretOf(connection)('secretsmanager:RotateSecret'))).toBe(true);
    expect(simulation.may(admin, secretOf(connection)('secretsmanager:GetSecretValue'))).toBe(false);
  });

  it('[P02] [S03] lets nobody put a value by an update, and CloudFormation change descriptions and keys', () => {
    for (const id of ['PolicyOfSweepConnectionLedgerDatabase', 'TokenSaltsPolicy']) {
      const policy = simulation.deployment.find('AWS::SecretsManager::ResourcePolicy', id).properties.ResourcePolicy;
      const compiled = compilePolicy(policy, 'resource', id);
      const everything = compilePolicy(
        { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
        'identity',
        'all',
      );
      const may = (role: string, action: string, more: Record<string, string | string[]> = {}): boolean => {
        const arn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
        const own = { 'aws:PrincipalArn': arn, 'aws:PrincipalAccount': ACCOUNT };
        const query = {
          principal: { kind: 'role', accountId: ACCOUNT, arn },
          action: `secretsmanager:${action}`,
          resource: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:any-AbCdEf`,
          context: requestContext(own, more),
        } as const;
        const policies = {
          identity: [everything],
          resource: compiled,
          resourceRule: 'additive',
          resourceAccount: ACCOUNT,
        } as const;
        return decide(query, policies).decision === 'allow';
      };
      const deployer = `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-us-east-1`;
      expect(may(deployer, 'UpdateSecret'), id).toBe(true);
      for (const action of ['PutSecretValue', 'UpdateSecretVersionStage', 'GetSecretValue']) {
        expect(may(deployer, action), `${action} ${id}`).toBe(false);
      }
      // Cloud Control's calls say CloudFormation, too: they are made in the name of whoever asked.
      const called = { 'aws:CalledVia': ['cloudformation.amazonaws.com'], 'aws:ViaAWSService': 'true' };
      for (const role of [
        'Admin',
        'ci',
        `cdk-other-cfn-exec-role-${ACCOUNT}-us-east-1`,
        'parapet-test-salt-rotation',
      ]) {
        expect(may(role, 'UpdateSecret'), `${role} ${id}`).toBe(false);
        expect(may(role, 'UpdateSecret', called), `${role} ${id}`).toBe(false);
        expect(may(role, 'TagResource'), `${role} ${id}`).toBe(true);
      }
    }
  });

  it('[P02] tells the function which keeper is whose', () => {
    const secret = simulation.deployment.find('AWS::SecretsManager::Secret', 'SweepConnectionLedgerDatabase').arn;
    const { Environment } = simulation.deployment.find('AWS::Lambda::Function', 'DatabaseRotationFunction').properties;
    expect(Environment).toMatchObject({ Variables: { PARAPET_DATABASE_SECRETS: `${secret} ${KEEPER}` } });
  });

  it('[P02] [S18] takes 30 to 90 days, and a keeper by its whole ARN', () => {
    expect(configuration('sandbox', { rotationDays: 90 }).rotationDays).toBe(90);
    for (const rotationDays of [29, 91, 30.5]) {
      expect(() => configuration('sandbox', { rotationDays })).toThrow(/rotationDays/);
    }
    const connections = {
      ...SWEPT.connections,
      'ledger-database': { ...database, rotation: { keeperSecret: 'keeper' } },
    };
    expect(() => configuration('sandbox', { ...SWEPT, connections })).toThrow(/keeperSecret/);
  });
});
