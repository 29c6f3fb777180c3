import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLES } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import { capital } from '../principals.ts';
import { pin } from './pinned.ts';

export type TableName = keyof typeof TABLES;
const TABLE_NAMES = Object.keys(TABLES).filter((name): name is TableName => name in TABLES);

interface Shape {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly ttl?: string;
}

/** Every table of shared/names.ts: keys are texts, capacity is on demand, backups reach back to any second of 35 days. */
export class FlowTables extends Construct {
  readonly byName: Readonly<Record<TableName, dynamodb.Table>>;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly config: DeploymentConfiguration; readonly key: kms.Key },
  ) {
    super(scope, id);
    const table = (name: TableName): dynamodb.Table => this.#table(name, TABLES[name], props);
    this.byName = {
      runs: table('runs'),
      credentials: table('credentials'),
      idempotency: table('idempotency'),
      subjectKeys: table('subjectKeys'),
      contracts: table('contracts'),
      issuers: table('issuers'),
      ledger: table('ledger'),
      rulePacks: table('rulePacks'),
      destinations: table('destinations'),
    } satisfies Record<(typeof TABLE_NAMES)[number], dynamodb.Table>;
  }

  #table(
    name: TableName,
    shape: Shape,
    { config, key }: { readonly config: DeploymentConfiguration; readonly key: kms.Key },
  ): dynamodb.Table {
    const text = (attribute: string) => ({ name: attribute, type: dynamodb.AttributeType.STRING });
    const table = new dynamodb.Table(this, capital(name), {
      partitionKey: text(shape.partitionKey),
      ...(shape.sortKey ? { sortKey: text(shape.sortKey) } : {}),
      ...(shape.ttl ? { timeToLiveAttribute: shape.ttl } : {}),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: config.retained,
      removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    return pin(table, `${capital(name)}Table`);
  }
}
