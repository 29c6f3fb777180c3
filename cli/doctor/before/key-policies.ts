import type { DeployedResource } from '../../../local/service.ts';
import { member, statementsIn, texts } from '../../templates/reading.ts';
import { type CheckBefore, orWell, problem } from '../finding.ts';

/**
 * A key whose policy nobody may change is lost with whoever may use it: AWS support alone could help. And one that anybody may
 * use protects nothing. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export const keyPolicies: CheckBefore = {
  id: 'key-policies',
  title: 'Key policies that lock nobody out, and nobody unknown in',
  look: ({ deployment }) => {
    const keys = deployment.ofType('AWS::KMS::Key');
    const locked = keys
      .filter((key) => !isManageable(key))
      .map(({ logicalId }) =>
        problem(
          `${logicalId}: nobody in the account may change its policy`,
          'Let the account’s root put the key policy, without a condition.',
        ),
      );
    const open = keys
      .filter(isOpen)
      .map(({ logicalId }) =>
        problem(`${logicalId}: anybody may use it`, 'Name the account, or a condition on who calls.'),
      );
    return orWell([...locked, ...open], `${keys.length} keys stay manageable by the account, and none is open`);
  },
};

const isManageable = ({ properties }: DeployedResource): boolean =>
  statementsIn(properties.KeyPolicy).some(
    ({ effect, actions, principal, condition }) =>
      effect === 'Allow' &&
      condition === undefined &&
      actions.some((action) => action === 'kms:PutKeyPolicy' || action === 'kms:*') &&
      texts(member(principal, 'AWS')).some((arn) => arn.endsWith(':root')),
  );

const isOpen = ({ properties }: DeployedResource): boolean =>
  statementsIn(properties.KeyPolicy).some(
    ({ effect, principal, condition }) =>
      effect === 'Allow' &&
      condition === undefined &&
      (principal === '*' || texts(member(principal, 'AWS')).includes('*')),
  );
