/** Which grants have been exercised, so that those that never are can be told: they are over-privilege, or need a reason. */
import type { Decision } from '../../shared/policy/decide.ts';
import type { Role } from './roles.ts';

export interface UnusedGrant {
  readonly role: string;
  readonly policy: string;
  /** The statement's Sid, or `#<index>`. */
  readonly statement: string;
  /** As the statement writes it. */
  readonly action: string;
  readonly resources: readonly string[];
  /** The reason that the template gives for the statement, where it gives one. */
  readonly because: string | undefined;
  /** One line to read. */
  readonly text: string;
}

export interface Usage {
  record(decision: Decision): void;
  /** Uses from elsewhere, as `used()` of another cloud gave them: the tests of one suite run in several. */
  add(used: Iterable<string>): void;
  used(): readonly string[];
  /** Every (statement, action) of every role's own policies that no allowed call has used. Boundaries grant nothing and are left out. */
  unusedGrants(): readonly UnusedGrant[];
}

const keyOf = (policy: string, statement: number, action: string): string => `${policy}#${statement} ${action}`;

export function createUsage(roles: ReadonlyMap<string, Role>): Usage {
  const seen = new Set<string>();
  return {
    record: (decision) => {
      if (decision.decision !== 'allow') return;
      for (const { source, policy, statement, actions } of decision.matched) {
        if (source !== 'identity') continue;
        for (const action of actions) seen.add(keyOf(policy, statement, action));
      }
    },
    add: (used) => {
      for (const key of used) seen.add(key);
    },
    used: () => [...seen].sort(),
    unusedGrants: () => [...roles.values()].flatMap((role) => unusedOf(role, seen)),
  };
}

function unusedOf(role: Role, seen: ReadonlySet<string>): readonly UnusedGrant[] {
  return role.identity.flatMap((policy) =>
    policy.statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ index, sid, actions, resources }) =>
        actions
          .filter((action) => !seen.has(keyOf(policy.name, index, action)))
          .map((action): UnusedGrant => {
            const statement = sid ?? `#${index}`;
            const because = sid === undefined ? undefined : role.reasons.get(sid);
            const where = resources.length === 1 ? resources[0] : `${resources[0]} and ${resources.length - 1} more`;
            const text = `${policy.name} ${statement}: ${action} on ${where}${because === undefined ? '' : ` (${because})`}`;
            return { role: role.name, policy: policy.name, statement, action, resources, because, text };
          }),
      ),
  );
}
