/** Everything that is watched: one table, from metric to threshold. Every name, up to a stage's, is a heading of docs/runbook.md. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, type METRICS, type Stage, type SWEEP_METRICS, type SweepActor } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import { ACTORS } from '../principals.ts';
import type { Submission } from '../submission.ts';
import type { Sweep } from '../sweep.ts';
import type { TrailMetric } from './trail-metrics.ts';

export interface Watched {
  /** Name of the alarm. */
  readonly name: string;
  /** Heading of the runbook, where it is not the name. */
  readonly heading?: string;
  readonly metric: cloudwatch.IMetric;
  /** It rings from this value on, in one period. */
  readonly threshold: number;
  /** It rings instead when the metric has stayed below the threshold, or absent, for so many periods. */
  readonly missingFor?: number;
}

const MINUTE = Duration.minutes(1);
const QUARTER = Duration.minutes(15);
const HOUR = Duration.hours(1);

/** @param options.stages Whether every stage has alarms of its own, beside those of the flow. */
export function watched(
  submission: Submission,
  trail: Readonly<Record<TrailMetric, cloudwatch.Metric>>,
  options: { readonly stages: boolean },
): Watched[] {
  const { flow, custodian, closing, deadLetters } = submission;
  const once = (name: string, metric: cloudwatch.Metric): Watched => ({
    name,
    metric: metric.with({ period: MINUTE }),
    threshold: 1,
  });
  return [
    once('dead-letters', deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })),
    once('submission-failed', flow.metricFailed()),
    once('submission-timed-out', flow.metricTimedOut()),
    once('submission-aborted', flow.metricAborted()),
    once('custody-failed', custodian.metricFailed()),
    once('closing-failed', closing.metricFailed()),
    once('closing-timed-out', closing.metricTimedOut()),
    // Milliseconds from the event to the end. A run that never ends is stopped and sealed: submission-timed-out.
    {
      name: 'seal-late',
      metric: flow.metricTime({ statistic: 'Maximum', period: Duration.minutes(5) }),
      threshold: 3_600_000,
    },
    { name: 'quarantine-rate', metric: quarantineRate(HOUR), threshold: 10 },
    { name: 'submissions-refused', metric: ended('seal', 'refused', QUARTER), threshold: 5 },
    once('access-denied', trail['access-denied']),
    once('break-glass', trail['break-glass']),
    { name: 'failed-log-ins', metric: trail['failed-log-ins'].with({ period: QUARTER }), threshold: 3 },
    once('rotation-failed', trail['rotation-failed']),
    once('key-endangered', trail['key-endangered']),
    once('permissions-changed', trail['permissions-changed']),
    once('trail-changed', trail['trail-changed']),
    ...(options.stages ? ACTORS.flatMap((actor) => ofStage(actor, submission)) : []),
  ];
}

/** A stage that fails is retried: several errors in a quarter of an hour are more than a bad moment. */
function ofStage(actor: (typeof ACTORS)[number], { functions }: Submission): Watched[] {
  return [
    {
      name: `${actor}-errors`,
      heading: 'stage-errors',
      metric: functions[actor].metricErrors({ period: QUARTER, statistic: 'Sum' }),
      threshold: 3,
    },
    {
      name: `${actor}-throttled`,
      heading: 'stage-throttled',
      metric: functions[actor].metricThrottles({ period: QUARTER, statistic: 'Sum' }),
      threshold: 10,
    },
  ];
}

/** What functions/runtime/metrics.ts writes for a stage. */
export function stageMetric(
  stage: Stage | 'custody',
  metricName: keyof typeof METRICS,
  period: Duration,
  statistic = 'Sum',
) {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { stage },
    statistic,
    period,
    label: stage,
  });
}

/** How many invocations of a stage ended so: each writes its duration, under its outcome. */
export function ended(stage: Stage | SweepActor, outcome: string, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName: 'durationMs',
    dimensionsMap: { stage, outcome },
    statistic: 'SampleCount',
    period,
    label: outcome,
  });
}

/** Percent of the records of the runs that were sealed in the period: the seal alone counts a run as a whole. */
export function quarantineRate(period: Duration): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: 'IF(received > 0, 100 * quarantined / received, 0)',
    usingMetrics: {
      received: stageMetric('seal', 'received', period),
      quarantined: stageMetric('seal', 'quarantined', period),
    },
    period,
    label: 'quarantined, percent',
  });
}

/**
 * A sweep without an answer. Each metric rings by itself, as it has data only when it counts something: a sum of them would have
 * no value whenever one is missing, and FILL is not promised to fill what has no data at all. CloudWatch asks the same for either.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
const unanswered = (name: string, metric: cloudwatch.Metric): Watched => ({
  name,
  heading: 'sweep-failed',
  metric,
  threshold: 1,
});

/** The alarms of what is swept. */
export function watchedSweeps(
  { machine, closing, deadLetters }: Sweep,
  sweeps: DeploymentConfiguration['sweeps'],
): Watched[] {
  const dead = deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: MINUTE });
  return [
    { name: 'sweep-diverged', metric: ended('sweep-report', 'diverged', QUARTER), threshold: 1 },
    { name: 'sweep-breaker-open', metric: ended('sweep-report', 'tripped', QUARTER), threshold: 1 },
    unanswered('sweep-failed', machine.metricFailed({ period: QUARTER })),
    unanswered('sweep-timed-out', machine.metricTimedOut({ period: QUARTER })),
    unanswered('sweep-inconclusive', ended('sweep-report', 'inconclusive', QUARTER)),
    unanswered('sweep-closing-failed', closing.metricFailed({ period: QUARTER })),
    unanswered('sweep-closing-timed-out', closing.metricTimedOut({ period: QUARTER })),
    { name: 'sweep-dead-letters', heading: 'dead-letters', metric: dead, threshold: 1 },
    ...Object.entries(sweeps)
      .filter(([, { schedule }]) => schedule !== undefined)
      .map(
        ([dataset, { lateHours }]): Watched => ({
          name: `sweep-late-${dataset}`,
          heading: 'sweep-late',
          metric: new cloudwatch.Metric({
            namespace: METRIC_NAMESPACE,
            metricName: 'verdicts' satisfies keyof typeof SWEEP_METRICS,
            dimensionsMap: { dataset },
            statistic: 'Sum',
            period: HOUR,
            label: dataset,
          }),
          threshold: 1,
          missingFor: lateHours,
        }),
      ),
  ];
}
