import { CfnResource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** One statement of a role's policy. `because` travels in the template's metadata: a grant without a reason is not granted. */
export interface Grant {
  /** Letters and digits only: names the grant in the reports of used and unused ones. */
  readonly sid: string;
  readonly because: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly effect?: 'Allow' | 'Deny';
}

/** Metadata key of a role or managed policy: `{"<sid>": "<reason>"}`. */
export const REASONS_METADATA = 'parapet:reasons';

export function policyOf(grants: readonly Grant[]): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: grants.map(
      ({ sid, actions, resources, conditions, effect }) =>
        new iam.PolicyStatement({
          sid,
          effect: effect === 'Deny' ? iam.Effect.DENY : iam.Effect.ALLOW,
          actions: [...actions],
          resources: [...resources],
          ...(conditions ? { conditions } : {}),
        }),
    ),
  });
}

export function keepReasons(owner: iam.IRole | iam.IManagedPolicy, grants: readonly Grant[]): void {
  const resource = owner.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) throw new Error(`${owner.node.path} has no resource`);
  resource.addMetadata(REASONS_METADATA, Object.fromEntries(grants.map(({ sid, because }) => [sid, because])));
}
