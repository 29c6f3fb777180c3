import { requestContext } from '../../shared/policy/context.ts';
import { type Decision, decide, type PolicySet } from '../../shared/policy/decide.ts';
import { type CompiledPolicy, compilePolicy } from '../../shared/policy/document.ts';
import type { Principal } from '../../shared/policy/principal.ts';
import type { Clock } from '../../shared/ports.ts';
import { type AccessRequest, ApiError, type Authorizer, type Caller, type Deployment } from '../service.ts';
import { conditionKeys, isForwarded } from './conditions.ts';
import type { Network } from './network/network.ts';
import type { Role } from './roles.ts';
import { createUsage, type UnusedGrant, type Usage } from './usage.ts';

export interface RecordedDecision {
  readonly caller: Caller;
  readonly request: AccessRequest;
  readonly decision: Decision;
}

export interface IamAuthorizer extends Authorizer {
  allows(caller: Caller, ...requests: readonly AccessRequest[]): boolean;
  /** Decides and records nothing. */
  decide(caller: Caller, request: AccessRequest): Decision;
  /** Whether the role's trust policy lets the caller take it. Recorded. Throws AccessDenied. */
  requireTrust(caller: Caller, role: Role, context: AccessRequest['context']): void;
  /** Called with every recorded decision, in order. */
  observe(listener: (decision: RecordedDecision) => void): void;
  /** Decisions so far. */
  readonly calls: number;
  readonly denied: number;
  /** The last denials, at most a thousand. */
  denials(): readonly RecordedDecision[];
  unusedGrants(): readonly UnusedGrant[];
  readonly usage: Usage;
}

export interface AuthorizerOptions {
  readonly deployment: Deployment;
  readonly roles: ReadonlyMap<string, Role>;
  readonly network: Network;
  readonly clock: Clock;
}

const KEPT_DENIALS = 1_000;
/** Services whose resource policy must itself allow: a key's, and a role's trust. */
const DECISIVE = /^(kms|sts):/i;

export function createAuthorizer({ deployment, roles, network, clock }: AuthorizerOptions): IamAuthorizer {
  const usage = createUsage(roles);
  const compiled = new WeakMap<object, CompiledPolicy>();
  const listeners: ((decision: RecordedDecision) => void)[] = [];
  const denials: RecordedDecision[] = [];
  let calls = 0;
  let denied = 0;

  const resourcePolicy = ({ resourcePolicy: document, resource }: AccessRequest): CompiledPolicy | undefined => {
    if (document === undefined) return undefined;
    if (typeof document !== 'object' || document === null) return compilePolicy(document, 'resource', resource);
    const known = compiled.get(document);
    if (known !== undefined) return known;
    const policy = compilePolicy(document, 'resource', resource);
    compiled.set(document, policy);
    return policy;
  };

  const judge = (caller: Caller, request: AccessRequest, resource: CompiledPolicy | undefined): Decision => {
    const role = caller.roleArn === undefined ? undefined : roles.get(caller.roleArn);
    const endpointId = caller.context['aws:SourceVpce'];
    const endpoint =
      typeof endpointId === 'string' && !isForwarded(request) ? network.endpoint(endpointId)?.policy : undefined;
    const policies: PolicySet = {
      identity: role?.identity ?? [],
      resourceAccount: request.resourceAccount,
      // A resource of these services that has a policy cannot be used without its word.
      resourceRule: resource !== undefined && DECISIVE.test(request.action) ? 'decisive' : 'additive',
      ...(role?.boundary === undefined ? {} : { boundary: role.boundary }),
      ...(resource === undefined ? {} : { resource }),
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    const context = requestContext(...conditionKeys(caller, role, request, clock.now(), deployment.region));
    const { action, resource: target } = request;
    return decide({ principal: principalOf(caller), action, resource: target, context }, policies);
  };

  const record = (caller: Caller, request: AccessRequest, decision: Decision): void => {
    const recorded = { caller, request, decision };
    calls += 1;
    usage.record(decision);
    if (decision.decision === 'deny') {
      denied += 1;
      denials.push(recorded);
      if (denials.length > KEPT_DENIALS) denials.shift();
    }
    for (const listener of listeners) listener(recorded);
  };

  const enforce = (caller: Caller, request: AccessRequest, resource: CompiledPolicy | undefined): void => {
    const decision = judge(caller, request, resource);
    record(caller, request, decision);
    if (decision.decision === 'deny') throw accessDenied(caller, request, decision);
  };

  return {
    require: (caller, ...requests) => {
      for (const request of requests) enforce(caller, request, resourcePolicy(request));
    },
    allows: (caller, ...requests) =>
      requests.every((request) => {
        const decision = judge(caller, request, resourcePolicy(request));
        if (decision.decision === 'allow') record(caller, request, decision);
        return decision.decision === 'allow';
      }),
    decide: (caller, request) => judge(caller, request, resourcePolicy(request)),
    requireTrust: (caller, role, context) => {
      const request = { action: 'sts:AssumeRole', resource: role.arn, context, resourceAccount: deployment.accountId };
      enforce(caller, request, role.trust);
    },
    observe: (listener) => {
      listeners.push(listener);
    },
    get calls() {
      return calls;
    },
    get denied() {
      return denied;
    },
    denials: () => [...denials],
    unusedGrants: () => usage.unusedGrants(),
    usage,
  };
}

function principalOf(caller: Caller): Principal {
  const { roleArn, accountId, arn, kind, name } = caller;
  if (roleArn !== undefined) return { kind: 'role', accountId, arn: roleArn, sessionArn: arn };
  return kind === 'service' ? { kind, accountId: '', arn: '', service: name } : { kind: 'root', accountId, arn };
}

/** The sentence as AWS writes it; it names who, what, where and which kind of policy, and no value of the request. */
function accessDenied(caller: Caller, { action, resource }: AccessRequest, decision: Decision): ApiError {
  const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: "${resource}" ${decision.detail}`;
  return new ApiError('AccessDenied', message, 403);
}
