import type { CompiledPolicy } from './document.ts';
import type { Naming } from './principal.ts';
import type { AccessQuery, Statement } from './statement.ts';

/** Every policy that has a say in one request. */
export interface PolicySet {
  /** Those of the caller's role. A root or a service has none. */
  readonly identity: readonly CompiledPolicy[];
  readonly boundary?: CompiledPolicy;
  readonly resource?: CompiledPolicy;
  /**
   * - `additive`: inside an account either the identity's or the resource's policies allow (buckets, queues, secrets).
   * - `decisive`: nothing is allowed that the resource's policy does not allow, be it by handing the decision to the account
   *   (KMS Developer Guide, "Key policies"; for `sts:AssumeRole`, the role's trust policy).
   */
  readonly resourceRule: 'additive' | 'decisive';
  /** Of the VPC endpoint that the request came through. */
  readonly endpoint?: CompiledPolicy;
  /** 12 digits. */
  readonly resourceAccount: string;
}

export type Source = 'identity' | 'boundary' | 'resource' | 'endpoint';

export interface StatementReference {
  readonly source: Source;
  /** Name of the policy. */
  readonly policy: string;
  readonly statement: number;
  readonly sid: string | undefined;
  /** Entries of the statement's Action that matched. */
  readonly actions: readonly string[];
}

export type Reason =
  | 'allowed-by-identity'
  | 'allowed-by-resource'
  | 'allowed-as-root'
  | 'policy-faulty'
  | 'explicit-deny'
  | 'endpoint-silent'
  | 'resource-silent'
  | 'identity-silent'
  | 'boundary-silent';

export interface Decision {
  readonly decision: 'allow' | 'deny';
  readonly reason: Reason;
  /** Of a denial: which policies, in words. */
  readonly detail: string;
  /** The denying statements, or all that allow: a grant that never appears here is never used. */
  readonly matched: readonly StatementReference[];
}

interface Match {
  readonly source: Source;
  readonly effect: Statement['effect'];
  readonly naming: Naming;
  readonly reference: StatementReference;
}

/**
 * Decides one request as IAM does (IAM User Guide, "Policy evaluation logic"; without organisations' policies): an explicit deny
 * anywhere ends it; then the endpoint, the resource, the identity and its boundary must each say what they have to.
 */
export function decide(query: AccessQuery, policies: PolicySet): Decision {
  const named = policiesOf(policies);
  const faulty = named.filter(({ policy }) => policy.fault !== undefined);
  if (faulty.length > 0) {
    const detail = faulty.map(({ source, policy }) => `${source} policy ${policy.name}: ${policy.fault}`).join('; ');
    return { decision: 'deny', reason: 'policy-faulty', detail, matched: [] };
  }
  const matches = named.flatMap(({ source, policy }) => matchesOf(source, policy, query));
  const denials = matches.filter(({ effect }) => effect === 'Deny');
  if (denials.length > 0) {
    const sources = [...new Set(denials.map(({ source }) => source))].join(' and ');
    return {
      decision: 'deny',
      reason: 'explicit-deny',
      detail: `with an explicit deny in a policy of the ${sources}`,
      matched: denials.map(({ reference }) => reference),
    };
  }
  const reason = judge(query, policies, matches);
  const silence = SILENCE[reason];
  if (silence !== undefined) {
    return { decision: 'deny', reason, detail: `because ${silence} allows the ${query.action} action`, matched: [] };
  }
  return { decision: 'allow', reason, detail: '', matched: matches.map(({ reference }) => reference) };
}

const SILENCE: Partial<Record<Reason, string>> = {
  'endpoint-silent': 'no VPC endpoint policy',
  'resource-silent': 'no resource-based policy',
  'identity-silent': 'no identity-based policy',
  'boundary-silent': 'no permissions boundary',
};

/** What the allowing statements amount to, once nothing denies. */
function judge(query: AccessQuery, policies: PolicySet, allows: readonly Match[]): Reason {
  const from = (source: Source): readonly Match[] => allows.filter((match) => match.source === source);
  // An endpoint's policy that names an account admits nobody but its root user (VPC User Guide, "Endpoint policies").
  if (policies.endpoint && !from('endpoint').some(({ naming }) => naming !== 'account')) return 'endpoint-silent';

  const { kind, accountId } = query.principal;
  const resource = from('resource');
  const granted = resource.some(({ naming }) => naming !== 'account');
  if (kind === 'service') return granted ? 'allowed-by-resource' : 'resource-silent';

  const foreign = accountId !== policies.resourceAccount;
  const resourceMustAllow = foreign || policies.resourceRule === 'decisive';
  if (resourceMustAllow && resource.length === 0) return 'resource-silent';
  if (kind === 'root') return 'allowed-as-root';

  if (!foreign && resource.some(({ naming }) => naming === 'session')) return 'allowed-by-resource';
  const byIdentity = from('identity').length > 0;
  if (!byIdentity && (foreign || !granted)) return 'identity-silent';
  if (policies.boundary && from('boundary').length === 0) return 'boundary-silent';
  return byIdentity ? 'allowed-by-identity' : 'allowed-by-resource';
}

function policiesOf(policies: PolicySet): readonly { source: Source; policy: CompiledPolicy }[] {
  const named: { source: Source; policy: CompiledPolicy }[] = policies.identity.map((policy) => ({
    source: 'identity',
    policy,
  }));
  if (policies.boundary) named.push({ source: 'boundary', policy: policies.boundary });
  if (policies.resource) named.push({ source: 'resource', policy: policies.resource });
  if (policies.endpoint) named.push({ source: 'endpoint', policy: policies.endpoint });
  return named;
}

function matchesOf(source: Source, policy: CompiledPolicy, query: AccessQuery): readonly Match[] {
  const matches: Match[] = [];
  for (const statement of policy.statements) {
    const application = statement.apply(query);
    if (application === undefined) continue;
    const { index, sid, effect } = statement;
    const reference = { source, policy: policy.name, statement: index, sid, actions: application.actions };
    matches.push({ source, effect, naming: application.naming, reference });
  }
  return matches;
}
