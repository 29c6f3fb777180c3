/** One person's role: whom it trusts, what bounds it, and a reason for everything that it may. */
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Grant, keepReasons, policyOf } from '../constructs/grant.ts';
import { pin } from '../constructs/pinned.ts';
import { capital, type Principals } from '../principals.ts';
import { EMERGENCY_SECONDS, type Person, roleOf } from './matrix.ts';

export interface PersonRoleProps {
  readonly principals: Principals;
  readonly boundary: iam.IManagedPolicy;
  readonly grants: readonly Grant[];
}

export function personRole(scope: Construct, person: Person, props: PersonRoleProps): iam.Role {
  const { description, emergency } = roleOf(person);
  const name = person.split('-').map(capital).join('');
  const role = new iam.Role(scope, name, {
    roleName: props.principals.name(person),
    description,
    // The shortest that IAM takes; an emergency's is shortened by its trust.
    maxSessionDuration: Duration.hours(1),
    permissionsBoundary: props.boundary,
    assumedBy: new iam.AccountRootPrincipal().withConditions({
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      ...(emergency
        ? {
            NumericLessThanEquals: {
              'sts:DurationSeconds': String(EMERGENCY_SECONDS),
              'aws:MultiFactorAuthAge': String(EMERGENCY_SECONDS),
            },
          }
        : {}),
    }),
    inlinePolicies: { access: policyOf(props.grants) },
  });
  keepReasons(role, props.grants);
  return pin(role, `${name}Role`);
}
