/**
 * Limits that no request lifts, at which CloudFormation fails in the middle of a deployment. Per document; characters as IAM
 * counts them, without white space. Looked up in AWS's quota pages in November 2026.
 */
import type { DeployedResource } from '../../../local/service.ts';
import { listed, member } from '../../templates/reading.ts';
import { type CheckBefore, type Finding, problem, warning, well } from '../finding.ts';

interface SizeLimit {
  readonly type: string;
  readonly what: string;
  readonly limit: number;
  readonly measure: (resource: DeployedResource) => number;
}

const json = (value: unknown): number => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)));

export const SIZE_LIMITS: readonly SizeLimit[] = [
  {
    type: 'AWS::IAM::Role',
    what: 'inline policies together',
    limit: 10_240,
    measure: ({ properties }) =>
      listed(properties.Policies).reduce<number>((sum, each) => sum + json(member(each, 'PolicyDocument')), 0),
  },
  {
    type: 'AWS::IAM::Role',
    what: 'trust policy',
    limit: 2048,
    measure: ({ properties }) => json(properties.AssumeRolePolicyDocument),
  },
  {
    type: 'AWS::IAM::ManagedPolicy',
    what: 'policy',
    limit: 6144,
    measure: ({ properties }) => json(properties.PolicyDocument),
  },
  { type: 'AWS::KMS::Key', what: 'key policy', limit: 32_768, measure: ({ properties }) => json(properties.KeyPolicy) },
  {
    type: 'AWS::S3::BucketPolicy',
    what: 'bucket policy',
    limit: 20_480,
    measure: ({ properties }) => json(properties.PolicyDocument),
  },
  {
    type: 'AWS::DynamoDB::Table',
    what: 'resource policy',
    limit: 20_480,
    measure: ({ properties }) => json(member(properties.ResourcePolicy, 'PolicyDocument')),
  },
  {
    type: 'AWS::SecretsManager::ResourcePolicy',
    what: 'resource policy',
    limit: 20_480,
    measure: ({ properties }) => json(properties.ResourcePolicy),
  },
  {
    type: 'AWS::EC2::VPCEndpoint',
    what: 'endpoint policy',
    limit: 20_480,
    measure: ({ properties }) => json(properties.PolicyDocument),
  },
  {
    type: 'AWS::Lambda::Function',
    what: 'environment',
    limit: 4096,
    measure: ({ properties }) => json(member(properties.Environment, 'Variables')),
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    what: 'definition',
    limit: 1_048_576,
    measure: ({ properties }) => Buffer.byteLength(String(properties.DefinitionString ?? '')),
  },
  {
    type: 'AWS::Events::Rule',
    what: 'event pattern',
    limit: 4096,
    measure: ({ properties }) => json(properties.EventPattern),
  },
  {
    type: 'AWS::Logs::MetricFilter',
    what: 'filter pattern',
    limit: 1024,
    measure: ({ properties }) => String(properties.FilterPattern ?? '').length,
  },
  {
    type: 'AWS::EC2::SecurityGroup',
    what: 'rules of egress',
    limit: 60,
    measure: ({ properties }) => listed(properties.SecurityGroupEgress).length,
  },
];

/** Above this share a small change may be the one that fails. */
const NEAR = 0.9;

export const sizes: CheckBefore = {
  id: 'sizes',
  title: 'Documents within AWS’s limits',
  look: ({ deployment }) => {
    const measured = SIZE_LIMITS.flatMap(({ type, what, limit, measure }) =>
      deployment.ofType(type).map((resource) => ({ id: resource.logicalId, what, limit, size: measure(resource) })),
    );
    const found = measured.flatMap(({ id, what, limit, size }): Finding[] => {
      const said = `${id}: ${what} of ${size}, of at most ${limit}`;
      if (size > limit) return [problem(said, 'Split it, or say less: no quota request lifts this limit.')];
      return size > NEAR * limit ? [warning(said, 'The next addition may not fit: make room before it.')] : [];
    });
    const fullest = measured.toSorted((one, other) => other.size / other.limit - one.size / one.limit)[0];
    const share =
      fullest === undefined
        ? ''
        : `; the fullest is ${fullest.id}: ${fullest.what}, ${Math.round((100 * fullest.size) / fullest.limit)} %`;
    return [...found, well(`${measured.length} documents measured${share}`)];
  },
};
