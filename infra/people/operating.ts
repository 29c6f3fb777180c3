/** Deeds that keep the deployment running, and touch no data. */
import { Aws } from 'aws-cdk-lib';
import { rotatedNames, sweeps } from '../config.ts';
import type { Grant } from '../constructs/grant.ts';
import { functionRoles, SWEEP_MACHINE } from '../principals.ts';
import type { Deed } from './matrix.ts';
import { type DeedProps, keyArns, regional } from './props.ts';

export function operatingDeeds(props: DeedProps) {
  const { config, principals, tokenSalts } = props;
  const named = (of: string): string => principals.name(of);
  const swept = sweeps(config).length > 0;
  const closing = ['closing', ...(swept ? ['sweep-closing'] : [])];
  const rotated = swept ? rotatedNames(config) : [];
  const logged = [...functionRoles(config), 'salt-rotation', ...(rotated.length > 0 ? ['database-rotation'] : [])];
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
        resources: logged.map((actor) => regional('logs', `log-group:/parapet/${config.deployment}/${actor}:*`)),
      },
    ],
    clearDeadLetters: [
      {
        sid: 'ClearDeadLetters',
        because: 'an event that reached no run is looked at, replayed, and removed',
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: ['dead-letters', ...(swept ? ['sweep-dead-letters'] : [])].map((queue) =>
          regional('sqs', named(queue)),
        ),
      },
    ],
    sealByHand: [
      {
        sid: 'SealByHand',
        because: 'a run whose seal failed twice is sealed by the closing machine, started again',
        actions: ['states:ListExecutions', 'states:StartExecution'],
        resources: closing.map((each) => regional('states', `stateMachine:${named(each)}`)),
      },
      {
        sid: 'WatchClosing',
        because: 'the failed execution holds the input to start it with',
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
        resources: closing.map((each) => regional('states', `execution:${named(each)}:*`)),
      },
    ],
    startSweeps: swept
      ? [
          {
            sid: 'StartSweeps',
            because: 'after what was wrong has been mended, a sweep is not waited for',
            actions: ['states:ListExecutions', 'states:StartExecution'],
            resources: [regional('states', `stateMachine:${named(SWEEP_MACHINE)}`)],
          },
          {
            sid: 'FollowSweeps',
            because: 'which partition is being read, and why one was not',
            actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
            resources: [regional('states', `execution:${named(SWEEP_MACHINE)}:*`)],
          },
        ]
      : [],
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
