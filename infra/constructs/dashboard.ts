/** One page: is anything wrong, what went through, how long it took, what was refused. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Foundation } from '../foundation.ts';
import { ACTORS } from '../principals.ts';
import type { Submission } from '../submission.ts';
import { pin } from './pinned.ts';
import type { TrailMetric } from './trail-metrics.ts';
import { ended, quarantineRate, stageMetric } from './watched.ts';

export interface DashboardProps {
  readonly foundation: Foundation;
  readonly submission: Submission;
  readonly trail: Readonly<Record<TrailMetric, cloudwatch.Metric>>;
  readonly alarms: readonly cloudwatch.Alarm[];
}

const PERIOD = Duration.minutes(5);

export function dashboard(scope: Construct, { foundation, submission, trail, alarms }: DashboardProps): void {
  const { flow, closing, deadLetters, functions } = submission;
  const graph = (title: string, left: readonly cloudwatch.IMetric[], label = ''): cloudwatch.GraphWidget =>
    new cloudwatch.GraphWidget({
      title,
      left: [...left],
      width: 12,
      height: 6,
      leftYAxis: { min: 0, label, showUnits: false },
    });
  const page = new cloudwatch.Dashboard(scope, 'Dashboard', {
    dashboardName: foundation.principals.name('overview'),
    defaultInterval: Duration.days(1),
    widgets: [
      [
        new cloudwatch.AlarmStatusWidget({
          title: 'Alarms (docs/runbook.md)',
          alarms: [...alarms],
          width: 24,
          height: 4,
        }),
      ],
      [
        graph('Runs', [
          flow.metricStarted({ period: PERIOD, label: 'started' }),
          flow.metricSucceeded({ period: PERIOD, label: 'succeeded' }),
          flow.metricFailed({ period: PERIOD, label: 'failed' }),
          closing.metricFailed({ period: PERIOD, label: 'not sealed' }),
          deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, label: 'not delivered' }),
        ]),
        graph(
          'Sealed runs by outcome',
          ['exported', 'partly-exported', 'quarantined', 'refused', 'failed'].map((outcome) =>
            ended('seal', outcome, PERIOD),
          ),
        ),
      ],
      [
        graph(
          'Records given to each stage',
          ACTORS.map((actor) => stageMetric(actor, 'received', PERIOD)),
        ),
        graph('Quarantined', [quarantineRate(Duration.hours(1))], 'percent of an hour’s records'),
      ],
      [
        graph(
          'Longest invocation',
          ACTORS.map((actor) => stageMetric(actor, 'durationMs', PERIOD, 'Maximum')),
          'ms',
        ),
        graph(
          'Errors of functions',
          ACTORS.map((actor) => functions[actor].metricErrors({ period: PERIOD, label: actor })),
        ),
      ],
      [
        graph(
          'Runs, from event to seal',
          [flow.metricTime({ period: PERIOD, statistic: 'Maximum', label: 'longest' })],
          'ms',
        ),
        graph(
          'What the trail saw',
          Object.entries(trail).map(([label, metric]) => metric.with({ period: PERIOD, label })),
        ),
      ],
    ],
  });
  pin(page, 'OverviewDashboard');
}
