import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Answers a finding of cdk-nag at one construct: the rule does not fit here, for this reason. */
export function acknowledge(construct: IConstruct, rule: string, because: string): void {
  Validations.of(construct).acknowledge({ id: rule, reason: because });
}
