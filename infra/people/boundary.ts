import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Grant, keepReasons, policyOf } from '../constructs/grant.ts';
import { pin } from '../constructs/pinned.ts';
import { grantsOf } from './deeds.ts';
import { DEEDS, type Deed } from './matrix.ts';
import type { DeedProps } from './props.ts';
import { TRAIL_ACTIONS } from './trail-actions.ts';

/**
 * The permissions boundary of every person's role: what the table names, and on things of this account. Whatever is attached to a
 * role later, by whomever, it reaches nothing that no person has: no vault, no export, no stage's invocation.
 */
export function peopleBoundary(scope: Construct, props: DeedProps): iam.ManagedPolicy {
  const deeds = Object.keys(DEEDS) as Deed[];
  const actions = [
    ...deeds.flatMap((deed) => grantsOf(deed, props).flatMap((grant) => grant.actions)),
    ...TRAIL_ACTIONS,
  ];
  const grants: Grant[] = [
    {
      sid: 'WhatPeopleDo',
      because: 'the actions of the table of people; who does which on what is each role’s own matter',
      actions: [...new Set(actions)].sort(),
      resources: ['*'],
      // What knows no resource knows no account of one either.
      conditions: { StringEqualsIfExists: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } },
    },
  ];
  const boundary = new iam.ManagedPolicy(scope, 'PeopleBoundary', {
    managedPolicyName: props.principals.name('people-boundary'),
    description: 'Permissions boundary of every role that a person takes',
    document: policyOf(grants),
  });
  keepReasons(boundary, grants);
  return pin(boundary, 'PeopleBoundary');
}
