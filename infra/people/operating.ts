/** Deeds that keep the deployment running, and touch no data. */
import { Aws } from 'aws-cdk-lib';
import { rotatedNames, sweeps } from '../config.ts';
import type { Grant } from '../constructs/grant.ts';
import { ACTORS } from '../principals.ts';
import type { Deed } from './matrix.ts';
import { type DeedProps, keyArns, regional } from './props.ts';

export function operatingDeeds(props: DeedProps) {
  const { config, principals, tokenSalts } = props;
  const named = (of: string): string => principals.name(of);
  const rotated = sweeps(config).length === 0 ? [] : rotatedNames(config);
  return {
    watchMetrics: [
      {
        sid: 'WatchMetrics',
        because: 'metrics have no ARN: they are read on "*" or not at all',
        actions: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
        resources: ['*'],
      },
      {
        sid: 'WatchAlarms',
        because: 'which alarm rings, and the page on which they stand',
        actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetDashboard'],
        resources: [
          regional('cloudwatch', `alarm:${named('*')}`),
          `arn:${Aws.PARTITION}:cloudwatch::${Aws.ACCOUNT_ID}:dashboard/${named('*')}`,
        ],
      },
    ],
    readLogs: [
      {
        sid: 'ReadLogs',
        because: 'a stage that fails says why in its log: a code and digests, never a value',
        actions: ['logs:FilterLogEvents', 'logs:GetLogEvents'],
        resources: ACTORS.map((actor) => regional('logs', `log-group:/parapet/${config.deployment}/${actor}:*`)),
      },
    ],
    clearDeadLetters: [
      {
        sid: 'ClearDeadLetters',
        because: 'an event that reached no run is looked at, replayed, and removed',
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [regional('sqs', named('dead-letters'))],
      },
    ],
    sealByHand: [
      {
        sid: 'SealByHand',
        because: 'a run whose seal failed twice is sealed by the closing machine, started again',
        actions: ['states:ListExecutions', 'states:StartExecution'],
        resources: [regional('states', `stateMachine:${named('closing')}`)],
      },
      {
        sid: 'WatchClosing',
        because: 'the failed execution holds the input to start it with',
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
        resources: [regional('states', `execution:${named('closing')}:*`)],
      },
    ],
    stopFlow: [
      {
        sid: 'StopFlow',
        because: 'in an incident uploads wait in the bucket until the rule is enabled again',
        actions: ['events:DescribeRule', 'events:DisableRule', 'events:EnableRule'],
        resources: [regional('events', `rule/${named('landing')}`)],
      },
    ],
    rescueKeys: [
      {
        sid: 'RescueKeys',
        because: 'from a deleted key nothing comes back: whoever is on duty must be able to stop it',
        actions: ['kms:CancelKeyDeletion', 'kms:DescribeKey', 'kms:EnableKey'],
        resources: keyArns(props),
      },
    ],
    restartTrail: [
      {
        sid: 'RestartTrail',
        because: 'what happens while the trail stands still is seen by nobody',
        actions: ['cloudtrail:GetTrailStatus', 'cloudtrail:StartLogging'],
        resources: [regional('cloudtrail', `trail/${named('trail')}`)],
      },
    ],
    rotateSecrets: [
      {
        sid: 'RotateSecrets',
        because: 'a secret that leaked is rotated now, and not when its turn comes; nobody has to see it for that',
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
        resources: [
          tokenSalts,
          // Six characters that nobody chooses end the ARN: a name that begins with another's is not meant by it.
          ...rotated.map((name) => regional('secretsmanager', `secret:${named(`sweep-${name}`)}-??????`)),
        ],
      },
    ],
  } satisfies Partial<Record<Deed, readonly Grant[]>>;
}
