import { arn, ec2Id, plain, type ResourceType, type Subject, text } from './type.ts';

const vpc = ec2Id('vpc');
const subnet = ec2Id('subnet');
const group = ec2Id('sg');
const routeTable = ec2Id('rtb');
const endpoint = ec2Id('vpce');
const networkAcl = ec2Id('acl');

const zoneOf = (subject: Subject): string => text(subject, 'AvailabilityZone');

export const NETWORK_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::EC2::VPC': {
    ref: vpc,
    arn: arn('ec2', (subject) => `vpc/${vpc(subject)}`),
    attributes: {
      VpcId: vpc,
      CidrBlock: (subject) => text(subject, 'CidrBlock'),
      DefaultSecurityGroup: ec2Id('sg'),
      DefaultNetworkAcl: ec2Id('acl'),
    },
  },
  'AWS::EC2::Subnet': {
    ref: subnet,
    arn: arn('ec2', (subject) => `subnet/${subnet(subject)}`),
    attributes: {
      SubnetId: subnet,
      VpcId: (subject) => text(subject, 'VpcId'),
      CidrBlock: (subject) => text(subject, 'CidrBlock'),
      AvailabilityZone: zoneOf,
    },
  },
  'AWS::EC2::RouteTable': { ref: routeTable, attributes: { RouteTableId: routeTable } },
  'AWS::EC2::SubnetRouteTableAssociation': { ref: ec2Id('rtbassoc'), attributes: { Id: ec2Id('rtbassoc') } },
  'AWS::EC2::SecurityGroup': {
    ref: group,
    arn: arn('ec2', (subject) => `security-group/${group(subject)}`),
    attributes: { GroupId: group, Id: group, VpcId: (subject) => text(subject, 'VpcId') },
  },
  'AWS::EC2::SecurityGroupIngress': { ref: ec2Id('sgr'), attributes: { Id: ec2Id('sgr') } },
  'AWS::EC2::SecurityGroupEgress': { ref: ec2Id('sgr'), attributes: { Id: ec2Id('sgr') } },
  'AWS::EC2::VPCEndpoint': {
    ref: endpoint,
    arn: arn('ec2', (subject) => `vpc-endpoint/${endpoint(subject)}`),
    attributes: { Id: endpoint },
  },
  'AWS::EC2::NetworkAcl': { ref: networkAcl, attributes: { Id: networkAcl } },
  'AWS::EC2::NetworkAclEntry': plain,
  'AWS::EC2::SubnetNetworkAclAssociation': { ref: ec2Id('aclassoc'), attributes: { AssociationId: ec2Id('aclassoc') } },
  'AWS::EC2::FlowLog': { ref: ec2Id('fl'), attributes: { Id: ec2Id('fl') } },
};
