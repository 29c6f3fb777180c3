import { type CheckBefore, type Finding, orWell, warning } from '../finding.ts';

/** What deploys, and then does not do what was meant. */
export const settings: CheckBefore = {
  id: 'configuration',
  title: 'Configuration',
  look: ({ config }) => {
    const found: Finding[] = [];
    if (Object.keys(config.contracts).length === 0) {
      found.push(
        warning(
          '/contracts pins no signer: every submission is refused',
          'npx parapet keys id, put the digest under the dataset’s name, deploy again.',
        ),
      );
    }
    if (Object.keys(config.rulePacks).length === 0) {
      found.push(
        warning(
          '/rulePacks pins no signer: no rule pack runs',
          'npx parapet keys id, put the digest under the pack’s name, deploy again.',
        ),
      );
    }
    if (config.alarmEmail === undefined) {
      found.push(
        warning(
          '/alarmEmail is empty: alarms ring where nobody hears',
          'Set it, or subscribe something of yours to the topic.',
        ),
      );
    }
    if (config.network.prefixLists === undefined) {
      found.push(
        warning(
          '/network/prefixLists is empty: the groups’ egress says "anywhere", and the routes say where that is',
          'aws ec2 describe-managed-prefix-lists gives the ids of S3 and DynamoDB in your region.',
        ),
      );
    }
    if (config.retained && !config.detection.guardDuty) {
      found.push(warning('/detection/guardDuty is off', 'Turn it on, unless the account has a detector already.'));
    }
    if (config.profile === 'sandbox') {
      found.push(
        warning(
          'a sandbox: one zone, and an audit log of a day',
          'No data of real people belongs in it. For those: the profile production.',
        ),
      );
    }
    return orWell(found, 'every optional setting is made');
  },
};
