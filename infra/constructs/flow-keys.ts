/** Every key of the flow and who may use it how. Read as a table: key, encrypting principals, decrypting principals. */
import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Actor, WorkingStage } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import { whoMay } from '../people/matrix.ts';
import { ACTORS, type Principals, reporters } from '../principals.ts';
import { FINDINGS_RULE, findingsRing, ruleArn } from './findings.ts';
import { type KeyUse, policedKey, viaS3, viaService } from './keys.ts';

/** Whose raw records may go to quarantine. */
export const QUARANTINING = ['ingestion', 'reconciliation', 'processing', 'egress'] as const satisfies readonly Actor[];

const GENERATE = ['kms:GenerateDataKey'];
const DECRYPT = ['kms:Decrypt'];

export interface FlowKeysProps {
  readonly config: DeploymentConfiguration;
  readonly principals: Principals;
  /** Direct calls of stages come from there. */
  readonly vpcId: string;
}

export class FlowKeys extends Construct {
  readonly landing: kms.Key;
  /** Each encrypts what its stage writes to the working bucket; the next stage decrypts. */
  readonly working: Readonly<Record<WorkingStage, kms.Key>>;
  /** Encrypts what the custodian releases into the flow again: a key of its own, so that it holds no stage's. */
  readonly custody: kms.Key;
  readonly vault: kms.Key;
  readonly quarantine: kms.Key;
  readonly exports: kms.Key;
  readonly audit: kms.Key;
  readonly tables: kms.Key;
  readonly secrets: kms.Key;
  /** Logs, and the topic of the alarms. */
  readonly operations: kms.Key;
  readonly sealSigning: kms.Key;
  readonly contractSigning: kms.Key;
  readonly #props: FlowKeysProps;

  constructor(scope: Construct, id: string, props: FlowKeysProps) {
    super(scope, id);
    this.#props = props;
    const { config, principals, vpcId } = props;
    const { root } = principals;
    const roles = (...of: Parameters<Principals['roleArns']>[0]): string[] => principals.roleArns(of);
    const uploaders = [...roles(...whoMay('putUploads')), ...config.uploaders, root];

    this.landing = this.#key('Landing', 'Uploads as they arrive', [
      viaS3('Upload', GENERATE, uploaders),
      // CompleteMultipartUpload decrypts the parts, and so needs kms:Decrypt of the uploader.
      viaS3('ReadUpload', DECRYPT, [...uploaders, ...roles('ingestion')]),
    ]);
    const handover = (from: WorkingStage, to: Actor): kms.Key =>
      this.#key(capitalised(from), `What ${from} hands to ${to}`, [
        viaS3('Write', GENERATE, roles(from)),
        viaS3('Read', DECRYPT, roles(to)),
      ]);
    this.working = {
      ingestion: handover('ingestion', 'reconciliation'),
      reconciliation: handover('reconciliation', 'processing'),
      processing: handover('processing', 'egress'),
    };
    this.custody = this.#key('Custody', 'What the custodian releases, to whichever boundary turned it away', [
      viaS3('Write', GENERATE, roles('custody')),
      viaS3('Read', DECRYPT, roles('reconciliation', 'processing', 'egress')),
    ]);
    this.vault = this.#key('Vault', 'Values behind tokens: written by ingestion, read by egress', [
      viaS3('WriteSegment', GENERATE, roles('ingestion')),
      viaS3('ReadSegment', DECRYPT, roles('egress')),
      envelope('MakeChunkKey', GENERATE, 'vault', { roles: roles('ingestion'), vpcId }),
      envelope('OpenChunkKey', DECRYPT, 'vault', { roles: roles('egress'), vpcId }),
    ]);
    this.quarantine = this.#key('Quarantine', 'Raw records and uploads that were turned away', [
      viaS3('WriteSegment', GENERATE, roles(...QUARANTINING)),
      viaS3('ReadSegment', DECRYPT, [...roles('custody', ...whoMay('readProblems')), root]),
      envelope('MakeSegmentKey', GENERATE, 'quarantine', { roles: roles(...QUARANTINING), vpcId }),
      envelope('OpenSegmentKey', DECRYPT, 'quarantine', { roles: roles('custody'), vpcId }),
    ]);
    this.exports = this.#key('Exports', 'What is delivered', [
      viaS3('Deliver', GENERATE, roles('egress')),
      viaS3('Collect', DECRYPT, [root]),
    ]);
    this.audit = this.#key('Audit', 'Audit entries and seals', [
      viaS3('Write', GENERATE, roles(...ACTORS, ...reporters(config))),
      viaS3('Read', DECRYPT, [...roles(...ACTORS, ...whoMay('readEvidence')), root]),
    ]);
    this.tables = this.#key('Tables', 'Tables of the flow', tableUses());
    this.secrets = this.#key('Secrets', 'Token salts', [secretUse()]);
    this.operations = this.#key('Operations', 'Logs and alarms', operationUses(config, principals));
    this.sealSigning = this.#key(
      'SealSigning',
      'Signs checkpoints (Ed25519)',
      [
        signing('SignCheckpoint', 'ED25519_SHA_512', { roles: roles('seal', ...reporters(config)), vpcId }),
        publicKey(),
      ],
      kms.KeySpec.ECC_NIST_EDWARDS25519,
    );
    this.contractSigning = this.#key(
      'ContractSigning',
      'Signs contracts and rule packs (ES256)',
      [signing('SignContract', 'ECDSA_SHA_256', { roles: roles(...whoMay('signContracts')) }), publicKey()],
      kms.KeySpec.ECC_NIST_P256,
    );
  }

  #key(name: string, description: string, uses: readonly KeyUse[], spec?: kms.KeySpec): kms.Key {
    const { config } = this.#props;
    return policedKey(this, {
      id: `${name}Key`,
      alias: `parapet/${config.deployment}/${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}`,
      description: `Parapet ${config.deployment}: ${description}`,
      uses,
      retained: config.retained,
      ...(spec ? { signing: spec } : {}),
    });
  }
}

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Who calls a key directly, and the network that the call must come from: a person's comes from anywhere. */
interface DirectCallers {
  readonly roles: string[];
  readonly vpcId?: string;
}

const fromNetwork = ({ vpcId }: DirectCallers): Record<string, string> =>
  vpcId === undefined ? {} : { 'aws:SourceVpc': vpcId };

/** A direct call, never through a service, under the context that shared/envelope/context.ts makes. */
function envelope(sid: string, actions: string[], purpose: 'vault' | 'quarantine', callers: DirectCallers): KeyUse {
  return {
    sid,
    actions,
    conditions: {
      StringEquals: { 'kms:EncryptionContext:purpose': purpose, ...fromNetwork(callers) },
      ArnEquals: { 'aws:PrincipalArn': callers.roles },
      Null: { 'kms:EncryptionContext:run': 'false', 'kms:ViaService': 'true' },
    },
  };
}

/**
 * DynamoDB opens a table's key in the name of whoever calls the table, and takes a grant in the name of whoever creates
 * it (the deployment's role, which has no name here): so every principal of the account that IAM lets, through DynamoDB only.
 */
function tableUses(): KeyUse[] {
  // The principal is the account: no condition on the caller's is needed besides.
  const through = { 'kms:ViaService': viaService('dynamodb') };
  return [
    {
      sid: 'UseTables',
      actions: [
        'kms:Decrypt',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      conditions: { StringEquals: through },
    },
    {
      sid: 'CreateTables',
      actions: ['kms:CreateGrant'],
      conditions: { StringEquals: through, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ];
}

/** CloudFormation generates the first value in the name of the deployment's role; reading is refused by the secret's own policy. */
function secretUse(): KeyUse {
  return {
    sid: 'UseSecrets',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    conditions: { StringEquals: { 'kms:ViaService': viaService('secretsmanager') } },
  };
}

/** CDK adds no statement for `encryptionKey` of a log group or topic: without these the deployment, or the first alarm, fails. */
function operationUses(config: DeploymentConfiguration, principals: Principals): KeyUse[] {
  const logArn = (name: string): string =>
    `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:${name}`;
  const alarms = `arn:${Aws.PARTITION}:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:${principals.name('alarms')}`;
  return [
    {
      sid: 'WriteLogs',
      principal: new iam.ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`),
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      // The service passes the group's ARN as encryption context: this is also what stops a confused deputy.
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': [
            logArn(`/parapet/${config.deployment}/*`),
            logArn(`/aws/vendedlogs/states/${principals.name('*')}`),
          ],
        },
      },
    },
    {
      sid: 'PublishAlarms',
      principal: new iam.ServicePrincipal('cloudwatch.amazonaws.com'),
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      conditions: {
        StringEquals: {
          // Confused deputy: alarms of this account only.
          'aws:SourceAccount': Aws.ACCOUNT_ID,
          'kms:EncryptionContext:aws:sns:topicArn': alarms,
        },
      },
    },
    ...(findingsRing(config)
      ? [
          {
            sid: 'PublishFindings',
            principal: new iam.ServicePrincipal('events.amazonaws.com'),
            actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            conditions: {
              StringEquals: { 'kms:EncryptionContext:aws:sns:topicArn': alarms },
              ArnEquals: { 'aws:SourceArn': ruleArn(principals.name(FINDINGS_RULE)) },
            },
          },
        ]
      : []),
  ];
}

function signing(sid: string, algorithm: string, callers: DirectCallers): KeyUse {
  return {
    sid,
    actions: ['kms:Sign'],
    conditions: {
      StringEquals: { 'kms:SigningAlgorithm': algorithm, ...fromNetwork(callers) },
      ArnEquals: { 'aws:PrincipalArn': callers.roles },
    },
  };
}

/** A public key is public: whoever verifies may read it. */
function publicKey(): KeyUse {
  return {
    sid: 'ReadPublicKey',
    actions: ['kms:GetPublicKey'],
    conditions: { StringEquals: { 'kms:CallerAccount': Aws.ACCOUNT_ID } },
  };
}
