/**
 * Subnets without a way out: no internet gateway, no NAT, no peering. What a stage may reach stands here in full: S3 and
 * DynamoDB by gateway endpoints (free), KMS and Secrets Manager by interface endpoints (paid by the hour and zone). Logs and
 * X-Ray leave from Lambda's own network, not from these subnets, and need no endpoint.
 */
import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { DeploymentConfiguration } from '../config.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { DATA_OPERATIONS, SIDE_OPERATIONS } from './data-operations.ts';
import { pin } from './pinned.ts';
import { rotationRoles, rotationThroughDoor } from './rotation-boundary.ts';

/**
 * Only this account's principals, only on this account's resources. A function that is made to call anything else (another
 * account's bucket with smuggled credentials, a stranger's key) finds the door closed.
 */
function ownAccountOnly(sid: string, actions: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid,
    principals: [new iam.AnyPrincipal()],
    actions: [...actions],
    resources: ['*'],
    conditions: {
      StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID, 'aws:ResourceAccount': Aws.ACCOUNT_ID },
    },
  });
}

export interface IsolatedNetworkProps {
  readonly config: DeploymentConfiguration;
  /** Encrypts the flow log. */
  readonly logKeyArn: string;
  readonly name: (of: string) => string;
}

export class IsolatedNetwork extends Construct {
  readonly vpc: ec2.IVpc;
  /** Groups of the interface endpoints: a stage is let in by its own stack, service by service. */
  readonly doors: { readonly kms: ec2.SecurityGroup; readonly secretsmanager: ec2.SecurityGroup };

  readonly #tables: ec2.GatewayVpcEndpoint;

  constructor(scope: Construct, id: string, props: IsolatedNetworkProps) {
    super(scope, id);
    const { config } = props;
    const vpc = pin(
      new ec2.Vpc(this, 'Vpc', {
        ipAddresses: ec2.IpAddresses.cidr(config.network.cidr),
        availabilityZones: zones(config.network.zones),
        natGateways: 0,
        createInternetGateway: false,
        // Emptying the default group takes a custom resource with a function of its own. Nothing is ever put into the
        // default group: every function and endpoint names its own.
        restrictDefaultSecurityGroup: false,
        subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
      }),
      'Vpc',
    );
    acknowledge(
      vpc,
      ofPacks('VPCDefaultSecurityGroupClosed', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
      'CloudFormation cannot take rules from a default group; nothing is in it, and its only rule admits its own members. Whoever looks at a deployed stack sees to it: parapet doctor.',
    );
    // CDK's own declarations are not written for exactOptionalPropertyTypes: a Vpc is no IVpc under it.
    this.vpc = vpc as ec2.IVpc;
    vpc.isolatedSubnets.forEach((subnet, index) => {
      pin(subnet, `IsolatedSubnet${index + 1}`);
    });
    this.#tables = this.#gateways(config);
    this.doors = {
      kms: this.#door('Kms', ec2.InterfaceVpcEndpointAwsService.KMS, ownAccountOnly('UseKeys', DATA_OPERATIONS.kms)),
      secretsmanager: this.#door(
        'SecretsManager',
        ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        ownAccountOnly('ReadSecrets', DATA_OPERATIONS.secretsmanager),
        rotationThroughDoor(rotationRoles(props.name, config)),
      ),
    };
    this.#flowLog(props);
  }

  /** Lets tables be read whole, by these roles alone: what a sweep does to a side. */
  admitSides(tables: readonly string[], roles: readonly string[]): void {
    if (tables.length === 0) return;
    this.#tables.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadSides',
        principals: [new iam.AnyPrincipal()],
        actions: [...SIDE_OPERATIONS],
        resources: [...tables],
        conditions: { ArnEquals: { 'aws:PrincipalArn': [...roles] } },
      }),
    );
  }

  #gateways(config: DeploymentConfiguration): ec2.GatewayVpcEndpoint {
    const s3 = this.vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    s3.addToPolicy(ownAccountOnly('UseObjects', DATA_OPERATIONS.s3));
    for (const [index, { name, account }] of config.partnerExportBuckets.entries()) {
      s3.addToPolicy(
        new iam.PolicyStatement({
          sid: `DeliverToPartner${index}`,
          principals: [new iam.AnyPrincipal()],
          actions: ['s3:PutObject'],
          resources: [`arn:${Aws.PARTITION}:s3:::${name}/*`],
          conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID, 'aws:ResourceAccount': account } },
        }),
      );
    }
    pin(s3, 'S3Endpoint');
    const dynamodb = this.vpc.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
    dynamodb.addToPolicy(ownAccountOnly('UseTables', DATA_OPERATIONS.dynamodb));
    return pin(dynamodb, 'DynamoDbEndpoint');
  }

  #door(
    name: string,
    service: ec2.InterfaceVpcEndpointAwsService,
    ...statements: readonly iam.PolicyStatement[]
  ): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, `${name}Door`, {
      vpc: this.vpc,
      description: `Endpoint ${service.shortName}: entered by the stages that call it`,
      allowAllOutbound: false,
    });
    pin(group, `${name}EndpointGroup`);
    const endpoint = this.vpc.addInterfaceEndpoint(name, { service, securityGroups: [group], open: false });
    for (const statement of statements) endpoint.addToPolicy(statement);
    pin(endpoint, `${name}Endpoint`);
    return group;
  }

  /** Who tried to go where: with nowhere to go, every rejected flow is worth reading. */
  #flowLog({ config, logKeyArn, name }: IsolatedNetworkProps): void {
    const group = new logs.CfnLogGroup(this, 'FlowLogGroup', {
      logGroupName: `/parapet/${config.deployment}/network`,
      kmsKeyId: logKeyArn,
      retentionInDays: config.retained ? 365 : 7,
    });
    pin(group, 'NetworkLogGroup', config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    const role = new iam.Role(this, 'FlowLogRole', {
      roleName: name('network-log'),
      // Confused deputy: only flow logs of this account may make the service take this role.
      assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:vpc-flow-log/*`,
          },
        },
      }),
      inlinePolicies: {
        write: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
              resources: [group.attrArn],
            }),
          ],
        }),
      },
    });
    new ec2.CfnFlowLog(this, 'FlowLog', {
      resourceId: this.vpc.vpcId,
      resourceType: 'VPC',
      trafficType: 'REJECT',
      logDestinationType: 'cloud-watch-logs',
      logGroupName: group.ref,
      deliverLogsPermissionArn: role.roleArn,
    });
  }
}

/** The first zones of whichever region this is deployed to, without asking AWS while synthesizing. */
export function zones(count: number): string[] {
  return Array.from({ length: count }, (_, index) => Fn.select(index, Fn.getAzs()));
}
