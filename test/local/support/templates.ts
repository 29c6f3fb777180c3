/** Parts of hand-made templates, small enough to be read beside the test that uses them. */
const ACCOUNT = '000000000000';

export type Statement = Readonly<Record<string, unknown>>;

export const policy = (...statements: readonly Statement[]) => ({ Version: '2012-10-17', Statement: statements });
export const allow = (action: string | readonly string[], more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Action: action,
  Resource: '*',
  ...more,
});

/** A role that `by` (a service, or an account's ARN) may take. */
export function role(by: string, statements: readonly Statement[], more: object = {}) {
  const principal = by.startsWith('arn:') ? { AWS: by } : { Service: by };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }),
      ...(statements.length === 0
        ? {}
        : { Policies: [{ PolicyName: 'access', PolicyDocument: policy(...statements) }] }),
      ...more,
    },
  };
}

export const LAMBDA = 'lambda.amazonaws.com';
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

export function lambda(roleLogicalId: string, more: object = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Code: { ZipFile: '' }, Role: { 'Fn::GetAtt': [roleLogicalId, 'Arn'] }, ...more },
  };
}

/** A VPC of one subnet and one route table, and a function `Worker` in it; endpoints are the test's own. */
export function isolated(endpoints: Readonly<Record<string, object>>, egress: readonly object[], more: object = {}) {
  return {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Subnet: {
      Type: 'AWS::EC2::Subnet',
      Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24', AvailabilityZone: 'us-east-1a' },
    },
    Routes: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } },
    Association: {
      Type: 'AWS::EC2::SubnetRouteTableAssociation',
      Properties: { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Routes' } },
    },
    Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: { Ref: 'Vpc' }, SecurityGroupEgress: egress } },
    Worker: lambda('WorkerRole', {
      VpcConfig: { SubnetIds: [{ Ref: 'Subnet' }], SecurityGroupIds: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] },
    }),
    ...endpoints,
    ...more,
  };
}

export const gatewayEndpoint = (service: string, more: object = {}) => ({
  Type: 'AWS::EC2::VPCEndpoint',
  Properties: {
    ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.${service}` },
    VpcId: { Ref: 'Vpc' },
    VpcEndpointType: 'Gateway',
    RouteTableIds: [{ Ref: 'Routes' }],
    ...more,
  },
});

export const interfaceEndpoint = (service: string, more: object = {}) => ({
  Type: 'AWS::EC2::VPCEndpoint',
  Properties: {
    ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.${service}` },
    VpcId: { Ref: 'Vpc' },
    VpcEndpointType: 'Interface',
    PrivateDnsEnabled: true,
    SecurityGroupIds: [{ 'Fn::GetAtt': ['Door', 'GroupId'] }],
    ...more,
  },
});

export const rule = (more: object) => ({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...more });
