import { describe, expect, it } from 'vitest';
import { actionsOf, policiesOf, resources } from './templates.ts';

const PROFILES = ['sandbox', 'production'] as const;

describe.each(PROFILES)('[S01] the network of the profile %s', (profile) => {
  it('[S01] has no way out: no internet gateway, NAT, peering, or public address', () => {
    const ways = [
      'AWS::EC2::InternetGateway',
      'AWS::EC2::VPCGatewayAttachment',
      'AWS::EC2::NatGateway',
      'AWS::EC2::EgressOnlyInternetGateway',
      'AWS::EC2::VPCPeeringConnection',
      'AWS::EC2::TransitGatewayAttachment',
      'AWS::EC2::EIP',
      'AWS::EC2::Route',
    ];
    expect(resources(profile).filter(({ Type }) => ways.includes(Type))).toEqual([]);
    for (const { Properties } of resources(profile, 'AWS::EC2::Subnet')) {
      expect(Properties.MapPublicIpOnLaunch).toBe(false);
    }
  });

  it('[S01] lets nothing in but the stages, at the doors that they call', () => {
    for (const { Properties, id } of resources(profile, 'AWS::EC2::SecurityGroup')) {
      expect(Properties.SecurityGroupIngress, id).toBeUndefined();
    }
    const rules = resources(profile, 'AWS::EC2::SecurityGroupIngress').map(({ Properties }) => Properties);
    expect(rules).toHaveLength(8);
    for (const rule of rules) {
      expect(rule).toMatchObject({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 });
      expect(rule).toHaveProperty('SourceSecurityGroupId');
      expect(rule).not.toHaveProperty('CidrIp');
    }
  });

  it('[S01] lets stages out to port 443 only, and endpoints out not at all', () => {
    for (const { Properties, id } of resources(profile, 'AWS::EC2::SecurityGroup')) {
      const egress = Properties.SecurityGroupEgress;
      if (!Array.isArray(egress)) throw new Error(`${id} allows everything`);
      for (const rule of egress) {
        if (id.endsWith('EndpointGroup')) expect(rule).toMatchObject({ CidrIp: '255.255.255.255/32' });
        else expect(rule, id).toMatchObject({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 });
      }
    }
  });

  it('reaches S3 and DynamoDB, KMS and Secrets Manager by endpoints, and pays for no other', () => {
    const endpoints = resources(profile, 'AWS::EC2::VPCEndpoint').map(({ id, Properties }) => [
      id,
      Properties.VpcEndpointType,
    ]);
    expect(endpoints).toEqual([
      ['S3Endpoint', 'Gateway'],
      ['DynamoDbEndpoint', 'Gateway'],
      ['KmsEndpoint', 'Interface'],
      ['SecretsManagerEndpoint', 'Interface'],
    ]);
  });

  it('lets through an endpoint only this account’s principals to this account’s resources, operation by operation', () => {
    for (const endpoint of resources(profile, 'AWS::EC2::VPCEndpoint')) {
      const [found, ...more] = policiesOf(endpoint);
      expect(more).toEqual([]);
      for (const statement of found?.policy.Statement ?? []) {
        for (const action of actionsOf(statement)) expect(action).not.toContain('*');
        if (statement.Sid === 'RotateSecrets') continue;
        expect(statement.Condition?.StringEquals).toEqual({
          'aws:PrincipalAccount': { Ref: 'AWS::AccountId' },
          'aws:ResourceAccount': { Ref: 'AWS::AccountId' },
        });
      }
      expect(found?.policy.Statement).toHaveLength(endpoint.id === 'SecretsManagerEndpoint' ? 2 : 1);
    }
  });

  it('[P02] lets through the endpoint of Secrets Manager what writes a secret, for the function that rotates it alone', () => {
    const door = resources(profile, 'AWS::EC2::VPCEndpoint').find(({ id }) => id === 'SecretsManagerEndpoint');
    const statements = (door ? policiesOf(door) : []).flatMap(({ policy }) => policy.Statement);
    const writing = statements.filter((statement) => actionsOf(statement).some((action) => /Put|Update/.test(action)));
    expect(writing.map(({ Condition }) => Condition)).toEqual([
      {
        StringEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } },
        ArnEquals: { 'aws:PrincipalArn': expect.anything() },
      },
    ]);
    expect(JSON.stringify(writing)).toContain(':role/parapet-test-salt-rotation');
  });

  it('logs what was rejected', () => {
    expect(resources(profile, 'AWS::EC2::FlowLog').map(({ Properties }) => Properties.TrafficType)).toEqual(['REJECT']);
  });

  it('puts every stage into isolated subnets, in every zone', () => {
    const zones = profile === 'sandbox' ? 1 : 2;
    expect(resources(profile, 'AWS::EC2::Subnet')).toHaveLength(zones);
    for (const { Properties, id } of resources(profile, 'AWS::Lambda::Function')) {
      if (!id.endsWith('Function')) continue;
      expect(Properties.VpcConfig, id).toMatchObject({ SubnetIds: { length: zones }, SecurityGroupIds: { length: 1 } });
    }
  });
});
