import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { askEach, silence } from '../../deployed/asked.ts';
import { encryptionOf, lockOf } from '../../deployed/buckets.ts';
import { type Deployed, those } from '../../deployed/deployed.ts';
import { rotationOf, secretAges } from '../../deployed/secrets.ts';
import type { Finding as PostureFinding } from '../../posture/row.ts';
import { type CheckAfter, type Finding, orWell, problem, unasked, warning, well } from '../finding.ts';

/** How a row of the checklist answers, as a finding. */
function asFinding(row: PostureFinding, what: string, remedy: string): Finding {
  if (row.state === 'pass') return well(`${what}: ${row.because}`);
  if (row.state === 'fail') return problem(`${what}: ${row.because}`, remedy);
  return unasked(`${what}: ${row.because}`, 'Ask as an administrator or an auditor.');
}

const silent = (reasons: ReadonlyMap<string, string>, what: string): Finding[] =>
  reasons.size === 0
    ? []
    : [unasked(`${what}: no answer about ${silence(reasons)}`, 'Ask as an administrator or an auditor.')];

export const buckets: CheckAfter = {
  id: 'buckets',
  title: 'Buckets: encryption, versions, locks',
  look: async (deployed) => [
    asFinding(
      await encryptionOf(deployed),
      'encryption',
      'Deploy to put it back; permission-changes tells who changed it.',
    ),
    asFinding(await lockOf(deployed), 'locks', 'Deploy to put it back. What was written meanwhile is locked less.'),
    ...(await versions(deployed)),
  ],
};

async function versions(deployed: Deployed): Promise<readonly Finding[]> {
  const { answers, silent: reasons } = await askEach(those(deployed, 'AWS::S3::Bucket'), async (Bucket) => {
    const { Status } = await deployed.clients.s3.send(new GetBucketVersioningCommand({ Bucket }));
    return Status === 'Enabled';
  });
  const off = [...answers].flatMap(([name, on]) => (on ? [] : [name]));
  return orWell(
    [
      ...off.map((name) =>
        problem(`${name} keeps no versions`, 'Deploy to put it back: a run reads its upload by version.'),
      ),
      ...silent(reasons, 'versions'),
    ],
    `versions: kept by ${answers.size} buckets`,
  );
}

export const keys: CheckAfter = {
  id: 'keys',
  title: 'Keys',
  look: async (deployed) => {
    const { answers, silent: reasons } = await askEach(those(deployed, 'AWS::KMS::Key'), async (KeyId) => {
      const { KeyMetadata } = await deployed.clients.kms.send(new DescribeKeyCommand({ KeyId }));
      return KeyMetadata?.KeyState ?? 'unknown';
    });
    const ill = [...answers].flatMap(([name, state]) =>
      state === 'Enabled'
        ? []
        : [
            problem(
              `${name} is ${state}`,
              'docs/runbook.md#key-endangered: cancel the deletion, enable the key, find out why.',
            ),
          ],
    );
    return orWell([...ill, ...silent(reasons, 'keys')], `${answers.size} keys are enabled`);
  },
};

export const tables: CheckAfter = {
  id: 'tables',
  title: 'Tables',
  look: async (deployed) => {
    const { answers, silent: reasons } = await askEach(those(deployed, 'AWS::DynamoDB::Table'), async (TableName) => {
      const { Table } = await deployed.clients.dynamodb.send(new DescribeTableCommand({ TableName }));
      return { state: Table?.TableStatus ?? 'unknown', kept: Table?.DeletionProtectionEnabled === true };
    });
    const found = [...answers].flatMap(([name, { state, kept }]) => [
      ...(state === 'ACTIVE' ? [] : [problem(`${name} is ${state}`, 'Look in the console what became of it.')]),
      ...(kept || !deployed.synthesized.config.retained
        ? []
        : [problem(`${name} may be deleted`, 'Deploy to put its protection back.')]),
    ]);
    return orWell([...found, ...silent(reasons, 'tables')], `${answers.size} tables are active`);
  },
};

/** Days between rotations, and how long before the end somebody should know. */
const ROTATION_DAYS = 90;
const SOON_DAYS = 7;

export const secrets: CheckAfter = {
  id: 'secrets',
  title: 'Secrets: rotation due',
  look: async (deployed) => {
    const { answers } = await secretAges(deployed);
    const soon = [...answers].flatMap(([name, { rotates, days }]) =>
      rotates && days > ROTATION_DAYS - SOON_DAYS && days <= ROTATION_DAYS
        ? [warning(`${name} is ${days} days old`, 'It should have rotated by itself: look at its function’s log.')]
        : [],
    );
    const remedy = 'docs/operations.md#rotation';
    return [asFinding(await rotationOf(deployed, ROTATION_DAYS), 'rotation', remedy), ...soon];
  },
};
