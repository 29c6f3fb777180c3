import { CfnResource, type RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Gives a resource a logical id of its own instead of one derived from its place in the construct tree: CloudFormation
 * replaces what changes its logical id, and a bucket of evidence must not depend on how this code is arranged.
 */
export function pin<Owner extends IConstruct>(construct: Owner, logicalId: string, removal?: RemovalPolicy): Owner {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) throw new Error(`${construct.node.path} has no resource to pin`);
  resource.overrideLogicalId(logicalId);
  if (removal !== undefined) resource.applyRemovalPolicy(removal);
  return construct;
}
