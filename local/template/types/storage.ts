import { deterministicUuid, digest } from '../names.ts';
import { arn, nameFrom, type ResourceType, type Subject, text } from './type.ts';

const bucketName = (subject: Subject): string => nameFrom('BucketName', 63)(subject).toLowerCase();
const tableName = nameFrom('TableName', 255);
const keyId = ({ stack, logicalId }: Subject): string => deterministicUuid('key', stack, logicalId);
const queueName = (subject: Subject): string => {
  const name = nameFrom('QueueName', 75)(subject);
  return subject.property('FifoQueue') === true && !name.endsWith('.fifo') ? `${name}.fifo` : name;
};
// A secret's ARN ends in six characters that Secrets Manager chooses.
const secretArn = arn(
  'secretsmanager',
  (subject) =>
    `secret:${nameFrom('Name', 256)(subject)}-${digest('secret', subject.stack, subject.logicalId).slice(0, 6)}`,
);
const queueUrl = (subject: Subject): string =>
  `https://sqs.${subject.region}.amazonaws.com/${subject.accountId}/${queueName(subject)}`;
const table: ResourceType = {
  ref: tableName,
  arn: arn('dynamodb', (subject) => `table/${tableName(subject)}`),
  attributes: { TableId: ({ stack, logicalId }) => deterministicUuid('table', stack, logicalId) },
};
const topicArn = arn('sns', nameFrom('TopicName', 256));

export const STORAGE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::S3::Bucket': {
    ref: bucketName,
    arn: (subject) => `arn:${subject.partition}:s3:::${bucketName(subject)}`,
    attributes: {
      DomainName: (subject) => `${bucketName(subject)}.s3.amazonaws.com`,
      RegionalDomainName: (subject) => `${bucketName(subject)}.s3.${subject.region}.amazonaws.com`,
    },
  },
  'AWS::S3::BucketPolicy': { ref: (subject) => `${text(subject, 'Bucket')}-policy` },
  'AWS::KMS::Key': {
    ref: keyId,
    arn: arn('kms', (subject) => `key/${keyId(subject)}`),
    attributes: { KeyId: keyId },
  },
  'AWS::KMS::Alias': {
    ref: (subject) => text(subject, 'AliasName'),
    arn: arn('kms', (subject) => text(subject, 'AliasName')),
  },
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::SecretsManager::Secret': { ref: secretArn, arn: secretArn, attributes: { Id: secretArn } },
  'AWS::SecretsManager::ResourcePolicy': { ref: (subject) => text(subject, 'SecretId') },
  'AWS::SecretsManager::RotationSchedule': { ref: (subject) => text(subject, 'SecretId') },
  'AWS::SQS::Queue': {
    ref: queueUrl,
    arn: arn('sqs', queueName),
    attributes: { QueueName: queueName, QueueUrl: queueUrl },
  },
  'AWS::SQS::QueuePolicy': { ref: ({ stack, logicalId }) => `${stack}-${logicalId}` },
  'AWS::SNS::Topic': {
    ref: topicArn,
    arn: topicArn,
    attributes: { TopicArn: topicArn, TopicName: nameFrom('TopicName', 256) },
  },
  'AWS::SNS::TopicPolicy': { ref: ({ stack, logicalId }) => `${stack}-${logicalId}` },
  'AWS::SNS::Subscription': { ref: ({ stack, logicalId }) => `${stack}-${logicalId}` },
};
