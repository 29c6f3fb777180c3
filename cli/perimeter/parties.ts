/** The parties of the table, as callers of one deployment. */
import type { Caller, DeployedResource, Deployment } from '../../local/service.ts';
import { type CompiledPolicy, compilePolicy } from '../../shared/policy/document.ts';
import type { Policies, RolePolicies } from './policies.ts';
import { OUTSIDERS, PARTIES, type PartySpec } from './table/parties.ts';
import { secretName } from './targets/target.ts';

/** An account that is not ours, and its network. */
export const FOREIGN_ACCOUNT = '999999999999';
const FOREIGN_VPC = 'vpc-0f0f0f0f0f0f0f0f0';
const FOREIGN_ENDPOINT = 'vpce-0f0f0f0f0f0f0f0f0';

/**
 * - `code`: a stage's function, in our network.
 * - `lambda`: Lambda in the name of a stage: it makes network interfaces, log streams, trace segments.
 * - `stolen`: a stage's credentials, used anywhere but in our network.
 * - `deputy`: a service that acts for somebody else than the table says.
 */
export type PartyKind =
  | 'code'
  | 'lambda'
  | 'stolen'
  | 'serving'
  | 'person'
  | 'insider'
  | 'outsider'
  | 'service'
  | 'deputy';

export interface Party {
  readonly id: string;
  readonly kind: PartyKind;
  /** For a person: who this is. */
  readonly what: string;
  readonly caller: Caller;
  /** Of a role of the templates. */
  readonly role: RolePolicies | undefined;
  /** Of whoever has no role of the templates. */
  readonly identity: readonly CompiledPolicy[];
  /** Whether calls go through the endpoints of our network. */
  readonly inside: boolean;
  /** Whether it belongs to our account; a service, whether it acts for our account or names nobody. */
  readonly ours: boolean;
}

export interface Parties {
  readonly all: readonly Party[];
  /** Roles of the templates that the table does not name. */
  readonly unlisted: readonly string[];
  /** The party that stands for a stage in the reports is its code. */
  get(id: string): Party | undefined;
}

const SECOND_FACTOR = { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' };

export const EVERYTHING: CompiledPolicy = compilePolicy(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  'identity',
  'every permission',
);

export function makeParties(deployment: Deployment, policies: Policies, uploaders: readonly string[]): Parties {
  const used = new Set<string>();
  const all = PARTIES.flatMap((spec) =>
    spec.kind === 'service' ? services(spec, deployment) : inRoles(spec, deployment, policies, used),
  ).concat(outsiders(deployment, uploaders));
  const unlisted = deployment
    .ofType('AWS::IAM::Role')
    .filter(({ arn }) => !used.has(arn))
    .map(({ logicalId }) => logicalId);
  const byId = new Map(all.map((party) => [party.id, party]));
  return { all, unlisted, get: (id) => byId.get(id) };
}

function inRoles(
  spec: Exclude<PartySpec, { kind: 'service' }>,
  deployment: Deployment,
  policies: Policies,
  used: Set<string>,
): readonly Party[] {
  const roles = deployment.ofType('AWS::IAM::Role').filter(({ logicalId }) => spec.role.test(logicalId));
  return roles.flatMap((role) => {
    const own = policies.ofRole.get(role.arn);
    if (own === undefined) return [];
    used.add(role.arn);
    // Two stacks may have a role of one name: CDK's providers.
    const id = roles.length > 1 ? `${spec.id} of ${role.stack.split('-').at(-1)}` : spec.id;
    if (spec.kind === 'stage') return stage({ ...spec, id }, role, own, deployment);
    const kind = spec.kind === 'serving' ? 'service' : 'person';
    const name = spec.kind === 'serving' ? spec.service : role.physicalId;
    const what =
      spec.kind === 'serving' ? `${spec.service} in the role ${role.logicalId}` : 'a person, with a second factor';
    const context = spec.kind === 'person' ? SECOND_FACTOR : { 'aws:MultiFactorAuthPresent': 'false' };
    return [
      party(id, spec.kind, what, { ...sessionOf(role, 'session', deployment), kind, name, context }, { role: own }),
    ];
  });
}

function stage(
  spec: Extract<PartySpec, { kind: 'stage' }>,
  role: DeployedResource,
  own: RolePolicies,
  deployment: Deployment,
): readonly Party[] {
  const name = deployment.ofType('AWS::Lambda::Function').find(({ logicalId }) => logicalId === spec.function);
  const session = sessionOf(role, name?.physicalId ?? spec.function, deployment);
  const base = { ...session, kind: 'function', name: name?.physicalId ?? '' } as const;
  const mfa = { 'aws:MultiFactorAuthPresent': 'false' };
  // Lambda puts the function's ARN into its credentials, wherever they are used (Lambda Developer Guide, "Using source function ARN").
  const code = { ...mfa, 'lambda:SourceFunctionArn': name?.arn ?? '' };
  const elsewhere = { ...code, 'aws:SourceVpc': FOREIGN_VPC, 'aws:SourceVpce': FOREIGN_ENDPOINT };
  const { id } = spec;
  return [
    party(id, 'code', 'the code of the stage, in its network', { ...base, context: code }, { role: own, inside: true }),
    party(
      `Lambda for ${id}`,
      'lambda',
      'Lambda, in the name of the stage’s role',
      { ...base, context: mfa },
      { role: own },
    ),
    party(
      `${id} from another network`,
      'stolen',
      'its credentials, used in another VPC',
      { ...base, context: elsewhere },
      { role: own },
    ),
    party(
      `${id} from the internet`,
      'stolen',
      'its credentials, used outside AWS',
      { ...base, context: code },
      { role: own },
    ),
  ];
}

/** CloudFormation names what our deployment makes `<name>-…`; the stage functions carry it. */
export function deploymentName(deployment: Deployment): string {
  const [first] = deployment.ofType('AWS::Lambda::Function').filter(({ logicalId }) => logicalId === 'SealFunction');
  return first?.physicalId.replace(/-seal$/, '') ?? '';
}

function services(spec: Extract<PartySpec, { kind: 'service' }>, deployment: Deployment): readonly Party[] {
  const { only } = spec;
  if (only !== undefined && !deployment.resources.some(({ logicalId }) => logicalId === only)) return [];
  const service = spec.service.replace('REGION', deployment.region);
  const acting = (
    id: string,
    kind: PartyKind,
    what: string,
    name: string,
    source?: string,
    account?: string,
  ): Party => {
    const context = {
      ...(source === undefined ? {} : { 'aws:SourceArn': source }),
      ...(account === undefined ? {} : { 'aws:SourceAccount': account }),
    };
    const caller = { accessKeyId: '', accountId: '', arn: name, kind: 'service', name, context } as const;
    return party(id, kind, what, caller, { ours: account !== FOREIGN_ACCOUNT });
  };
  const { accountId } = deployment;
  if (spec.source === undefined) return [acting(spec.id, 'service', `${service}, for itself`, service)];
  const fill = (text: string, account: string, name: string): string => {
    const secret = deployment
      .ofType('AWS::SecretsManager::Secret')
      .find((each) => isLike(text, `SECRET ${secretName(each, deployment)}`));
    // Its ARN ends in six characters that nobody chooses.
    if (secret) return `${secret.arn.replace(accountId, account)}${name === 'other' ? 'x' : ''}`;
    return text.replace('REGION', deployment.region).replace('ACCOUNT', account).replace('NAME', name);
  };
  const name = deploymentName(deployment);
  const ours = fill(spec.source, accountId, name);
  const other = fill(spec.other ?? spec.source, accountId, 'other');
  const foreign = fill(spec.source, FOREIGN_ACCOUNT, name);
  return [
    acting(spec.id, 'service', `${service} for ${ours}`, service, ours, accountId),
    acting(
      `${spec.id}, of another name`,
      'deputy',
      `${service} for another resource of the account`,
      service,
      other,
      accountId,
    ),
    acting(
      `${spec.id}, of another account`,
      'deputy',
      `${service} for a resource of another account`,
      service,
      foreign,
      FOREIGN_ACCOUNT,
    ),
    acting(
      `another service for ${spec.id}`,
      'deputy',
      `another service for ${ours}`,
      'backup.amazonaws.com',
      ours,
      accountId,
    ),
  ];
}

function outsiders(deployment: Deployment, uploaders: readonly string[]): readonly Party[] {
  const { accountId, region } = deployment;
  const deployer = `cdk-hnb659fds-cfn-exec-role-${accountId}-${region}`;
  const session = (account: string, role: string) => ({
    accessKeyId: '',
    accountId: account,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/session`,
    roleArn: `arn:aws:iam::${account}:role/${role}`,
    kind: 'person' as const,
    name: role,
    context: SECOND_FACTOR,
  });
  const root: Caller = {
    accessKeyId: '',
    accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    kind: 'root',
    name: 'root',
    context: SECOND_FACTOR,
  };
  const everything = { identity: [EVERYTHING] };
  const foreign = session(FOREIGN_ACCOUNT, 'Admin');
  const elsewhere = { 'aws:SourceVpc': FOREIGN_VPC, 'aws:SourceVpce': FOREIGN_ENDPOINT };
  return [
    party('root', 'insider', OUTSIDERS.root, root, {}),
    party('administrator', 'insider', OUTSIDERS.administrator, session(accountId, 'Admin'), everything),
    party('deployer', 'insider', OUTSIDERS.deployer, session(accountId, deployer), everything),
    ...uploaders.map((roleArn) => {
      const caller = { ...session(accountId, roleArn.split('/').at(-1) ?? ''), roleArn };
      return party(`configured uploader ${caller.name}`, 'insider', OUTSIDERS.configured, caller, everything);
    }),
    party('stranger', 'outsider', OUTSIDERS.stranger, session(accountId, 'Somebody'), {}),
    party(
      'foreigner',
      'outsider',
      OUTSIDERS.foreigner,
      { ...foreign, context: { ...foreign.context, ...elsewhere } },
      { ...everything, ours: false },
    ),
    party('smuggler', 'outsider', OUTSIDERS.smuggler, foreign, { ...everything, ours: false, inside: true }),
  ];
}

/** The last part may be open: `SECRET rotated sweep-connection-*`. */
const isLike = (text: string, name: string): boolean =>
  text.endsWith('*') ? name.startsWith(text.slice(0, -1)) : name === text;

const sessionOf = (role: DeployedResource, session: string, { accountId }: Deployment) => ({
  accessKeyId: '',
  accountId,
  arn: `arn:aws:sts::${accountId}:assumed-role/${role.physicalId}/${session}`,
  roleArn: role.arn,
});

function party(
  id: string,
  kind: PartyKind,
  what: string,
  caller: Caller,
  rest: Partial<Pick<Party, 'role' | 'identity' | 'inside' | 'ours'>>,
): Party {
  return { id, kind, what, caller, role: undefined, identity: [], inside: false, ours: true, ...rest };
}
