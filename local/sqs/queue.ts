/** Queues as the template declares them. FIFO queues and queues with a dead-letter queue of their own are refused. */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import type { Deployment } from '../service.ts';

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly maximumMessageBytes: number;
  /** Of `AWS::SQS::QueuePolicy`. */
  readonly policy: unknown;
}

const properties = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: z.number().default(30),
  DelaySeconds: z.number().default(0),
  MessageRetentionPeriod: z.number().default(345_600),
  MaximumMessageSize: z.number().default(262_144),
  ReceiveMessageWaitTimeSeconds: z.number().optional(),
  // SQS's own key: nothing to grant. A queue under a customer's key would need its grants checked.
  SqsManagedSseEnabled: z.boolean().optional(),
  Tags: z.unknown().optional(),
});
const policyProperties = z.looseObject({ PolicyDocument: z.unknown(), Queues: z.array(z.string()) });

/** By name. */
export function readQueues(deployment: Deployment): ReadonlyMap<string, Queue> {
  const policies = deployment
    .ofType('AWS::SQS::QueuePolicy')
    .map(({ properties: given }) => policyProperties.parse(given));
  const queues = deployment.ofType('AWS::SQS::Queue').map((resource): Queue => {
    const given = properties.safeParse(resource.properties);
    if (!given.success) {
      throw new Problem('not-implemented', { detail: `${resource.logicalId}: ${z.prettifyError(given.error)}` });
    }
    const name = queueName(resource.arn);
    const own = policies.find(({ Queues }) => Queues.includes(resource.physicalId));
    return {
      name,
      arn: resource.arn,
      visibilityTimeoutSeconds: given.data.VisibilityTimeout,
      delaySeconds: given.data.DelaySeconds,
      retentionSeconds: given.data.MessageRetentionPeriod,
      maximumMessageBytes: given.data.MaximumMessageSize,
      policy: own?.PolicyDocument,
    };
  });
  return new Map(queues.map((queue) => [queue.name, queue]));
}

/** The last part of an ARN or of a queue's URL. */
export function queueName(arnOrUrl: string): string {
  return arnOrUrl.split(/[:/]/).at(-1) ?? arnOrUrl;
}
