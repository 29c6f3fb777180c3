/** The global condition keys of a request (IAM User Guide, "AWS global condition context keys"). */
import type { ContextLayer } from '../../shared/policy/context.ts';
import type { AccessRequest, Caller } from '../service.ts';
import type { Role } from './roles.ts';

/** Keys that say by which way a request came; a call that a service makes in the caller's name comes by none of them. */
const WAY_KEYS = ['aws:SourceVpc', 'aws:SourceVpce', 'aws:VpcSourceIp', 'aws:SourceIp'];

/** Whether a service makes this call in the caller's name (forward access session): S3 asking KMS, say. */
export const isForwarded = (request: AccessRequest): boolean => request.context['aws:ViaAWSService'] === 'true';

/** The layers in their order: what is so for every call, what follows from the caller, what the service says of the request. */
export function conditionKeys(
  caller: Caller,
  role: Role | undefined,
  request: AccessRequest,
  now: number,
  region: string,
): readonly ContextLayer[] {
  const forwarded = isForwarded(request);
  return [
    {
      // Loopback stands for TLS: the bytes never leave this machine, and a deployment would be called over TLS 1.3 by the
      // very same clients. A policy that demands it is thereby tested as it will be met; its refusals are tested offline.
      'aws:SecureTransport': 'true',
      'aws:CurrentTime': new Date(now).toISOString(),
      'aws:EpochTime': String(Math.floor(now / 1_000)),
      'aws:RequestedRegion': region,
      'aws:ResourceAccount': request.resourceAccount,
      'aws:ViaAWSService': 'false',
      // Through an endpoint there is no public address.
      'aws:SourceIp': caller.context['aws:SourceVpce'] === undefined ? '127.0.0.1' : undefined,
    },
    identityKeys(caller, role),
    caller.context,
    forwarded ? Object.fromEntries(WAY_KEYS.map((key) => [key, undefined])) : {},
    request.context,
  ];
}

function identityKeys(caller: Caller, role: Role | undefined): ContextLayer {
  // A service that acts for itself, with no role: only the policy of the resource speaks of it.
  if (caller.roleArn === undefined && caller.kind === 'service') {
    return { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': caller.name };
  }
  const session = caller.arn.split('/').at(-1) ?? '';
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalAccount': caller.accountId,
    // The ARN of the role, not of its session (IAM User Guide, "aws:PrincipalArn").
    'aws:PrincipalArn': caller.roleArn ?? caller.arn,
    'aws:PrincipalType': role === undefined ? 'Account' : 'AssumedRole',
    'aws:userid': role === undefined ? caller.accountId : `${role.id}:${session}`,
    ...Object.fromEntries(Object.entries(role?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}
