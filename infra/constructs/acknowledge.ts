import { Validations } from 'aws-cdk-lib';
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Prefixes of the rule packs that test/infra/nag.test.ts holds the templates to: one rule may stand in several. */
const PACKS = ['AwsSolutions', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321', 'Serverless'] as const;

/** `ofPacks('LambdaDLQ', 'NIST.800.53.R5', 'Serverless')`: the rule's name in each of them. */
export const ofPacks = (rule: string, ...packs: readonly (typeof PACKS)[number][]): string[] =>
  packs.map((pack) => `${pack}-${rule}`);

/** Answers findings of cdk-nag at one construct: the rule does not fit here, for this reason. */
export function acknowledge(construct: IConstruct, rules: string | readonly string[], because: string): void {
  for (const id of typeof rules === 'string' ? [rules] : rules) {
    Validations.of(construct).acknowledge({ id, reason: because });
  }
}

/** What holds of every role alike, whoever adds one: said once, at each role that has such a policy. */
export function acknowledgeInlinePolicies(root: IConstruct): void {
  for (const each of root.node.findAll()) {
    const isOwn = each instanceof CfnPolicy || (each instanceof CfnRole && each.policies !== undefined);
    if (!isOwn) continue;
    acknowledge(
      each,
      ofPacks('IAMNoInlinePolicy', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
      'A role’s grants are its own: one document that comes and goes with it, where a managed policy could be attached to somebody else, or changed without the role.',
    );
  }
}
