import { describe, expect, it } from 'vitest';
import { readNetwork } from '../../../local/iam/network/network.ts';
import { readDeployment } from '../../../local/template/deployment.ts';
import { writeAssembly } from '../support/assembly.ts';
import { gatewayEndpoint, interfaceEndpoint, isolated, LAMBDA, lambda, role, rule } from '../support/templates.ts';

const group = (id: string) => ({ 'Fn::GetAtt': [id, 'GroupId'] });
const everywhere = rule({ CidrIp: '0.0.0.0/0' });
const door = (...ingress: readonly object[]) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { VpcId: { Ref: 'Vpc' }, SecurityGroupIngress: ingress },
});
const fromWorker = rule({ SourceSecurityGroupId: group('Group') });

/** `open`, or what keeps the worker from the service. */
function route(resources: object, service: string): string {
  const template = { Resources: { WorkerRole: role(LAMBDA, []), ...resources } };
  const found = readNetwork(readDeployment(writeAssembly({ S: { template } }))).route('S-Worker', service);
  return typeof found === 'string' ? found : 'open';
}

describe('a gateway endpoint', () => {
  const Bypass = { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } };
  const Elsewhere = { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } };

  it.each([
    ['leads to its service', isolated({ S3: gatewayEndpoint('s3') }, [everywhere]), 'open'],
    ['by a prefix list', isolated({ S3: gatewayEndpoint('s3') }, [rule({ DestinationPrefixListId: 'pl-1' })]), 'open'],
    ['of another service', isolated({ S3: gatewayEndpoint('dynamodb') }, [everywhere]), 'unreachable'],
    [
      'on another route table',
      isolated({ Bypass, S3: gatewayEndpoint('s3', { RouteTableIds: [{ Ref: 'Bypass' }] }) }, [everywhere]),
      'unreachable',
    ],
    [
      'of another VPC',
      isolated({ Elsewhere, S3: gatewayEndpoint('s3', { VpcId: { Ref: 'Elsewhere' } }) }, [everywhere]),
      'unreachable',
    ],
    ['behind a group without egress', isolated({ S3: gatewayEndpoint('s3') }, []), 'unreachable'],
    [
      'behind egress to another port',
      isolated({ S3: gatewayEndpoint('s3') }, [rule({ CidrIp: '0.0.0.0/0', FromPort: 80, ToPort: 80 })]),
      'unreachable',
    ],
    [
      'behind egress to the VPC only',
      isolated({ S3: gatewayEndpoint('s3') }, [rule({ CidrIp: '10.0.0.0/16' })]),
      'unreachable',
    ],
  ])('[S01] %s', (_, resources, result) => {
    expect(route(resources, 's3')).toBe(result);
  });
});

describe('an interface endpoint', () => {
  const toDoor = rule({ DestinationSecurityGroupId: group('Door') });
  const set = (egress: object, ingress: readonly object[], endpoint: object = {}, more: object = {}) =>
    isolated({ Kms: interfaceEndpoint('kms', endpoint), Door: door(...ingress) }, [egress], more);
  const separate = {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: { GroupId: group('Door'), ...fromWorker },
  };

  it.each([
    ['is entered from one group to the other', set(toDoor, [fromWorker]), 'open'],
    ['by a rule that is a resource of its own', set(toDoor, [], {}, { Enter: separate }), 'open'],
    ['by the addresses of the VPC', set(rule({ CidrIp: '10.0.0.0/8' }), [rule({ CidrIp: '10.0.0.0/16' })]), 'open'],
    ['without a rule of its door', set(toDoor, []), 'unreachable'],
    ['whose door knows another group', set(toDoor, [rule({ SourceSecurityGroupId: group('Door') })]), 'unreachable'],
    ['from a group that may not leave', set(rule({ CidrIp: '10.9.0.0/16' }), [fromWorker]), 'unreachable'],
    ['over UDP', set(toDoor, [{ ...fromWorker, IpProtocol: 'udp' }]), 'unreachable'],
    ['with part of the VPC only', set(toDoor, [rule({ CidrIp: '10.0.0.0/24' })]), 'unreachable'],
    ['without private DNS', set(toDoor, [fromWorker], { PrivateDnsEnabled: false }), 'unreachable'],
  ])('[S01] %s', (_, resources, result) => {
    expect(route(resources, 'kms')).toBe(result);
  });
});

describe('a function', () => {
  it('outside a VPC reaches every service', () => {
    expect(route({ Worker: lambda('WorkerRole') }, 'kms')).toBe('public');
  });

  it('whose group has no egress rules at all has the one that EC2 gives', () => {
    const { Group, ...rest } = isolated({ S3: gatewayEndpoint('s3') }, []);
    const bare = { Type: Group.Type, Properties: { VpcId: { Ref: 'Vpc' } } };
    expect(route({ ...rest, Group: bare }, 's3')).toBe('open');
  });
});
