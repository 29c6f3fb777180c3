/**
 * `Step Functions Execution Status Change`, as Step Functions sends it to the default bus
 * (https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html).
 */
import type { OutboxEvent } from '../events/outbox.ts';
import type { Execution } from './journal/executions.ts';

/** "If the combined escaped input and escaped output of your execution exceeds 248 KB, then the input will be excluded." */
const MAXIMUM_DATA_BYTES = 248 * 1024;

const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

export function statusEvent(
  execution: Execution,
  about: { readonly id: string; readonly at: number; readonly account: string; readonly region: string },
): OutboxEvent {
  const { input, output, redrivenAt } = execution;
  const outputBytes = output === undefined ? 0 : escapedBytes(output);
  const withOutput = outputBytes <= MAXIMUM_DATA_BYTES;
  const withInput = escapedBytes(input) + (withOutput ? outputBytes : 0) <= MAXIMUM_DATA_BYTES;
  return {
    id: about.id,
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    time: new Date(about.at).toISOString().replace(/\.\d+Z$/, 'Z'),
    account: about.account,
    region: about.region,
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: execution.machineArn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: execution.name,
      status: execution.status,
      startDate: execution.startedAt,
      stopDate: execution.stoppedAt ?? null,
      input: withInput ? input : null,
      inputDetails: { included: withInput },
      output: output !== undefined && withOutput ? output : null,
      outputDetails: output === undefined ? null : { included: withOutput },
      error: execution.error ?? null,
      cause: execution.cause ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: redrivenAt ?? null,
    },
  };
}
