import { idsOf } from '../../templates/reading.ts';
import { type CheckBefore, counted, type Finding, problem, warning, well } from '../finding.ts';

/** What CloudWatch Logs takes for a retention (PutRetentionPolicy). */
const LOG_DAYS: ReadonlySet<number> = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

export const retention: CheckBefore = {
  id: 'retention',
  title: 'Retention',
  look: ({ config, deployment }) => {
    const { retentionDays, retentionMode } = config.audit;
    const groups = deployment.ofType('AWS::Logs::LogGroup');
    const odd = groups.filter(({ properties }) => !LOG_DAYS.has(Number(properties.RetentionInDays)));
    const found: Finding[] = odd.map(({ logicalId }) =>
      problem(`${logicalId}: a retention that CloudWatch Logs does not take`, `One of ${[...LOG_DAYS].join(', ')}.`),
    );
    if (retentionMode === 'COMPLIANCE') {
      found.push(
        warning(
          `${retentionDays} days under COMPLIANCE on ${idsOf(deployment.ofType('AWS::S3::Bucket').filter(({ properties }) => properties.ObjectLockEnabled === true)).join(', ')}: nobody can shorten it, root included`,
          'Be sure of the number: closing the account is the only way out. Try things in a sandbox.',
        ),
      );
    }
    return [
      ...found,
      well(
        `audit log and trail ${counted(retentionDays, 'days')} under ${retentionMode}, ${counted(groups.length, 'log groups')}`,
      ),
    ];
  },
};
