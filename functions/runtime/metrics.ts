import { METRIC_NAMESPACE, METRICS, type Stage } from '../../shared/names.ts';

export type MetricName = keyof typeof METRICS;

/**
 * One line in CloudWatch's embedded metric format: the log line becomes metrics by itself, without an API call and so
 * without an endpoint in the network. Dimensions are the stage and its outcome, both closed sets.
 * By outcome there is the duration alone (its sample count is how many ended so): a metric is paid for by the hour in which it has a value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(
  stage: Stage | 'custody',
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
