import { Problem } from '../../../shared/problem.ts';
import { digest, shorten } from '../names.ts';

/** What a resource type's facts are computed from. */
export interface Subject {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** A property with its intrinsics resolved; `undefined` when the template does not set it. */
  property(name: string): unknown;
}

/** Facts of one resource type that CloudFormation would give back. */
export interface ResourceType {
  /** What `Ref` gives. */
  ref(subject: Subject): string;
  /** Where the type has an ARN. */
  arn?(subject: Subject): string;
  /** What `Fn::GetAtt` gives, but for `Arn`, which is `arn`. Lists stay lists. */
  readonly attributes?: Readonly<Record<string, (subject: Subject) => string | readonly string[]>>;
}

/** The property, which must be text. */
export function text(subject: Subject, property: string): string {
  const value = subject.property(property);
  if (typeof value === 'string' && value !== '') return value;
  throw new Problem('configuration-invalid', {
    detail: `${subject.stack}/${subject.logicalId}: ${property} is not text.`,
  });
}

/** The name that the template gives, else `<stack>-<logical id>` in at most `longest` characters. */
export function nameFrom(property: string, longest: number): (subject: Subject) => string {
  return (subject) => {
    const given = subject.property(property);
    return typeof given === 'string' ? given : shorten(`${subject.stack}-${subject.logicalId}`, longest);
  };
}

/** `sg-0123456789abcdef0`: the prefix and 17 digits, as EC2 makes ids. */
export function ec2Id(prefix: string): (subject: Subject) => string {
  return ({ stack, logicalId }) => `${prefix}-${digest(prefix, stack, logicalId).slice(0, 17)}`;
}

/** `arn:<partition>:<service>:<region>:<account>:<resource>` */
export function arn(service: string, resource: (subject: Subject) => string): (subject: Subject) => string {
  return (subject) => `arn:${subject.partition}:${service}:${subject.region}:${subject.accountId}:${resource(subject)}`;
}

/** ARN of services that have no regions: `arn:<partition>:iam::<account>:<resource>`. */
export function globalArn(service: string, resource: (subject: Subject) => string): (subject: Subject) => string {
  return (subject) => `arn:${subject.partition}:${service}::${subject.accountId}:${resource(subject)}`;
}

/** A type that nothing refers to by an ARN or attribute. */
export const plain: ResourceType = { ref: nameFrom('Name', 128) };
