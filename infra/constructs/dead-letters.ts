import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Foundation } from '../foundation.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { pin } from './pinned.ts';

/**
 * Events that reached no execution: an upload here is one that nobody has looked at, a schedule one sweep that nobody has seen. Encrypted by
 * SQS itself, so that EventBridge needs no grant on a key whose absence would lose the very event.
 */
export function deadLetterQueue(
  scope: Construct,
  { principals }: Foundation,
  names: { readonly id: string; readonly logicalId: string; readonly name: string },
): sqs.Queue {
  const queue = new sqs.Queue(scope, names.id, {
    queueName: principals.name(names.name),
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(
    queue,
    ['AwsSolutions-SQS3', ...ofPacks('SQSRedrivePolicy', 'Serverless')],
    'It is the dead-letter queue, of EventBridge’s rules and schedules.',
  );
  return pin(queue, names.logicalId);
}
