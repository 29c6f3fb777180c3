/** Which packets the security groups let through, as far as it decides whether an endpoint can be reached. */
import * as z from 'zod';
import { ipAddress } from '../../../shared/policy/condition/ip-address.ts';
import { requestContext } from '../../../shared/policy/context.ts';
import type { Deployment } from '../../service.ts';

const HTTPS = 443;
const EVERYWHERE = '0.0.0.0/0';

const Rule = z.looseObject({
  GroupId: z.string().optional(),
  IpProtocol: z.union([z.string(), z.number()]).transform(String),
  FromPort: z.number().optional(),
  ToPort: z.number().optional(),
  CidrIp: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
  DestinationSecurityGroupId: z.string().optional(),
  DestinationPrefixListId: z.string().optional(),
});
type Rule = z.infer<typeof Rule>;
const Group = z.looseObject({
  SecurityGroupIngress: z.array(Rule).default([]),
  SecurityGroupEgress: z.array(Rule).optional(),
});

export interface SecurityGroups {
  /** From members of `from` to the interface endpoint in `to`, whose addresses lie in the network `cidr`. */
  admitsHttps(from: readonly string[], to: readonly string[], cidr: string): boolean;
  /** From members of `from` to the public addresses of a service behind a gateway endpoint. */
  admitsHttpsToGateway(from: readonly string[]): boolean;
}

export function readSecurityGroups(deployment: Deployment): SecurityGroups {
  const separate = (type: string): readonly Rule[] =>
    deployment.ofType(type).map(({ properties }) => Rule.parse(properties));
  const ingressRules = separate('AWS::EC2::SecurityGroupIngress');
  const egressRules = separate('AWS::EC2::SecurityGroupEgress');
  const groups = new Map(
    deployment.ofType('AWS::EC2::SecurityGroup').map(({ physicalId, properties }) => {
      const group = Group.parse(properties);
      const egress = [
        ...(group.SecurityGroupEgress ?? []),
        ...egressRules.filter(({ GroupId }) => GroupId === physicalId),
      ];
      const ingress = [...group.SecurityGroupIngress, ...ingressRules.filter(({ GroupId }) => GroupId === physicalId)];
      // EC2 gives a group without egress rules of its own one that allows everything.
      const open = group.SecurityGroupEgress === undefined && egress.length === 0;
      return [physicalId, { ingress, egress: open ? [{ IpProtocol: '-1', CidrIp: EVERYWHERE }] : egress }];
    }),
  );
  const rules = (ids: readonly string[], direction: 'ingress' | 'egress'): readonly Rule[] =>
    ids.flatMap((id) => groups.get(id)?.[direction] ?? []).filter(isHttps);
  return {
    admitsHttps: (from, to, cidr) =>
      rules(from, 'egress').some(
        ({ CidrIp, DestinationSecurityGroupId: peer }) =>
          (peer !== undefined && to.includes(peer)) || contains(CidrIp, cidr),
      ) &&
      rules(to, 'ingress').some(
        ({ CidrIp, SourceSecurityGroupId: peer }) =>
          (peer !== undefined && from.includes(peer)) || contains(CidrIp, cidr),
      ),
    // Which prefix list is S3's, and which DynamoDB's, differs by region and is in no template: any stands for both.
    admitsHttpsToGateway: (from) =>
      rules(from, 'egress').some(
        ({ CidrIp, DestinationPrefixListId: list }) => list !== undefined || CidrIp === EVERYWHERE,
      ),
  };
}

function isHttps({ IpProtocol, FromPort, ToPort }: Rule): boolean {
  if (IpProtocol === '-1') return true;
  if (IpProtocol !== 'tcp' && IpProtocol !== '6') return false;
  return FromPort !== undefined && ToPort !== undefined && FromPort <= HTTPS && HTTPS <= ToPort;
}

/** Whether the block `outer` holds the whole of `inner`. */
function contains(outer: string | undefined, inner: string): boolean {
  if (outer === undefined) return false;
  const [base = '', length = ''] = inner.split('/');
  const outerLength = Number(outer.split('/')[1] ?? 32);
  return outerLength <= Number(length) && ipAddress.compile(outer, false)(base, requestContext()) === true;
}
