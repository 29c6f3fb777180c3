import { Problem } from '../../shared/problem.ts';
import type { Caller, DeployedResource, Deployment } from '../service.ts';
import type { Network } from './network/network.ts';
import type { Role } from './roles.ts';
import { requireTrust } from './trust.ts';

/** Every kind of caller that this cloud knows. `accessKeyId` is empty for a caller that signs nothing (services inside). */
export interface Callers {
  /** A function in its own role, at the service that it calls: which endpoint it came through is part of who calls. */
  ofFunction(functionName: string, service: string, accessKeyId?: string): Caller;
  /** Whether the function's network leads to the service. */
  reaches(functionName: string, service: string): boolean;
  /** A person who has taken a role, with a second factor. */
  ofPerson(roleName: string, session: string, accessKeyId?: string): Caller;
  /**
   * A service in a role, the state machine's or an event rule's. Throws AccessDenied unless the role trusts the service.
   * @param sourceArn the resource for which the service acts, for `aws:SourceArn`
   */
  ofServiceInRole(roleArn: string, service: string, sourceArn: string): Caller;
  /** A service for itself: EventBridge sending to a queue. */
  ofService(service: string, sourceArn: string): Caller;
  root(accessKeyId?: string): Caller;
  /** By name or ARN. @throws Problem `not-found` */
  role(nameOrArn: string): Role;
}

export interface CallersOptions {
  readonly deployment: Deployment;
  readonly roles: ReadonlyMap<string, Role>;
  readonly network: Network;
}

export function createCallers({ deployment, roles, network }: CallersOptions): Callers {
  const { accountId } = deployment;
  const functions = new Map(deployment.ofType('AWS::Lambda::Function').map((each) => [each.physicalId, each]));

  const role = (nameOrArn: string): Role => {
    const found = roles.get(nameOrArn) ?? [...roles.values()].find(({ name }) => name === nameOrArn);
    if (found === undefined) throw new Problem('not-found', { detail: `There is no role ${nameOrArn}.` });
    return found;
  };
  const functionNamed = (name: string): DeployedResource => {
    const found = functions.get(name);
    if (found === undefined) throw new Problem('not-found', { detail: `There is no function ${name}.` });
    return found;
  };
  const inRole = (of: Role, session: string): Pick<Caller, 'accountId' | 'arn' | 'roleArn'> => ({
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${of.name}/${session}`,
    roleArn: of.arn,
  });

  return {
    role,
    ofFunction: (functionName, service, accessKeyId = '') => {
      const resource = functionNamed(functionName);
      const route = network.route(functionName, service);
      const ownRole = role(text(resource.properties.Role));
      requireTrust(ownRole, 'lambda.amazonaws.com', accountId, resource.arn);
      return {
        accessKeyId,
        ...inRole(ownRole, functionName),
        kind: 'function',
        name: functionName,
        context: {
          // Lambda puts the function's ARN into its credentials (Lambda Developer Guide, "Using source function ARN").
          'lambda:SourceFunctionArn': resource.arn,
          'aws:MultiFactorAuthPresent': 'false',
          ...(typeof route === 'string' ? {} : { 'aws:SourceVpc': route.vpcId, 'aws:SourceVpce': route.id }),
        },
      };
    },
    reaches: (functionName, service) =>
      network.route(functionNamed(functionName).physicalId, service) !== 'unreachable',
    ofPerson: (roleName, session, accessKeyId = '') => ({
      accessKeyId,
      ...inRole(role(roleName), session),
      kind: 'person',
      name: role(roleName).name,
      context: SECOND_FACTOR,
    }),
    ofServiceInRole: (roleArn, service, sourceArn) => {
      requireTrust(role(roleArn), service, accountId, sourceArn);
      // Step Functions, EventBridge and Scheduler name the session after the execution or event; nothing here reads it.
      const session = sourceArn.split(':').at(-1) ?? service;
      return {
        accessKeyId: '',
        ...inRole(role(roleArn), session.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64)),
        kind: 'service',
        name: service,
        context: { 'aws:MultiFactorAuthPresent': 'false' },
      };
    },
    ofService: (service, sourceArn) => ({
      accessKeyId: '',
      accountId,
      arn: service,
      kind: 'service',
      name: service,
      context: { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': accountId },
    }),
    // Only the developer's own tools act as root, in place of the person with a second factor who would deploy.
    root: (accessKeyId = '') => ({
      accessKeyId,
      accountId,
      arn: `arn:aws:iam::${accountId}:root`,
      kind: 'root',
      name: 'root',
      context: SECOND_FACTOR,
    }),
  };
}

/** Taken as given, a moment ago: nothing here has a device to ask. Lambda and services have none. */
const SECOND_FACTOR = { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '0' };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
