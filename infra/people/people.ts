/**
 * Roles that people take, with a second factor, from the one table of infra/people/matrix.ts. None reads working, vault or
 * export objects, and none may invoke a stage. The investigator's stands with the trail (infra/constructs/investigation.ts).
 */

import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { grantsOf } from './deeds.ts';
import { PEOPLE, type Person, roleOf } from './matrix.ts';
import type { DeedProps } from './props.ts';
import { personRole } from './role.ts';

export interface PeopleProps extends DeedProps {
  readonly boundary: iam.IManagedPolicy;
}

/** Made where the trail is. */
const ELSEWHERE: ReadonlySet<Person> = new Set(['investigator']);

export class People extends Construct {
  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id);
    for (const person of PEOPLE.filter((each) => !ELSEWHERE.has(each))) {
      const grants = roleOf(person).deeds.flatMap((deed) => grantsOf(deed, props));
      personRole(this, person, { ...props, grants });
    }
  }
}
