/** Reading what a template holds, whose values are anything until they are looked at. */
import type { DeployedResource, Deployment } from '../../local/service.ts';

/** `member(value, 'A', 'B')` is `value.A.B`, or nothing where there is no such thing. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.entries(at).find(([key]) => key === name)?.[1];
  }
  return at;
}

/** CloudFormation writes one of a list without its brackets. */
export const listed = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

export const texts = (value: unknown): readonly string[] => listed(value).map(String);

export const idsOf = (resources: readonly DeployedResource[]): readonly string[] =>
  resources.map(({ logicalId }) => logicalId).sort();

/** Resources of any type that begins so. */
export const ofService = ({ resources }: Deployment, prefix: string): readonly DeployedResource[] =>
  resources.filter(({ type }) => type.startsWith(prefix));

export interface StatementRead {
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly condition: unknown;
}

/** The statements of every policy that stands anywhere below `value`. */
export function statementsIn(value: unknown): StatementRead[] {
  if (typeof value !== 'object' || value === null) return [];
  const statements = member(value, 'Statement');
  if (!Array.isArray(statements)) return Object.values(value).flatMap(statementsIn);
  return statements.map((statement) => ({
    sid: String(member(statement, 'Sid') ?? ''),
    effect: String(member(statement, 'Effect')),
    actions: texts(member(statement, 'Action') ?? member(statement, 'NotAction')),
    resources: texts(member(statement, 'Resource') ?? member(statement, 'NotResource')),
    principal: member(statement, 'Principal'),
    condition: member(statement, 'Condition'),
  }));
}
