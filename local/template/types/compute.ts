import { digest } from '../names.ts';
import { arn, globalArn, nameFrom, type ResourceType, type Subject, text } from './type.ts';

const pathOf = (subject: Subject): string => {
  const path = subject.property('Path');
  return typeof path === 'string' ? path : '/';
};
const roleName = nameFrom('RoleName', 64);
/** The id that `aws:userid` begins with: IAM's own, never reused when a role of the same name comes back. */
export const roleId = ({ stack, logicalId }: { readonly stack: string; readonly logicalId: string }): string =>
  `AROA${digest('role', stack, logicalId).slice(0, 17).toUpperCase()}`;
const managedPolicyArn = globalArn(
  'iam',
  (subject) => `policy${pathOf(subject)}${nameFrom('ManagedPolicyName', 128)(subject)}`,
);

const functionName = nameFrom('FunctionName', 64);
const functionArn = arn('lambda', (subject) => `function:${functionName(subject)}`);
/** `FunctionName` of a version or an alias may be a name or an ARN. */
const functionOf = (subject: Subject): string => {
  const name = text(subject, 'FunctionName');
  return name.startsWith('arn:') ? name : arn('lambda', () => `function:${name}`)(subject);
};
const aliasArn = (subject: Subject): string => `${functionOf(subject)}:${text(subject, 'Name')}`;

const machineName = nameFrom('StateMachineName', 80);
const machineArn = arn('states', (subject) => `stateMachine:${machineName(subject)}`);

const busOf = (subject: Subject): string => {
  const bus = subject.property('EventBusName');
  return typeof bus === 'string' && bus !== 'default' ? `${bus.split('/').at(-1)}/` : '';
};
const ruleName = nameFrom('Name', 64);

export const COMPUTE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::IAM::Role': {
    ref: roleName,
    arn: globalArn('iam', (subject) => `role${pathOf(subject)}${roleName(subject)}`),
    attributes: { RoleId: roleId },
  },
  'AWS::IAM::Policy': { ref: nameFrom('PolicyName', 128) },
  'AWS::IAM::RolePolicy': { ref: nameFrom('PolicyName', 128) },
  'AWS::IAM::ManagedPolicy': {
    ref: managedPolicyArn,
    arn: managedPolicyArn,
    attributes: { PolicyArn: managedPolicyArn },
  },
  'AWS::Lambda::Function': { ref: functionName, arn: functionArn },
  'AWS::Lambda::Version': {
    ref: (subject) => `${functionOf(subject)}:1`,
    arn: (subject) => `${functionOf(subject)}:1`,
    attributes: { Version: () => '1', FunctionArn: (subject) => `${functionOf(subject)}:1` },
  },
  'AWS::Lambda::Alias': { ref: aliasArn, arn: aliasArn, attributes: { AliasArn: aliasArn } },
  'AWS::Lambda::Permission': { ref: ({ stack, logicalId }) => `${stack}-${logicalId}` },
  'AWS::Lambda::EventInvokeConfig': { ref: ({ stack, logicalId }) => `${stack}-${logicalId}` },
  'AWS::StepFunctions::StateMachine': {
    ref: machineArn,
    arn: machineArn,
    attributes: { Name: machineName },
  },
  'AWS::Events::Rule': {
    ref: ruleName,
    arn: arn('events', (subject) => `rule/${busOf(subject)}${ruleName(subject)}`),
  },
  'AWS::Events::EventBus': {
    ref: nameFrom('Name', 256),
    arn: arn('events', (subject) => `event-bus/${nameFrom('Name', 256)(subject)}`),
    attributes: { Name: nameFrom('Name', 256) },
  },
  'AWS::Scheduler::ScheduleGroup': {
    ref: nameFrom('Name', 64),
    arn: arn('scheduler', (subject) => `schedule-group/${nameFrom('Name', 64)(subject)}`),
  },
  'AWS::Scheduler::Schedule': {
    ref: nameFrom('Name', 64),
    arn: arn('scheduler', (subject) => {
      const group = subject.property('GroupName');
      return `schedule/${typeof group === 'string' ? group : 'default'}/${nameFrom('Name', 64)(subject)}`;
    }),
  },
};
