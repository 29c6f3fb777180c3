import { requestContext } from '../../shared/policy/context.ts';
import { decide } from '../../shared/policy/decide.ts';
import { ApiError } from '../service.ts';
import type { Role } from './roles.ts';

/** Throws AccessDenied unless the role's trust policy lets the service take it for the resource `sourceArn`. */
export function requireTrust(role: Role, service: string, accountId: string, sourceArn: string): void {
  const { decision } = decide(
    {
      principal: { kind: 'service', accountId: '', arn: '', service },
      action: 'sts:AssumeRole',
      resource: role.arn,
      context: requestContext({
        'aws:SourceAccount': accountId,
        'aws:SourceArn': sourceArn,
        'aws:PrincipalIsAWSService': 'true',
        'aws:PrincipalServiceName': service,
      }),
    },
    { identity: [], resource: role.trust, resourceRule: 'decisive', resourceAccount: accountId },
  );
  if (decision === 'deny')
    throw new ApiError('AccessDenied', `The role ${role.arn} cannot be assumed by ${service}`, 403);
}
