import { Aws } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { DeploymentConfiguration } from '../config.ts';
import type { FlowBuckets } from '../constructs/flow-buckets.ts';
import type { FlowKeys } from '../constructs/flow-keys.ts';
import type { FlowTables } from '../constructs/flow-tables.ts';
import type { Principals } from '../principals.ts';

/** What deeds are done on. */
export interface DeedProps {
  readonly config: DeploymentConfiguration;
  readonly principals: Principals;
  readonly buckets: FlowBuckets;
  readonly keys: FlowKeys;
  readonly tables: FlowTables;
  /** ARN. */
  readonly tokenSalts: string;
}

/** By name: the stacks that make these come after the roles. */
export const regional = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

export const keyArns = ({ keys }: DeedProps): string[] =>
  keys.node
    .findAll()
    .filter((each) => each instanceof kms.Key)
    .map((key) => key.keyArn);

export const bucketArns = ({ buckets }: DeedProps): string[] => {
  const { landing, working, vault, quarantine, exports, audit } = buckets;
  return [landing, working, vault, quarantine, exports, audit].map((bucket) => bucket.bucketArn);
};

export const tableArns = ({ tables }: DeedProps): string[] =>
  Object.values(tables.byName).map((table) => table.tableArn);
