/** Everything but buckets and keys: tables, the secret, functions, machines, logs, roles, the network; and what is not ours. */
import type { DeployedResource, Deployment } from '../../../local/service.ts';
import { compilePolicy } from '../../../shared/policy/document.ts';
import { FOREIGN_ACCOUNT } from '../parties.ts';
import { type Policies, roleLabel } from '../policies.ts';
import { ACTIONS, ITEMS, type TargetKind } from '../table/actions.ts';
import { type Deviation, deviation, nameOf, type Target, type TargetSource, target } from './target.ts';

export const serviceTargets: TargetSource = (deployment, policies) => {
  const { accountId, region } = deployment;
  const placed = (arn: string) => ({ arn, account: accountId });
  const each = (type: string, make: (resource: DeployedResource) => readonly Target[]): readonly Target[] =>
    deployment.ofType(type).flatMap(make);
  const withPolicy = (resource: DeployedResource) => ({
    ...placed(resource.arn),
    policy: policies.ofResource.get(resource.physicalId),
  });
  const plain = (kind: TargetKind, type: string): readonly Target[] =>
    each(type, (resource) => [target(kind, `${kind}/${nameOf(resource)}`, placed(resource.arn))]);
  return [
    ...each('AWS::DynamoDB::Table', (table) => [
      target('table', `table/${nameOf(table)}`, withPolicy(table), {
        door: 'dynamodb',
        deviations: http(ITEMS, ITEMS),
      }),
    ]),
    ...each('AWS::SecretsManager::Secret', (secret) => [
      target('secret', `secret/${nameOf(secret)}`, withPolicy(secret), { door: 'secretsmanager' }),
    ]),
    ...each('AWS::SQS::Queue', (queue) => [
      target('queue', `queue/${nameOf(queue)}`, withPolicy(queue), { deviations: http(ACTIONS.queue, ACTIONS.queue) }),
    ]),
    ...each('AWS::SNS::Topic', (topic) => [
      target('topic', `topic/${nameOf(topic)}`, withPolicy(topic), {
        deviations: http(ACTIONS.topic, ['sns:Publish']),
      }),
    ]),
    ...plain('function', 'AWS::Lambda::Function'),
    ...plain('machine', 'AWS::StepFunctions::StateMachine'),
    ...each('AWS::StepFunctions::StateMachine', (machine) => [
      target(
        'execution',
        `execution/${nameOf(machine)}`,
        placed(`${machine.arn.replace(':stateMachine:', ':execution:')}:name`),
      ),
    ]),
    ...plain('rule', 'AWS::Events::Rule'),
    ...each('AWS::Logs::LogGroup', (group) => [
      target('log', `log/${nameOf(group)}`, placed(group.arn.replace(/:\*$/, ':log-stream:name'))),
    ]),
    target('log', 'log/elsewhere', placed(`arn:aws:logs:${region}:${accountId}:log-group:/elsewhere:log-stream:name`)),
    ...plain('trail', 'AWS::CloudTrail::Trail'),
    ...plain('alarm', 'AWS::CloudWatch::Alarm'),
    ...each('AWS::IAM::Role', (role) => roleTargets(role, deployment, policies)),
    target('network', 'network', placed('*')),
    target('telemetry', 'telemetry', placed('*')),
    ...foreign(),
  ];
};

const http = (actions: readonly string[], refused: readonly string[]): Deviation[] => [
  deviation('over plain HTTP', { 'aws:SecureTransport': 'false' }, { actions, refused, services: true }),
];

function roleTargets(role: DeployedResource, deployment: Deployment, policies: Policies): readonly Target[] {
  const name = roleLabel(role, deployment).replace(/^(.*?)Role\w*/, (_, start: string) => nameOf({ logicalId: start }));
  const place = { arn: role.arn, account: deployment.accountId };
  const actions = ['sts:AssumeRole'];
  return [
    target(
      'trust',
      `trust/${name}`,
      { ...place, policy: policies.ofResource.get(role.arn) },
      {
        deviations: [
          deviation('without a second factor', { 'aws:MultiFactorAuthPresent': 'false' }, { actions }),
          // Long-lived keys have no such condition key at all.
          deviation('with a lasting access key', { 'aws:MultiFactorAuthPresent': undefined }, { actions }),
        ],
      },
    ),
    target('role', `role/${name}`, place),
  ];
}

/** Open to whoever comes, as an attacker's would be. */
const OPEN = (resource: string) =>
  compilePolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
    'resource',
    resource,
  );

function foreign(): readonly Target[] {
  const at = (arn: string) => ({ arn, account: FOREIGN_ACCOUNT });
  const theirs = (name: string) => ({ ours: false, foreignPolicy: OPEN(name) });
  const region = 'us-east-1';
  return [
    target('object', 'foreign/object', at('arn:aws:s3:::foreign/object'), { ...theirs('foreign bucket'), door: 's3' }),
    target('listing', 'foreign?', at('arn:aws:s3:::foreign'), { ...theirs('foreign bucket'), door: 's3' }),
    target('table', 'foreign table', at(`arn:aws:dynamodb:${region}:${FOREIGN_ACCOUNT}:table/foreign`), {
      ...theirs('foreign table'),
      door: 'dynamodb',
    }),
    target('key', 'foreign key', at(`arn:aws:kms:${region}:${FOREIGN_ACCOUNT}:key/foreign`), {
      ...theirs('foreign key'),
      door: 'kms',
    }),
    target(
      'secret',
      'foreign secret',
      at(`arn:aws:secretsmanager:${region}:${FOREIGN_ACCOUNT}:secret:foreign-abcdef`),
      {
        ...theirs('foreign secret'),
        door: 'secretsmanager',
      },
    ),
    target(
      'function',
      'foreign function',
      at(`arn:aws:lambda:${region}:${FOREIGN_ACCOUNT}:function:foreign`),
      theirs('foreign function'),
    ),
  ];
}
