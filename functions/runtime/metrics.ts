import {
  type Actor,
  METRIC_NAMESPACE,
  METRICS,
  type RotationActor,
  SWEEP_METRICS,
  type SweepActor,
} from '../../shared/names.ts';

export type MetricName = keyof typeof METRICS;

/**
 * One line in CloudWatch's embedded metric format: the log line becomes metrics by itself, without an API call and so
 * without an endpoint in the network. Dimensions are the stage and its outcome, both closed sets.
 * By outcome there is the duration alone (its sample count is how many ended so): a metric is paid for by the hour in which it has a value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(
  stage: Actor | SweepActor | RotationActor,
  outcome: string,
  values: Readonly<Partial<Record<MetricName, number>>>,
  now: number,
): string {
  const names = Object.keys(METRICS).filter((name): name is MetricName => values[name as MetricName] !== undefined);
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['stage']],
          Metrics: names.map((name) => ({ Name: name, Unit: METRICS[name] })),
        },
        ...(values.durationMs === undefined
          ? []
          : [
              {
                Namespace: METRIC_NAMESPACE,
                Dimensions: [['stage', 'outcome']],
                Metrics: [{ Name: 'durationMs', Unit: METRICS.durationMs }],
              },
            ]),
      ],
    },
    stage,
    outcome,
    ...Object.fromEntries(names.map((name) => [name, values[name]])),
  });
}

/** What the end of a sweep is counted as, by its dataset: a name of the configuration, and so one of few. */
export function sweepMetricLine(dataset: string, divergences: number, now: number): string {
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['dataset']],
          Metrics: Object.entries(SWEEP_METRICS).map(([Name, Unit]) => ({ Name, Unit })),
        },
      ],
    },
    dataset,
    verdicts: 1,
    divergences,
  });
}
