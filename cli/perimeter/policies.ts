/** Every policy document of a deployment, with what it is attached to. Nothing that looks like a policy is passed over. */
import * as z from 'zod';
import { readPermissions } from '../../local/functions/permissions.ts';
import { AWS_MANAGED_POLICIES } from '../../local/iam/managed-policies.ts';
import type { DeployedResource, Deployment } from '../../local/service.ts';
import { type CompiledPolicy, compilePolicy } from '../../shared/policy/document.ts';
import type { PolicyKind } from '../../shared/policy/statement.ts';
import { Problem } from '../../shared/problem.ts';

export type Layer = 'role' | 'boundary' | 'resource' | 'endpoint';

const Document = z.looseObject({ Statement: z.array(z.record(z.string(), z.unknown())) });

export interface PolicyEntry {
  /** For a person: `VaultBucket`, `IngestionRole access`, `IngestionRole trust`. */
  readonly id: string;
  readonly layer: Layer;
  readonly kind: PolicyKind;
  /** What it is attached to, as CloudFormation refers to it: name of a bucket, ARN of a role, a key, an endpoint's id. */
  readonly owner: string;
  /** The service whose actions alone it can speak of; an identity's speaks of all. */
  readonly service: string | undefined;
  readonly document: z.infer<typeof Document>;
  readonly compiled: CompiledPolicy;
}

export interface RolePolicies {
  readonly identity: readonly PolicyEntry[];
  /** AWS's own, which are no part of the template. */
  readonly managed: readonly CompiledPolicy[];
  readonly boundary: PolicyEntry | undefined;
  readonly trust: PolicyEntry;
}

export interface Policies {
  readonly all: readonly PolicyEntry[];
  /** By the role's ARN. */
  readonly ofRole: ReadonlyMap<string, RolePolicies>;
  /** By owner; a role's is its trust. */
  readonly ofResource: ReadonlyMap<string, PolicyEntry>;
  /** By the endpoint's id. */
  readonly ofEndpoint: ReadonlyMap<string, PolicyEntry>;
}

/** Policies that stand in a resource of their own, or inside the resource that they protect: where, and whose. */
const RESOURCE_POLICIES: Readonly<
  Record<string, { readonly at: readonly string[]; readonly owner?: string; readonly service: string }>
> = {
  'AWS::S3::BucketPolicy': { at: ['PolicyDocument'], owner: 'Bucket', service: 's3' },
  'AWS::KMS::Key': { at: ['KeyPolicy'], service: 'kms' },
  'AWS::DynamoDB::Table': { at: ['ResourcePolicy', 'PolicyDocument'], service: 'dynamodb' },
  'AWS::SecretsManager::ResourcePolicy': { at: ['ResourcePolicy'], owner: 'SecretId', service: 'secretsmanager' },
  'AWS::SQS::QueuePolicy': { at: ['PolicyDocument'], owner: 'Queues', service: 'sqs' },
  'AWS::SNS::TopicPolicy': { at: ['PolicyDocument'], owner: 'Topics', service: 'sns' },
};

const RoleProperties = z.looseObject({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.looseObject({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  PermissionsBoundary: z.string().optional(),
});
const Attachment = z.looseObject({
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
  RoleName: z.string().optional(),
});
const EndpointProperties = z.looseObject({ ServiceName: z.string(), PolicyDocument: z.unknown().optional() });

/** @throws Problem `configuration-invalid` when the template holds a policy in a place that is not read here. */
export function readPolicies(deployment: Deployment): Policies {
  const ofRole = readRoles(deployment);
  const resource = new Map(
    deployment.resources
      .flatMap((each) => resourcePolicy(each, deployment))
      .concat(functionPolicies(deployment))
      .map((entry) => [entry.owner, entry] as const),
  );
  const endpoints = new Map(
    deployment
      .ofType('AWS::EC2::VPCEndpoint')
      .flatMap(endpointPolicy)
      .map((entry) => [entry.owner, entry] as const),
  );
  const trusts = new Map([...ofRole].map(([arn, { trust }]) => [arn, trust]));
  const ofRoles = [...ofRole.values()].flatMap(({ identity, boundary, trust }) => [
    ...identity,
    ...(boundary ? [boundary] : []),
    trust,
  ]);
  const all = [...new Set([...ofRoles, ...resource.values(), ...endpoints.values()])];
  requireAll(deployment, all);
  return { all, ofRole, ofResource: new Map([...resource, ...trusts]), ofEndpoint: endpoints };
}

function entry(
  document: unknown,
  rest: Pick<PolicyEntry, 'id' | 'layer' | 'kind' | 'owner'> & { readonly service?: string },
): PolicyEntry {
  const parsed = Document.safeParse(document);
  if (!parsed.success) {
    throw new Problem('configuration-invalid', { detail: `${rest.id} of the template holds no policy document.` });
  }
  const compiled = compilePolicy(parsed.data, rest.kind, rest.id);
  if (compiled.fault !== undefined) {
    throw new Problem('configuration-invalid', { detail: `${rest.id}: ${compiled.fault}` });
  }
  return { service: undefined, ...rest, document: parsed.data, compiled };
}

function readRoles(deployment: Deployment): ReadonlyMap<string, RolePolicies> {
  const managed = new Map(deployment.ofType('AWS::IAM::ManagedPolicy').map((policy) => [policy.arn, policy]));
  // One entry for a document that several roles share: it is one policy, to be mutated once.
  const shared = new Map<string, PolicyEntry>();
  const sharedEntry = (resource: DeployedResource, layer: Layer): PolicyEntry => {
    const id = `${resource.logicalId}${layer === 'boundary' ? ' boundary' : ''}`;
    const known = shared.get(id);
    if (known) return known;
    const document = Attachment.parse(resource.properties).PolicyDocument;
    const made = entry(document, { id, layer, kind: 'identity', owner: resource.logicalId });
    shared.set(id, made);
    return made;
  };
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => deployment.ofType(type))
    .map((resource) => ({ resource, ...Attachment.parse(resource.properties) }));
  return new Map(
    deployment.ofType('AWS::IAM::Role').map((role): [string, RolePolicies] => {
      const properties = RoleProperties.parse(role.properties);
      const name = roleLabel(role, deployment);
      const owner = role.arn;
      const others = attached.filter(({ Roles, RoleName }) => [...Roles, RoleName].includes(role.physicalId));
      const arns = properties.ManagedPolicyArns;
      const boundaryArn = properties.PermissionsBoundary;
      const boundary = boundaryArn === undefined ? undefined : managed.get(boundaryArn);
      return [
        role.arn,
        {
          identity: [
            ...properties.Policies.map(({ PolicyName, PolicyDocument }) =>
              entry(PolicyDocument, { id: `${name} ${PolicyName}`, layer: 'role', kind: 'identity', owner }),
            ),
            ...others.map(({ resource }) => sharedEntry(resource, 'role')),
            ...arns.flatMap((arn) => {
              const own = managed.get(arn);
              return own === undefined ? [] : [sharedEntry(own, 'role')];
            }),
          ],
          managed: arns.filter((arn) => !managed.has(arn)).map((arn) => ofAws(arn, name)),
          boundary: boundary && sharedEntry(boundary, 'boundary'),
          trust: entry(properties.AssumeRolePolicyDocument, {
            id: `${name} trust`,
            layer: 'resource',
            kind: 'trust',
            owner,
            service: 'sts',
          }),
        },
      ];
    }),
  );
}

/** The logical id, with the stack where two stacks have one of the same name. */
export function roleLabel(role: DeployedResource, deployment: Deployment): string {
  const namesakes = deployment.ofType(role.type).filter(({ logicalId }) => logicalId === role.logicalId);
  return namesakes.length > 1 ? `${role.logicalId} (${role.stack})` : role.logicalId;
}

function ofAws(arn: string, role: string): CompiledPolicy {
  const name = /^arn:aws[a-z-]*:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? '';
  if (Object.hasOwn(AWS_MANAGED_POLICIES, name)) return compilePolicy(AWS_MANAGED_POLICIES[name], 'identity', name);
  throw new Problem('configuration-invalid', { detail: `The policy ${arn} of the role ${role} is not known.` });
}

function resourcePolicy(resource: DeployedResource, deployment: Deployment): readonly PolicyEntry[] {
  const place = RESOURCE_POLICIES[resource.type];
  if (place === undefined) return [];
  const document = place.at.reduce<unknown>((value, name) => member(value, name), resource.properties);
  if (document === undefined) return [];
  const owners = place.owner === undefined ? [resource.physicalId] : [resource.properties[place.owner]].flat();
  return owners.map((owner) => {
    const protectedOne = deployment.resources.find(({ physicalId }) => physicalId === owner);
    return entry(document, {
      id: protectedOne?.logicalId ?? resource.logicalId,
      layer: 'resource',
      kind: 'resource',
      owner: String(owner),
      service: place.service,
    });
  });
}

/** CloudFormation has a function’s policy as one resource for each of its statements. */
function functionPolicies(deployment: Deployment): readonly PolicyEntry[] {
  return [...readPermissions(deployment)].map(([arn, document]) => {
    const { logicalId } = deployment.ofType('AWS::Lambda::Function').find((each) => each.arn === arn) ?? {};
    return entry(document, {
      id: logicalId ?? arn,
      layer: 'resource',
      kind: 'resource',
      owner: arn,
      service: 'lambda',
    });
  });
}

function endpointPolicy(resource: DeployedResource): readonly PolicyEntry[] {
  const { PolicyDocument, ServiceName } = EndpointProperties.parse(resource.properties);
  if (PolicyDocument === undefined) return [];
  const service = ServiceName.split('.').at(-1) ?? '';
  const owner = resource.physicalId;
  return [entry(PolicyDocument, { id: resource.logicalId, layer: 'endpoint', kind: 'endpoint', owner, service })];
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;

/** A policy in a place that nobody has thought of would be one that nothing is proven of. */
function requireAll(deployment: Deployment, read: readonly PolicyEntry[]): void {
  const known = new Set(read.map(({ document }) => JSON.stringify(document)));
  const walk = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Document.safeParse(value).success) {
      if (known.has(JSON.stringify(Document.parse(value)))) return;
      throw new Problem('configuration-invalid', {
        detail: `${place} holds a policy that the perimeter does not read.`,
      });
    }
    for (const [name, nested] of Object.entries(value)) walk(nested, `${place}/${name}`);
  };
  for (const { logicalId, properties } of deployment.resources) walk(properties, logicalId);
}
