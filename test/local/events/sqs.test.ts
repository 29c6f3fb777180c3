import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { allow, ROOT, role } from '../support/templates.ts';
import { type Rig, rig } from './support.ts';

let own: Rig;
afterEach(() => own.close());

const jobs = {
  Jobs: {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'jobs', VisibilityTimeout: 1, SqsManagedSseEnabled: true },
  },
  Reader: role(ROOT, [allow('sqs:ReceiveMessage', { Resource: { 'Fn::GetAtt': ['Jobs', 'Arn'] } })]),
};

const url = async () => (await own.sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl ?? '';
const receive = async (QueueUrl: string, more: object = {}) =>
  (await own.sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];

describe('a queue, by its real client', () => {
  it('keeps a message until it is deleted, and hides it while it is being worked on', async () => {
    own = await rig(jobs);
    const QueueUrl = await url();
    await own.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const [message] = await receive(QueueUrl, { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({ Body: 'one', Attributes: { ApproximateReceiveCount: '1' } });
    expect(await receive(QueueUrl)).toEqual([]);

    const [again] = await receive(QueueUrl, { WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });
    expect(again).toMatchObject({ MessageId: message?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    await own.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    expect(await receive(QueueUrl, { WaitTimeSeconds: 2 })).toEqual([]);
  });

  it('counts what it holds', async () => {
    own = await rig(jobs);
    const QueueUrl = await url();
    for (const MessageBody of ['a', 'b', 'c']) await own.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await own.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 60 }));
    await receive(QueueUrl, { VisibilityTimeout: 60 });
    const { Attributes } = await own.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  it('asks whether the caller may, and refuses what it does not implement', async () => {
    own = await rig(jobs);
    const QueueUrl = await url();
    await own.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const { sqs } = own.as('Reader');
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toMatchObject({
      name: expect.stringContaining('AccessDenied'),
    });
    await expect(own.sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
    await expect(own.sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});
