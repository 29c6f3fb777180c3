/** What is not ours: an attacker's resources, open to whoever comes; and the partners' that the configuration names. */
import type { DeploymentConfiguration } from '../../../infra/config.ts';
import type { Deployment } from '../../../local/service.ts';
import { type CompiledPolicy, compilePolicy } from '../../../shared/policy/document.ts';
import { FOREIGN_ACCOUNT } from '../parties.ts';
import { type Target, target } from './target.ts';

/** Their owner lets everybody in: only our own policies are in question. */
const open = (name: string): CompiledPolicy =>
  compilePolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
    'resource',
    name,
  );

const theirs = (name: string) => ({ ours: false, foreignPolicy: open(name) });

export function foreignTargets({ region }: Deployment): readonly Target[] {
  const at = (arn: string) => ({ arn, account: FOREIGN_ACCOUNT });
  return [
    target('object', 'foreign/object', at('arn:aws:s3:::foreign/object'), { ...theirs('foreign bucket'), door: 's3' }),
    target('listing', 'foreign?', at('arn:aws:s3:::foreign'), { ...theirs('foreign bucket'), door: 's3' }),
    target('table', 'foreign table', at(`arn:aws:dynamodb:${region}:${FOREIGN_ACCOUNT}:table/foreign`), {
      ...theirs('foreign table'),
      door: 'dynamodb',
    }),
    target('key', 'foreign key', at(`arn:aws:kms:${region}:${FOREIGN_ACCOUNT}:key/foreign`), {
      ...theirs('foreign key'),
      door: 'kms',
    }),
    target(
      'secret',
      'foreign secret',
      at(`arn:aws:secretsmanager:${region}:${FOREIGN_ACCOUNT}:secret:foreign-abcdef`),
      {
        ...theirs('foreign secret'),
        door: 'secretsmanager',
      },
    ),
    target(
      'function',
      'foreign function',
      at(`arn:aws:lambda:${region}:${FOREIGN_ACCOUNT}:function:foreign`),
      theirs('foreign function'),
    ),
  ];
}

/** Each partner's bucket and key, and what is almost them. */
export function partnerTargets(
  { region }: Deployment,
  partners: DeploymentConfiguration['partnerExportBuckets'],
): readonly Target[] {
  const s3 = { 'kms:ViaService': `s3.${region}.amazonaws.com` };
  return partners.flatMap(({ name, account, keyArn }) => {
    const arn = `arn:aws:s3:::${name}/acme/part-000000.csv`;
    const key = { arn: keyArn, account: keyArn.split(':')[4] ?? '' };
    const inS3 = { 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${name}` };
    const bucket = { ...theirs(name), door: 's3' };
    return [
      target('object', `partner/${name}/object`, { arn, account }, bucket),
      // A bucket that was given up can be had by anybody, under its name.
      target('object', `lost partner/${name}/object`, { arn, account: FOREIGN_ACCOUNT }, bucket),
      target('object', `beside partner/${name}/object`, { arn: `arn:aws:s3:::${name}-other/x`, account }, bucket),
      target('way', `partner-key/${name} via s3`, key, {
        ...theirs(name),
        forwarded: true,
        context: { ...s3, ...inS3 },
      }),
      target('way', `partner-key/${name} in s3`, key, { ...theirs(name), door: 'kms', context: inS3 }),
    ];
  });
}
