/** What a sweep reads that is in no template: tables, buckets and keepers' secrets of this account, and their keys. */
import type { DeploymentConfiguration } from '../../../infra/config.ts';
import type { Deployment } from '../../../local/service.ts';
import { type CompiledPolicy, compilePolicy } from '../../../shared/policy/document.ts';
import { type Target, target } from './target.ts';

type Connection = DeploymentConfiguration['connections'][string];

/** Each side, and what is almost it. */
export function sideTargets(
  deployment: Deployment,
  connections: DeploymentConfiguration['connections'],
): readonly Target[] {
  return Object.entries(connections).flatMap(([name, connection]) => targetsOf(name, connection, deployment));
}

function targetsOf(name: string, connection: Connection, deployment: Deployment): readonly Target[] {
  const { accountId, region } = deployment;
  const placed = (arn: string) => ({ arn, account: accountId });
  const s3 = (resource: string) => placed(`arn:aws:s3:::${resource}`);
  switch (connection.engine) {
    case 'dynamodb': {
      if (connection.own !== undefined) return [];
      const { table, keyArn } = connection;
      const at = (of: string) => placed(`arn:aws:dynamodb:${region}:${accountId}:table/${of}`);
      return [
        target('table', `side table/${name}`, at(table), { door: 'dynamodb' }),
        target('table', `beside table/${name}`, at(`${table}-other`), { door: 'dynamodb' }),
        ...keyTargets(`table ${name}`, keyArn, deployment, {
          service: 'dynamodb',
          context: { 'aws:dynamodb:tableName': table },
          other: { 'aws:dynamodb:tableName': `${table}-other` },
        }),
      ];
    }
    case 'files': {
      const { bucket, keyArn } = connection;
      return [
        target('object', `side bucket/${name}/object`, s3(`${bucket}/object`), { door: 's3' }),
        target('object', `beside bucket/${name}/object`, s3(`${bucket}-other/object`), { door: 's3' }),
        target('listing', `side bucket?${name}`, s3(bucket), { door: 's3' }),
        target('listing', `beside bucket?${name}`, s3(`${bucket}-other`), { door: 's3' }),
        ...keyTargets(`bucket ${name}`, keyArn, deployment, {
          service: 's3',
          context: { 'aws:s3:arn': `arn:aws:s3:::${bucket}` },
        }),
      ];
    }
    default: {
      if (connection.rotation === undefined) return [];
      const { keeperSecret, keeperKeyArn } = connection.rotation;
      return [
        target('secret', `keeper/${name}`, placed(keeperSecret), { door: 'secretsmanager' }),
        target('secret', `beside keeper/${name}`, placed(`${keeperSecret}x`), { door: 'secretsmanager' }),
        ...keyTargets(`keeper of ${name}`, keeperKeyArn, deployment, {
          service: 'secretsmanager',
          context: { SecretARN: keeperSecret },
          other: { SecretARN: `${keeperSecret}x` },
        }),
      ];
    }
  }
}

interface Way {
  readonly service: string;
  /** Encryption context, and one that is another's. */
  readonly context: Readonly<Record<string, string>>;
  readonly other?: Readonly<Record<string, string>>;
}

function keyTargets(
  name: string,
  keyArn: string | undefined,
  { accountId, region }: Deployment,
  { service, context, other }: Way,
): readonly Target[] {
  if (keyArn === undefined) return [];
  const foreignPolicy = leftTo(accountId, name);
  const under = (pairs: Way['context']) =>
    Object.fromEntries(Object.entries(pairs).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]));
  const via = { 'kms:ViaService': `${service}.${region}.amazonaws.com` };
  const account = keyArn.split(':')[4] ?? '';
  const through = (id: string, pairs: Way['context'], arn = keyArn): Target => {
    const rest = { foreignPolicy, forwarded: true, context: { ...via, ...under(pairs) } };
    return target('way', `side-key/${id} via ${service}`, { arn, account }, rest);
  };
  return [
    through(name, context),
    through(`another than of ${name}`, context, `${keyArn.slice(0, -1)}x`),
    ...(other === undefined ? [] : [through(`beside ${name}`, other)]),
    target(
      'way',
      `side-key/${name} in ${service}`,
      { arn: keyArn, account },
      { foreignPolicy, door: 'kms', context: under(context) },
    ),
  ];
}

/** Their keeper leaves the key to the account's own policies: ours alone are in question. */
const leftTo = (accountId: string, name: string): CompiledPolicy =>
  compilePolicy(
    {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: accountId }, Action: '*', Resource: '*' }],
    },
    'resource',
    name,
  );
