/** How a function's calls leave: beside the network, through an endpoint of its VPC, or not at all. */
import * as z from 'zod';
import { type CompiledPolicy, compilePolicy } from '../../../shared/policy/document.ts';
import type { DeployedResource, Deployment } from '../../service.ts';
import { readSecurityGroups } from './security-groups.ts';

export interface Endpoint {
  /** `vpce-…` */
  readonly id: string;
  readonly vpcId: string;
  /** Without one an endpoint lets everything pass. */
  readonly policy: CompiledPolicy | undefined;
}

/**
 * - `public`: the function is in no VPC; the service's public address is reached.
 * - `unreachable`: it is in one, and no endpoint that it may use leads to the service. Calls time out.
 */
export type Route = 'public' | 'unreachable' | Endpoint;

export interface Network {
  /** @param service signing name, which is the last part of the endpoint's service name for every service served here */
  route(functionName: string, service: string): Route;
  endpoint(id: string): Endpoint | undefined;
}

const FunctionProperties = z.looseObject({
  VpcConfig: z
    .looseObject({ SubnetIds: z.array(z.string()).default([]), SecurityGroupIds: z.array(z.string()).default([]) })
    .optional(),
});
const SubnetProperties = z.looseObject({ VpcId: z.string() });
const VpcProperties = z.looseObject({ CidrBlock: z.string() });
const AssociationProperties = z.looseObject({ SubnetId: z.string(), RouteTableId: z.string() });
const EndpointProperties = z.looseObject({
  ServiceName: z.string(),
  VpcId: z.string(),
  VpcEndpointType: z.string().default('Gateway'),
  PolicyDocument: z.unknown().optional(),
  PrivateDnsEnabled: z.boolean().default(false),
  RouteTableIds: z.array(z.string()).default([]),
  SecurityGroupIds: z.array(z.string()).default([]),
});

interface Door extends Endpoint {
  readonly service: string;
  readonly properties: z.infer<typeof EndpointProperties>;
}

interface Attachment {
  readonly vpcId: string;
  readonly routeTables: readonly (string | undefined)[];
  readonly groups: readonly string[];
}

export function readNetwork(deployment: Deployment): Network {
  const groups = readSecurityGroups(deployment);
  const cidrs = new Map(
    deployment
      .ofType('AWS::EC2::VPC')
      .map(({ physicalId, properties }) => [physicalId, VpcProperties.parse(properties).CidrBlock]),
  );
  const doors = deployment.ofType('AWS::EC2::VPCEndpoint').map(readDoor);
  const functions = new Map(
    deployment.ofType('AWS::Lambda::Function').map((resource) => [resource.physicalId, attach(resource, deployment)]),
  );

  const isOpen = (door: Door, { vpcId, routeTables, groups: from }: Attachment): boolean => {
    const { VpcEndpointType, RouteTableIds, PrivateDnsEnabled, SecurityGroupIds } = door.properties;
    if (door.vpcId !== vpcId) return false;
    if (VpcEndpointType === 'Gateway') {
      // Every subnet must route there: Lambda may place the function in any of them.
      const routed = routeTables.every((table) => table !== undefined && RouteTableIds.includes(table));
      return routed && groups.admitsHttpsToGateway(from);
    }
    // Without private DNS the SDK's host name still leads to the public address, where there is no way.
    return PrivateDnsEnabled && groups.admitsHttps(from, SecurityGroupIds, cidrs.get(vpcId) ?? '');
  };

  return {
    route: (functionName, service) => {
      const attachment = functions.get(functionName);
      if (attachment === undefined) return 'public';
      return doors.find((door) => door.service === service && isOpen(door, attachment)) ?? 'unreachable';
    },
    endpoint: (id) => doors.find((door) => door.id === id),
  };
}

function readDoor(resource: DeployedResource): Door {
  const properties = EndpointProperties.parse(resource.properties);
  const policy = properties.PolicyDocument;
  return {
    id: resource.physicalId,
    vpcId: properties.VpcId,
    service: properties.ServiceName.split('.').at(-1) ?? '',
    policy: policy === undefined ? undefined : compilePolicy(policy, 'endpoint', resource.logicalId),
    properties,
  };
}

function attach(resource: DeployedResource, deployment: Deployment): Attachment | undefined {
  const { VpcConfig } = FunctionProperties.parse(resource.properties);
  if (VpcConfig === undefined || VpcConfig.SubnetIds.length === 0) return undefined;
  const subnets = deployment
    .ofType('AWS::EC2::Subnet')
    .filter(({ physicalId }) => VpcConfig.SubnetIds.includes(physicalId));
  const associations = deployment
    .ofType('AWS::EC2::SubnetRouteTableAssociation')
    .map(({ properties }) => AssociationProperties.parse(properties));
  const [first] = subnets;
  return {
    vpcId: first === undefined ? '' : SubnetProperties.parse(first.properties).VpcId,
    routeTables: VpcConfig.SubnetIds.map((id) => associations.find(({ SubnetId }) => SubnetId === id)?.RouteTableId),
    groups: VpcConfig.SecurityGroupIds,
  };
}
