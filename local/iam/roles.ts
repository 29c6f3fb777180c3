/** The roles of the templates with everything that decides what they may do. */
import * as z from 'zod';
import { type CompiledPolicy, compilePolicy } from '../../shared/policy/document.ts';
import { Problem } from '../../shared/problem.ts';
import type { DeployedResource, Deployment } from '../service.ts';
import { roleId } from '../template/types/compute.ts';
import { AWS_MANAGED_POLICIES } from './managed-policies.ts';

export interface Role {
  readonly arn: string;
  readonly name: string;
  /** `AROA…` */
  readonly id: string;
  readonly trust: CompiledPolicy;
  readonly identity: readonly CompiledPolicy[];
  readonly boundary: CompiledPolicy | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly longestSessionSeconds: number;
  /** Why a statement is there, by its Sid, where the template says so. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Metadata in which the templates keep the reason of every grant: `{"<sid>": "<reason>"}` (infra/constructs/grant.ts). */
const REASONS_METADATA = 'parapet:reasons';

const RoleProperties = z.looseObject({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.looseObject({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  PermissionsBoundary: z.string().optional(),
  MaxSessionDuration: z.number().default(3_600),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
});
const PolicyProperties = z.looseObject({
  PolicyName: z.string().optional(),
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
  RoleName: z.string().optional(),
});
const Reasons = z.record(z.string(), z.string()).default({});

/** By ARN. @throws Problem `configuration-invalid` for an attached policy that no template holds and AWS's list does not know. */
export function readRoles(deployment: Deployment): ReadonlyMap<string, Role> {
  const managed = new Map(deployment.ofType('AWS::IAM::ManagedPolicy').map((policy) => [policy.arn, policy]));
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => deployment.ofType(type))
    .map((resource) => ({ resource, ...PolicyProperties.parse(resource.properties) }));
  const roles = deployment.ofType('AWS::IAM::Role').map((resource): Role => {
    const properties = RoleProperties.parse(resource.properties);
    const name = resource.physicalId;
    const others = attached.filter(({ Roles, RoleName }) => Roles.includes(name) || RoleName === name);
    const arns = properties.ManagedPolicyArns;
    const compile = (document: unknown, policy: string): CompiledPolicy =>
      compilePolicy(document, 'identity', `${name}/${policy}`);
    const boundaryArn = properties.PermissionsBoundary;
    return {
      arn: resource.arn,
      name,
      id: roleId(resource),
      trust: compilePolicy(properties.AssumeRolePolicyDocument, 'trust', `${name}/trust`),
      identity: [
        ...properties.Policies.map((policy) => compile(policy.PolicyDocument, policy.PolicyName)),
        ...others.map((policy) => compile(policy.PolicyDocument, policy.resource.physicalId)),
        ...arns.map((arn) => compile(managedDocument(arn, managed, name), arn.split('/').at(-1) ?? arn)),
      ],
      boundary:
        boundaryArn === undefined ? undefined : compile(managedDocument(boundaryArn, managed, name), 'boundary'),
      tags: Object.fromEntries(properties.Tags.map(({ Key, Value }) => [Key, Value])),
      longestSessionSeconds: properties.MaxSessionDuration,
      reasons: reasonsOf([
        resource,
        ...others.map((policy) => policy.resource),
        ...arns.map((arn) => managed.get(arn)),
      ]),
    };
  });
  return new Map(roles.map((role) => [role.arn, role]));
}

function managedDocument(arn: string, managed: ReadonlyMap<string, DeployedResource>, role: string): unknown {
  const own = managed.get(arn);
  if (own !== undefined) return PolicyProperties.parse(own.properties).PolicyDocument;
  const name = /^arn:aws[a-z-]*:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? '';
  if (Object.hasOwn(AWS_MANAGED_POLICIES, name)) return AWS_MANAGED_POLICIES[name];
  throw new Problem('configuration-invalid', { detail: `The policy ${arn} of the role ${role} is not known.` });
}

function reasonsOf(resources: readonly (DeployedResource | undefined)[]): ReadonlyMap<string, string> {
  return new Map(resources.flatMap((resource) => Object.entries(Reasons.parse(resource?.metadata[REASONS_METADATA]))));
}
