/** Everything but buckets and keys: tables, the secret, functions, machines, logs, roles, the network. */
import * as z from 'zod';
import type { DeployedResource, Deployment } from '../../../local/service.ts';
import { SWEEP_EVENT } from '../../../shared/names.ts';
import { type Policies, roleLabel } from '../policies.ts';
import { ACTIONS, ITEMS, type TargetKind } from '../table/actions.ts';
import { EMERGENCY } from '../table/parties.ts';
import { STREAMS } from '../table/targets.ts';
import {
  type Deviation,
  deviation,
  kebab,
  nameOf,
  secretName,
  type Target,
  type TargetSource,
  target,
} from './target.ts';

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
      target('secret', `secret/${secretName(secret, deployment)}`, withPolicy(secret), { door: 'secretsmanager' }),
    ]),
    ...each('AWS::SQS::Queue', (queue) => [
      target('queue', `queue/${nameOf(queue)}`, withPolicy(queue), { deviations: http(ACTIONS.queue, ACTIONS.queue) }),
    ]),
    ...each('AWS::SNS::Topic', (topic) => [
      target('topic', `topic/${nameOf(topic)}`, withPolicy(topic), {
        deviations: http(ACTIONS.topic, ['sns:Publish']),
      }),
    ]),
    ...each('AWS::Lambda::Function', (each) => [
      target('function', `function/${nameOf(each)}`, {
        ...placed(each.arn),
        policy: policies.ofResource.get(each.arn),
      }),
    ]),
    ...plain('machine', 'AWS::StepFunctions::StateMachine'),
    ...each('AWS::StepFunctions::StateMachine', (machine) => {
      const execution = machine.arn.replace(':stateMachine:', ':execution:');
      const id = `execution/${nameOf(machine)}`;
      return [
        target('execution', id, placed(`${execution}:name`)),
        // Of a Distributed Map: the label of the map stands between.
        target('execution', `${id} its child`, placed(`${execution}/label:name`)),
      ];
    }),
    ...busTargets(deployment),
    ...plain('rule', 'AWS::Events::Rule'),
    ...each('AWS::Logs::LogGroup', (group) => {
      const stream = (name: string): string => group.arn.replace(/:\*$/, `:log-stream:${name}`);
      const named = STREAMS[nameOf(group)]?.replace('ACCOUNT', accountId).replace('REGION', region);
      return [
        target('log', `log/${nameOf(group)}`, placed(stream('name'))),
        ...(named === undefined ? [] : [target('log', `log/${nameOf(group)} its stream`, placed(stream(named)))]),
      ];
    }),
    target('log', 'log/elsewhere', placed(`arn:aws:logs:${region}:${accountId}:log-group:/elsewhere:log-stream:name`)),
    ...plain('trail', 'AWS::CloudTrail::Trail'),
    ...each('AWS::Athena::WorkGroup', (group) => [
      target('workgroup', `workgroup/${nameOf(group)}`, placed(group.arn)),
      target('workgroup', 'workgroup/another', placed(`${group.arn}-other`)),
    ]),
    ...each('AWS::Glue::Database', ({ properties }) =>
      catalogTargets(Database.parse(properties).DatabaseInput.Name, deployment),
    ),
    target('queue', 'another queue', placed(`arn:aws:sqs:${region}:${accountId}:another`)),
    target('trail', 'another trail', placed(`arn:aws:cloudtrail:${region}:${accountId}:trail/another`)),
    target('role', 'another role', placed(`arn:aws:iam::${accountId}:role/another`)),
    ...plain('alarm', 'AWS::CloudWatch::Alarm'),
    target('alarm', 'another alarm', placed(`arn:aws:cloudwatch:${region}:${accountId}:alarm:another`)),
    ...each('AWS::CloudWatch::Dashboard', (dashboard) => [
      target('dashboard', `dashboard/${nameOf(dashboard)}`, placed(dashboardArn(dashboard.physicalId, accountId))),
      target('dashboard', 'another dashboard', placed(dashboardArn('another', accountId))),
    ]),
    ...each('AWS::IAM::Role', (role) => roleTargets(role, deployment, policies)),
    target('network', 'network', placed('*')),
    target('telemetry', 'telemetry', placed('*')),
    target('metrics', 'metrics', placed('*')),
  ];
};

const dashboardArn = (name: string, account: string): string => `arn:aws:cloudwatch::${account}:dashboard/${name}`;

/** The default bus with the one event that is ours, with others, and another bus. */
function busTargets({ accountId, region }: Deployment): readonly Target[] {
  const { source, detailType } = SWEEP_EVENT;
  const asked = (id: string, bus: string, from: string, type: string): Target =>
    target(
      'bus',
      `bus/${id}`,
      { arn: `arn:aws:events:${region}:${accountId}:event-bus/${bus}`, account: accountId },
      { context: { 'events:source': from, 'events:detail-type': type } },
    );
  return [
    asked('default', 'default', source, detailType),
    asked('default from another source', 'default', 'somebody', detailType),
    asked('default of another type', 'default', source, 'Something Else'),
    asked('another', 'another', source, detailType),
  ];
}

const Database = z.looseObject({ DatabaseInput: z.looseObject({ Name: z.string() }) });

/** The database and its table, and others beside them. */
function catalogTargets(database: string, { accountId, region }: Deployment): readonly Target[] {
  const resources = [
    'catalog',
    `database/${database}`,
    `table/${database}/trail`,
    'database/another',
    'table/another/trail',
  ];
  return resources.map((resource) => {
    const arn = `arn:aws:glue:${region}:${accountId}:${resource}`;
    return target('catalog', `glue/${resource.replace(database, 'parapet')}`, { arn, account: accountId });
  });
}

const http = (actions: readonly string[], refused: readonly string[]): Deviation[] => [
  deviation('over plain HTTP', { 'aws:SecureTransport': 'false' }, { actions, refused, against: 'all' }),
];

function roleTargets(role: DeployedResource, deployment: Deployment, policies: Policies): readonly Target[] {
  const name = roleLabel(role, deployment).replace(/^(.*?)Role\w*/, (_, start: string) => kebab(start));
  const place = { arn: role.arn, account: deployment.accountId };
  const actions = ['sts:AssumeRole'];
  const inEmergency = EMERGENCY.includes(name) ? actions : [];
  return [
    target(
      'trust',
      `trust/${name}`,
      { ...place, policy: policies.ofResource.get(role.arn) },
      {
        context: { 'sts:DurationSeconds': '900' },
        deviations: [
          deviation('for an hour', { 'sts:DurationSeconds': '3600' }, { actions, refused: inEmergency }),
          deviation(
            'on a factor of an hour ago',
            { 'aws:MultiFactorAuthAge': '3600' },
            { actions, refused: inEmergency },
          ),
          deviation('without a second factor', { 'aws:MultiFactorAuthPresent': 'false' }, { actions }),
          // Long-lived keys have no such condition key at all.
          deviation('with a lasting access key', { 'aws:MultiFactorAuthPresent': undefined }, { actions }),
        ],
      },
    ),
    target('role', `role/${name}`, place),
  ];
}
