import { REASONS_METADATA } from '../../../infra/constructs/grant.ts';
import type { DeployedResource } from '../../../local/service.ts';
import { rotationOf } from '../../deployed/secrets.ts';
import { idsOf, listed, member, ofService, statementsIn, texts } from '../../templates/reading.ts';
import { fail, notChecked, pass, type Section, unless, type View } from '../row.ts';
import { filesWithSecrets } from '../secret-forms.ts';

/** Days between rotations that the checklist asks for. */
const ROTATION = { minimum: 30, maximum: 90 } as const;

export const secretsAndAccess: Section = {
  title: 'Secrets & Access',
  rows: [
    {
      id: 'no-hardcoded-secrets',
      ofRepository: true,
      item: 'No hardcoded secrets in code or configs',
      judge: (view) => {
        const { looked, found } = filesWithSecrets(view);
        return unless(
          found,
          'something that has the form of a secret stands in',
          `${looked} files of what would be deployed hold no private key, access key, token or password`,
          ['templates', 'bundles', 'configuration', 'contracts', 'rule packs'],
        );
      },
    },
    {
      id: 'secrets-in-manager',
      item: 'All secrets in AWS Secrets Manager or Vault',
      judge: ({ deployment }) => {
        const secrets = deployment.ofType('AWS::SecretsManager::Secret');
        const wrong = secrets.filter(
          ({ properties }) =>
            properties.SecretString !== undefined ||
            properties.GenerateSecretString === undefined ||
            properties.KmsKeyId === undefined,
        );
        const elsewhere = deployment.ofType('AWS::SSM::Parameter');
        if (secrets.length === 0) return fail('the templates hold no secret, and the salts of tokens are one');
        return unless(
          idsOf([...wrong, ...elsewhere]),
          'not made by Secrets Manager itself under a key of ours',
          'made by Secrets Manager, under a key of ours, with a value that no template holds',
          idsOf(secrets),
        );
      },
    },
    {
      id: 'rotation',
      item: 'Automatic secret rotation enabled (30-90 days)',
      judge: ({ deployment }) => {
        const schedules = deployment.ofType('AWS::SecretsManager::RotationSchedule');
        const rotated = (secret: DeployedResource): boolean =>
          schedules.some(({ properties }) => {
            const days = rotationDays(properties.RotationRules);
            return (
              properties.SecretId === secret.physicalId &&
              days !== undefined &&
              days >= ROTATION.minimum &&
              days <= ROTATION.maximum
            );
          });
        const secrets = deployment.ofType('AWS::SecretsManager::Secret');
        return unless(
          idsOf(secrets.filter((secret) => !rotated(secret))),
          `no rotation every ${ROTATION.minimum} to ${ROTATION.maximum} days`,
          `rotated every ${ROTATION.minimum} to ${ROTATION.maximum} days`,
          idsOf(schedules),
        );
      },
      ask: (deployed) => rotationOf(deployed, ROTATION.maximum),
    },
    {
      id: 'least-privilege',
      item: 'RBAC implemented with least privilege',
      judge: ({ deployment }) => {
        const roles = deployment.ofType('AWS::IAM::Role');
        const wide = roles.filter(grantsTooMuch);
        const unbounded = deployment
          .ofType('AWS::Lambda::Function')
          .map(({ properties }) => roles.find(({ arn }) => arn === properties.Role))
          .filter((role): role is DeployedResource => role !== undefined && !isProviders(role))
          .filter(({ properties }) => properties.PermissionsBoundary === undefined);
        return unless(
          idsOf([...wide, ...unbounded]),
          'a wildcard action, a resource "*" without a reason, or a function without a permission boundary',
          `${roles.length} roles without a wildcard action; each "*" of a resource has its reason; functions stand under a boundary`,
          [...idsOf(roles), 'parapet perimeter'],
        );
      },
    },
    {
      id: 'individual-logins',
      ofRepository: true,
      item: 'No shared accounts, everyone has individual login',
      attestable: true,
      judge: ({ deployment }) => {
        const shared = ['User', 'AccessKey', 'Group'].flatMap((type) => deployment.ofType(`AWS::IAM::${type}`));
        if (shared.length > 0) return fail('log-ins made by a template are nobody’s', ...idsOf(shared));
        return notChecked(
          'the templates make no user, group or access key; whether each person has a log-in of their own is seen where people log in',
        );
      },
    },
    {
      id: 'mfa',
      item: 'MFA enabled for all production access',
      judge: (view) => secondFactor(view),
    },
  ],
};

/** `AutomaticallyAfterDays`, or a schedule `rate(30 days)`; a cron expression says no number. */
function rotationDays(rules: unknown): number | undefined {
  const days = member(rules, 'AutomaticallyAfterDays');
  if (days !== undefined) return Number(days);
  const rate = /^rate\((\d+) days?\)$/.exec(String(member(rules, 'ScheduleExpression') ?? ''));
  return rate === null ? undefined : Number(rate[1]);
}

/** CDK's own, which empties the buckets of a sandbox that is taken down: under a policy of AWS. */
const isProviders = ({ logicalId }: DeployedResource): boolean => logicalId.startsWith('Custom');

function grantsTooMuch(role: DeployedResource): boolean {
  const reasons = member(role.metadata, REASONS_METADATA);
  return statementsIn(role.properties.Policies).some(
    ({ effect, actions, resources, sid }) =>
      effect === 'Allow' &&
      (actions.some((action) => action.includes('*')) ||
        (resources.includes('*') && member(reasons, sid) === undefined)),
  );
}

function secondFactor({ deployment, config }: View) {
  const people = deployment
    .ofType('AWS::IAM::Role')
    .filter(({ properties }) =>
      statementsIn(properties.AssumeRolePolicyDocument).some(({ principal }) =>
        texts(member(principal, 'AWS')).some((arn) => arn.endsWith(':root')),
      ),
    );
  const without = people.filter(({ properties }) =>
    statementsIn(properties.AssumeRolePolicyDocument).some(
      ({ condition }) => String(listed(member(condition, 'Bool', 'aws:MultiFactorAuthPresent'))[0]) !== 'true',
    ),
  );
  if (without.length > 0) return fail('taken without a second factor', ...idsOf(without));
  const others = ofService(deployment, 'AWS::IAM::User').length;
  if (people.length === 0 || others > 0) return fail('there are people, and no roles of theirs');
  const besides =
    config.uploaders.length > 0 ? `; ${config.uploaders.length} uploaders of yours are yours to see to` : '';
  return pass(
    `${people.length} roles of people, none of them taken without a second factor${besides}`,
    ...idsOf(people),
  );
}
