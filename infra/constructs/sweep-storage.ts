/** What the sweep keeps: its key, the bucket between its steps, and the secrets of its databases. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { SWEEP_ACTORS, type SweepActor } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import { capital, functionRoles, type Principals, SWEEP_MACHINE } from '../principals.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { requireWriteOnce } from './flow-buckets.ts';
import { CONTENT, guardedBucket } from './guarded-bucket.ts';
import { guardSecret } from './guarded-secret.ts';
import { type KeyUse, policedKey, viaS3 } from './keys.ts';
import { pin } from './pinned.ts';

/** Steps that open a side: they alone may read the secret of a database, and go where it is. */
export const OPENING: readonly SweepActor[] = ['sweep-plan', 'sweep-hash', 'sweep-locate'];

/** Kinds of objects by the first part of their keys (functions/sweep/protocol/ports.ts); sketches and rows that differ are personal data. */
const SHORT_LIVED = [
  'attempts',
  'comparison',
  'failures',
  'items',
  'located',
  'report',
  'results',
  'ticket',
  'trip',
] as const;
const SHORT_LIVED_DAYS = 7;

export interface SweepStorageProps {
  readonly config: DeploymentConfiguration;
  readonly principals: Principals;
  /** ARN of the key of secrets. */
  readonly secretsKey: string;
  readonly vpcId: string;
}

export class SweepStorage extends Construct {
  readonly key: kms.Key;
  readonly bucket: s3.Bucket;
  /** ARN of the secret, by the name of the connection. */
  readonly secrets: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, props: SweepStorageProps) {
    super(scope, id);
    const { config, principals, vpcId } = props;
    const roles = (...of: SweepActor[]): string[] => principals.roleArns(of);
    const all = roles(...SWEEP_ACTORS);
    const machine = principals.roleArn(SWEEP_MACHINE);
    this.key = policedKey(this, {
      id: 'SweepKey',
      alias: `parapet/${config.deployment}/sweep`,
      description: `Parapet ${config.deployment}: Keys of sweeps, and what passes between their steps`,
      retained: config.retained,
      uses: [
        viaS3('Write', ['kms:GenerateDataKey'], all),
        viaS3('Read', ['kms:Decrypt'], [...all, machine]),
        direct('MakeSweepKey', 'kms:GenerateDataKey', 'parapet-sweep', roles('sweep-plan'), vpcId),
        direct('OpenSweepKey', 'kms:Decrypt', 'parapet-sweep', roles('sweep-hash', 'sweep-locate'), vpcId),
        direct('MakeCellKey', 'kms:GenerateDataKey', 'parapet-cells', roles('sweep-plan'), vpcId),
        direct('OpenCellKey', 'kms:Decrypt', 'parapet-cells', roles('sweep-compare'), vpcId),
      ],
    });
    this.bucket = guardedBucket(this, {
      config,
      id: 'SweepBucket',
      key: this.key,
      admitted: { principals: [...all, machine], actions: CONTENT },
      inside: { roles: principals.roleArns(functionRoles(config)), vpcId },
      // Manifests stay, and with them the wrapped keys: what a verdict says was swept can be looked up as long as the verdict itself.
      lifecycle: [
        ...SHORT_LIVED.map((kind) => ({
          id: `Short-lived-${kind}`,
          prefix: `${kind}/`,
          expiration: Duration.days(SHORT_LIVED_DAYS),
        })),
        { id: 'Superseded', noncurrentVersionExpiration: Duration.days(1) },
        { id: 'Markers', expiredObjectDeleteMarker: true },
      ],
    });
    // The first attempt that commits is the one that counts: not by agreement of the steps alone.
    requireWriteOnce(this.bucket);
    this.secrets = new Map(
      Object.entries(config.connections).flatMap(([name, connection]) =>
        connection.engine === 'postgres' || connection.engine === 'mysql'
          ? [[name, this.#secret(name, props)] as const]
          : [],
      ),
    );
  }

  /** Made empty: whoever looks after the database puts its place and a read-only user in, after the first deployment. */
  #secret(name: string, { config, principals, secretsKey, vpcId }: SweepStorageProps): string {
    const id = `SweepConnection${capital(name)}`;
    const connection = config.connections[name];
    const rotates = connection !== undefined && 'rotation' in connection && connection.rotation !== undefined;
    const rotating = rotates ? (['database-rotation'] as const) : [];
    const removal = config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const secret = new secretsmanager.CfnSecret(this, id, {
      name: `${principals.name('sweep')}-${name}`,
      description: `Where the sweep finds ${name}: host, port, dbname, username, password, ca; see docs/sweep.md`,
      kmsKeyId: secretsKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ host: '', port: 0, dbname: '', username: '' }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludePunctuation: true,
      },
    });
    pin(secret, id, removal);
    acknowledge(
      secret,
      ['AwsSolutions-SMG4', ...ofPacks('SecretsManagerRotationEnabled', 'HIPAA.Security', 'NIST.800.53.R5')],
      rotates
        ? 'It rotates by a function of ours, and the schedule stands with that function, in another stack: these rules look into the secret’s own.'
        : 'The user is the database’s, which this stack does not know: whoever keeps the database rotates it there, and workers read the secret again within minutes.',
    );
    guardSecret(this, {
      // In front: `${id}Policy` is the secret of the connection `…-policy`.
      id: `PolicyOf${id}`,
      secret: secret.ref,
      sid: 'DenyEverybodyButReadingSteps',
      readers: principals.roleArns([...OPENING, ...rotating]),
      ...(rotates ? { writers: principals.roleArns(rotating) } : {}),
      vpcId,
      removal,
    });
    return secret.ref;
  }
}

/** A direct call, never through a service, under the context that functions/sweep/protocol/keys.ts makes. */
function direct(sid: string, action: string, purpose: string, roles: string[], vpcId: string): KeyUse {
  return {
    sid,
    actions: [action],
    conditions: {
      StringEquals: { 'kms:EncryptionContext:purpose': purpose, 'aws:SourceVpc': vpcId },
      ArnEquals: { 'aws:PrincipalArn': roles },
      Null: { 'kms:EncryptionContext:sweep': 'false', 'kms:ViaService': 'true' },
    },
  };
}
