/** The API of the queues (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/). */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { jsonOperation, jsonService } from '../gateway/json-service.ts';
import { ApiError, type ApiRequest, type Authorizer, type Caller, type Service } from '../service.ts';
import { type Messages, md5OfBody, type ReceivedMessage } from './messages.ts';
import { type Queue, queueName } from './queue.ts';

const queueUrl = z.string();
const attribute = z.strictObject({ DataType: z.string(), StringValue: z.string() });

/** How often a long poll looks again, in milliseconds. */
const POLL_MS = 50;

export interface SqsOptions {
  readonly queues: ReadonlyMap<string, Queue>;
  readonly messages: Messages;
  readonly authorizer: Authorizer;
  readonly region: string;
  readonly now: () => number;
}

export interface QueueSender {
  /** Sends as a service or a role does. Throws `ApiError` where it may not, or where there is no such queue. */
  send(caller: Caller, queueArn: string, body: string, attributes: Readonly<Record<string, string>>): string;
}

export function createSqs({ queues, messages, authorizer, region, now }: SqsOptions): {
  readonly service: Service;
  readonly sender: QueueSender;
} {
  /** Permission is asked before it is told whether the queue exists. */
  const open = (caller: Caller, nameOrUrl: string, action: string): Queue => {
    const name = queueName(nameOrUrl);
    const queue = queues.get(name);
    authorizer.require(caller, {
      action: `sqs:${action}`,
      resource: queue?.arn ?? `arn:aws:sqs:${region}:${caller.accountId}:${name}`,
      context: {},
      resourceAccount: caller.accountId,
      ...(queue?.policy === undefined ? {} : { resourcePolicy: queue.policy }),
    });
    if (queue) return queue;
    throw new ApiError('QueueDoesNotExist', 'The specified queue does not exist.', 400);
  };
  const opened = (request: ApiRequest, url: string, action: string): Queue => open(request.caller, url, action);

  const requireSize = (queue: Queue, body: string): void => {
    if (body === '' || Buffer.byteLength(body) > queue.maximumMessageBytes) {
      throw new ApiError(
        'InvalidParameterValue',
        `A message has between 1 and ${queue.maximumMessageBytes} bytes.`,
        400,
      );
    }
  };

  const service = jsonService({
    signingName: 'sqs',
    name: 'SQS',
    target: 'AmazonSQS',
    contentType: 'application/x-amz-json-1.0',
    operations: {
      GetQueueUrl: jsonOperation(
        z.strictObject({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() }),
        ({ QueueName }, request) => {
          const { name } = opened(request, QueueName, 'GetQueueUrl');
          return { QueueUrl: `http://${request.headers.host ?? ''}/${request.caller.accountId}/${name}` };
        },
      ),
      GetQueueAttributes: jsonOperation(
        z.strictObject({ QueueUrl: queueUrl, AttributeNames: z.array(z.string()).default([]) }),
        ({ QueueUrl, AttributeNames }, request) => {
          const queue = opened(request, QueueUrl, 'GetQueueAttributes');
          return { Attributes: attributesOf(queue, messages, AttributeNames) };
        },
      ),
      SendMessage: jsonOperation(
        z.strictObject({
          QueueUrl: queueUrl,
          MessageBody: z.string(),
          DelaySeconds: z.int().min(0).max(900).optional(),
          MessageAttributes: z.record(z.string(), attribute).optional(),
        }),
        ({ QueueUrl, MessageBody, DelaySeconds, MessageAttributes }, request) => {
          const queue = opened(request, QueueUrl, 'SendMessage');
          requireSize(queue, MessageBody);
          const MessageId = messages.send(queue, MessageBody, MessageAttributes, DelaySeconds);
          return { MessageId, MD5OfMessageBody: md5OfBody(MessageBody) };
        },
      ),
      ReceiveMessage: jsonOperation(
        z.strictObject({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: z.int().min(1).max(10).default(1),
          VisibilityTimeout: z.int().min(0).max(43_200).optional(),
          WaitTimeSeconds: z.int().min(0).max(20).default(0),
          AttributeNames: z.array(z.string()).default([]),
          MessageSystemAttributeNames: z.array(z.string()).default([]),
          MessageAttributeNames: z.array(z.string()).default([]),
        }),
        async (input, request) => {
          const queue = opened(request, input.QueueUrl, 'ReceiveMessage');
          const visibility = input.VisibilityTimeout ?? queue.visibilityTimeoutSeconds;
          const until = now() + input.WaitTimeSeconds * 1_000;
          let received = messages.receive(queue, input.MaxNumberOfMessages, visibility);
          while (received.length === 0 && now() < until) {
            await delay(POLL_MS);
            received = messages.receive(queue, input.MaxNumberOfMessages, visibility);
          }
          const system = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
          return { Messages: received.map((message) => rendered(message, system, input.MessageAttributeNames)) };
        },
      ),
      DeleteMessage: jsonOperation(
        z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string() }),
        ({ QueueUrl, ReceiptHandle }, request) => {
          messages.remove(opened(request, QueueUrl, 'DeleteMessage'), ReceiptHandle);
          return {};
        },
      ),
    },
  });

  return {
    service,
    sender: {
      send: (caller, queueArn, body, attributes) => {
        const queue = open(caller, queueArn, 'SendMessage');
        requireSize(queue, body);
        const typed = Object.entries(attributes).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]);
        return messages.send(queue, body, Object.fromEntries(typed));
      },
    },
  };
}

function attributesOf(queue: Queue, messages: Messages, names: readonly string[]): Record<string, string> {
  const { visible, inFlight, delayed } = messages.count(queue);
  const all: Record<string, string> = {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    DelaySeconds: String(queue.delaySeconds),
    MaximumMessageSize: String(queue.maximumMessageBytes),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    QueueArn: queue.arn,
    SqsManagedSseEnabled: 'true',
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    ...(queue.policy === undefined ? {} : { Policy: JSON.stringify(queue.policy) }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name)));
}

function rendered(message: ReceivedMessage, system: readonly string[], names: readonly string[]): object {
  const all: Record<string, string> = {
    SentTimestamp: String(message.sentAt),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
  };
  const wanted = (asked: readonly string[]) => (name: string) => asked.includes('All') || asked.includes(name);
  const attributes = Object.entries(all).filter(([name]) => wanted(system)(name));
  const own = Object.entries(message.attributes).filter(([name]) => wanted(names)(name));
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5OfBody(message.body),
    ...(attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) }),
    ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) }),
  };
}
