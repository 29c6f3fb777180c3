import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DeployedResource, Deployment } from '../../../local/service.ts';
import { encryptionOf } from '../../deployed/buckets.ts';
import { contractsIn } from '../../templates/contracts.ts';
import { idsOf, listed, member, ofService, statementsIn, texts } from '../../templates/reading.ts';
import { fail, notApplicable, pass, type Section, unless, type View } from '../row.ts';

/** What listens for a shell or a query: the checklist names SSH and databases. Nothing of ours is entered from anywhere. */
const ANYWHERE: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

export const encryptionAndNetwork: Section = {
  title: 'Encryption & Network',
  rows: [
    {
      id: 'buckets-encrypted',
      item: 'S3 buckets encrypted with KMS (SSE-KMS)',
      judge: ({ deployment }) => {
        const buckets = deployment.ofType('AWS::S3::Bucket');
        return unless(
          idsOf(buckets.filter((bucket) => !underOwnKey(bucket))),
          'not under SSE-KMS with a key of ours and a bucket key',
          `${buckets.length} buckets under SSE-KMS, each with a key of ours and a bucket key`,
          idsOf(buckets),
        );
      },
      ask: encryptionOf,
    },
    {
      id: 'databases-encrypted',
      item: 'RDS/Redshift encrypted at rest',
      judge: ({ deployment }) => {
        const servers = databaseServers(deployment);
        const plain = servers.filter(
          ({ properties }) => properties.StorageEncrypted !== true && properties.Encrypted !== true,
        );
        if (servers.length > 0) {
          return unless(idsOf(plain), 'not encrypted at rest', 'encrypted at rest', idsOf(servers));
        }
        const tables = deployment.ofType('AWS::DynamoDB::Table');
        const wrong = tables.filter(
          ({ properties }) => member(properties.SSESpecification, 'KMSMasterKeyId') === undefined,
        );
        return unless(
          idsOf(wrong),
          'tables that are not under a key of ours',
          `no RDS or Redshift; the ${tables.length} tables of DynamoDB are under a key of ours`,
          idsOf(tables),
        );
      },
    },
    {
      id: 'databases-over-tls',
      item: 'All database connections use TLS 1.2+',
      judge: ({ deployment, root }) => {
        const tables = deployment.ofType('AWS::DynamoDB::Table');
        const plain = tables.filter(
          ({ properties }) =>
            !statementsIn(properties.ResourcePolicy).some(
              ({ effect, condition }) =>
                effect === 'Deny' && String(member(condition, 'Bool', 'aws:SecureTransport')) === 'false',
            ),
        );
        const { engines, careless } = databaseEngines(root);
        return unless(
          [...idsOf(plain), ...careless],
          'answers over plain HTTP, or is reached without verifying its certificate',
          'every table refuses plain HTTP; no engine of the sweep can be told to skip the verification of a certificate',
          [...idsOf(tables), ...engines],
        );
      },
    },
    {
      id: 'private-subnets',
      item: 'VPC with private subnets for databases',
      judge: ({ deployment }) => {
        const doors = ['InternetGateway', 'NatGateway', 'EgressOnlyInternetGateway', 'VPCPeeringConnection'];
        const out = doors.flatMap((type) => deployment.ofType(`AWS::EC2::${type}`));
        const routes = deployment
          .ofType('AWS::EC2::Route')
          .filter(({ properties }) =>
            ANYWHERE.has(String(properties.DestinationCidrBlock ?? properties.DestinationIpv6CidrBlock)),
          );
        const open = deployment
          .ofType('AWS::EC2::Subnet')
          .filter(({ properties }) => properties.MapPublicIpOnLaunch === true);
        const outside = deployment
          .ofType('AWS::Lambda::Function')
          .filter(({ properties, logicalId }) => properties.VpcConfig === undefined && !logicalId.startsWith('Custom'));
        return unless(
          idsOf([...out, ...routes, ...open, ...outside]),
          'a way out, a public address, or a function outside the network',
          'every function stands in subnets without a way out; S3 and DynamoDB are reached by gateway endpoints',
          [...idsOf(deployment.ofType('AWS::EC2::Subnet')), ...idsOf(deployment.ofType('AWS::EC2::VPCEndpoint'))],
        );
      },
    },
    {
      id: 'security-groups',
      item: 'Security groups: whitelist only (no 0.0.0.0/0 for SSH/DB)',
      judge: ({ deployment }) => {
        const groups = deployment.ofType('AWS::EC2::SecurityGroup');
        const entered = [
          ...groups.filter(({ properties }) => listed(properties.SecurityGroupIngress).some(isOpen)),
          ...deployment.ofType('AWS::EC2::SecurityGroupIngress').filter(({ properties }) => isOpen(properties)),
        ];
        return unless(
          idsOf(entered),
          'entered from anywhere',
          `${groups.length} groups, none entered from anywhere, on any port; endpoints are entered by the groups of the stages that call them`,
          idsOf(groups),
        );
      },
    },
    {
      id: 'personal-columns',
      item: 'PII columns encrypted at application level',
      judge: (view) => personalColumns(view),
    },
  ],
};

function underOwnKey({ properties }: DeployedResource): boolean {
  const rules = listed(member(properties.BucketEncryption, 'ServerSideEncryptionConfiguration'));
  return (
    rules.length > 0 &&
    rules.every((rule) => {
      const chosen = member(rule, 'ServerSideEncryptionByDefault');
      return (
        member(chosen, 'SSEAlgorithm') === 'aws:kms' &&
        member(chosen, 'KMSMasterKeyID') !== undefined &&
        member(rule, 'BucketKeyEnabled') === true
      );
    })
  );
}

const databaseServers = (deployment: Deployment): DeployedResource[] =>
  ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster', 'AWS::Redshift::Cluster'].flatMap((type) => deployment.ofType(type));

/** The code that opens connections to databases. TLS 1.2 is the least that Node speaks (`tls.DEFAULT_MIN_VERSION`). */
function databaseEngines(root: string): { readonly engines: string[]; readonly careless: string[] } {
  const folder = join('functions', 'sweep', 'engines');
  const sources = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));
  return {
    engines: sources.filter(({ text }) => /rejectUnauthorized: true/.test(text)).map(({ name }) => name),
    careless: sources
      .filter(({ text }) => /rejectUnauthorized: (?!true)|minVersion: 'TLSv1(\.1)?'/.test(text))
      .map(({ name }) => name),
  };
}

const isOpen = (rule: unknown): boolean =>
  ANYWHERE.has(String(member(rule, 'CidrIp') ?? member(rule, 'CidrIpv6') ?? ''));

/** Tokens before anything is queued, and the values in a vault under keys of their own: shared/envelope, requirement B04. */
function personalColumns({ root, deployment }: View) {
  const contracts = contractsIn(root);
  const personal = contracts.flatMap(({ file, contract }) =>
    contract.fields.filter((field) => field.class === 'pii').map((field) => `${basename(file)}: ${field.name}`),
  );
  if (personal.length === 0) return notApplicable('no contract declares a personal field', join('contracts', '*.json'));
  const vault = ofService(deployment, 'AWS::KMS::Key').filter(({ logicalId }) => logicalId === 'VaultKey');
  const readers = deployment
    .ofType('AWS::IAM::Role')
    .filter(({ properties }) =>
      statementsIn(properties.Policies).some(
        ({ effect, actions, resources }) =>
          effect === 'Allow' &&
          actions.includes('kms:Decrypt') &&
          resources.some((each) => texts(vault.map(({ arn }) => arn)).includes(each)),
      ),
    );
  if (vault.length === 0) return fail('personal fields, and no vault key', ...personal);
  return pass(
    `${personal.length} personal fields leave ingestion as tokens; their values lie encrypted in the vault, which ${idsOf(readers).join(' and ')} may open`,
    ...personal,
    ...idsOf(vault),
  );
}
