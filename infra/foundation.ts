/** Everything stateful: network, keys, buckets, tables, secret, and the roles of people. Never replaced by a rename. */
import { CfnOutput, Lazy, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { type DeploymentConfiguration, sweeps } from './config.ts';
import { acknowledge, ofPacks } from './constructs/acknowledge.ts';
import { FlowBuckets } from './constructs/flow-buckets.ts';
import { FlowKeys } from './constructs/flow-keys.ts';
import { FlowTables, sideTables } from './constructs/flow-tables.ts';
import { guardSecret } from './constructs/guarded-secret.ts';
import { IsolatedNetwork, zones } from './constructs/isolated-network.ts';
import { pin } from './constructs/pinned.ts';
import { rotationBoundary } from './constructs/rotation-boundary.ts';
import { stageBoundary } from './constructs/stage-boundary.ts';
import { OPENING, SweepStorage } from './constructs/sweep-storage.ts';
import { peopleBoundary } from './people/boundary.ts';
import { People } from './people/people.ts';
import { capital, Principals } from './principals.ts';

export interface FoundationProps extends StackProps {
  readonly config: DeploymentConfiguration;
}

export class Foundation extends Stack {
  readonly config: DeploymentConfiguration;
  readonly principals: Principals;
  readonly keys: FlowKeys;
  readonly network: IsolatedNetwork;
  readonly buckets: FlowBuckets;
  readonly tables: FlowTables;
  /** `ref` is its ARN. */
  readonly tokenSalts: secretsmanager.CfnSecret;
  /** Undefined while no sweep is configured. */
  readonly sweep: SweepStorage | undefined;
  /** What no role of a function may exceed. */
  readonly boundary: iam.ManagedPolicy;
  /** What no role of a function that rotates may exceed. */
  readonly rotationBoundary: iam.ManagedPolicy;
  /** What no role of a person may exceed. */
  readonly peopleBoundary: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: FoundationProps) {
    super(scope, id, props);
    const { config } = props;
    this.config = config;
    this.principals = new Principals(config.deployment);
    const { principals } = this;
    const name = (of: string): string => principals.name(of);
    // The network's log needs a key, and the keys name the network: in the template neither waits for the other.
    const vpcOfStages = Lazy.string({ produce: () => this.network.vpc.vpcId });
    this.keys = new FlowKeys(this, 'Keys', { config, principals, vpcId: vpcOfStages });
    this.network = new IsolatedNetwork(this, 'Network', { config, name, logKeyArn: this.keys.operations.keyArn });
    const { vpcId } = this.network.vpc;
    this.buckets = new FlowBuckets(this, 'Buckets', { config, principals, keys: this.keys, vpcId });
    this.tables = new FlowTables(this, 'Tables', { config, principals, key: this.keys.tables, vpcId });
    this.tokenSalts = this.#salts(vpcId);
    this.sweep =
      sweeps(config).length === 0
        ? undefined
        : new SweepStorage(this, 'Sweep', { config, principals, secretsKey: this.keys.secrets.keyArn, vpcId });
    const sides = this.sweep === undefined ? [] : sideTables(config, this.tables);
    this.network.admitSides(sides, principals.roleArns(OPENING));
    this.boundary = stageBoundary(this, { config, name, vpcId, sides });
    this.rotationBoundary = rotationBoundary(this, { principals, vpcId });
    const things = { buckets: this.buckets, keys: this.keys, tables: this.tables, tokenSalts: this.tokenSalts.ref };
    this.peopleBoundary = peopleBoundary(this, { config, principals, ...things });
    new People(this, 'People', { config, principals, ...things, boundary: this.peopleBoundary });
    this.#outputs();
  }

  /** What a command that speaks to the deployment has to know (`cdk deploy --outputs-file`). */
  #outputs(): void {
    const { landing, quarantine, exports, audit } = this.buckets;
    for (const [name, bucket] of Object.entries({ landing, quarantine, exports, audit })) {
      new CfnOutput(this, `${capital(name)}BucketName`, { value: bucket.bucketName });
    }
    const { runs, contracts, issuers, ledger, rulePacks, destinations, gates, closings } = this.tables.byName;
    const tables = { runs, contracts, issuers, ledger, rulePacks, destinations, gates, closings };
    for (const [name, table] of Object.entries(tables)) {
      new CfnOutput(this, `${capital(name)}TableName`, { value: table.tableName });
    }
    new CfnOutput(this, 'SealSigningKeyArn', { value: this.keys.sealSigning.keyArn });
    new CfnOutput(this, 'ContractSigningKeyArn', { value: this.keys.contractSigning.keyArn });
  }

  /** With an explicit environment CDK would look the zones up, and need credentials to synthesize. */
  override get availabilityZones(): string[] {
    return zones(3);
  }

  /**
   * `{"current": "1", "1": "<64 random letters and digits>"}`: made by Secrets Manager at the first deployment, so that no
   * person ever sees a salt. CloudFormation leaves the value alone from then on; rotation adds versions beside it.
   */
  #salts(vpcId: string): secretsmanager.CfnSecret {
    // Not CDK's `Secret`: it would add wildcards to the key's policy.
    const secret = new secretsmanager.CfnSecret(this, 'TokenSalts', {
      description: 'Salts of the tokens, by version; losing one makes its tokens unrepeatable, not unreadable',
      kmsKeyId: this.keys.secrets.keyArn,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ current: '1' }),
        generateStringKey: '1',
        passwordLength: 64,
        excludePunctuation: true,
      },
    });
    pin(secret, 'TokenSalts', this.config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    acknowledge(
      secret,
      ['AwsSolutions-SMG4', ...ofPacks('SecretsManagerRotationEnabled', 'HIPAA.Security', 'NIST.800.53.R5')],
      'It rotates by a function of ours, and the schedule stands with that function, in another stack: these rules look into the secret’s own.',
    );
    guardSecret(this, {
      id: 'TokenSaltsPolicy',
      secret: secret.ref,
      sid: 'DenyEverybodyButIngestion',
      readers: [this.principals.roleArn('ingestion'), this.principals.roleArn('salt-rotation')],
      writers: [this.principals.roleArn('salt-rotation')],
      vpcId,
      removal: this.config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    return secret;
  }
}
