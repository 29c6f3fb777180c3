import { decide, type PolicySet } from '../../shared/policy/decide.ts';
import { type CompiledPolicy, compilePolicy } from '../../shared/policy/document.ts';
import type { PolicyEntry } from './policies.ts';
import type { Question, Voice } from './question.ts';
import { isDecisive } from './questions.ts';

/** A policy of the templates with something changed in it. */
export interface Substitute {
  readonly entry: PolicyEntry;
  readonly policy: CompiledPolicy;
}

export interface Evaluator {
  /** Whether the action is allowed, with the substitute in the place of its policy if one is given. */
  allows(question: Question, action: string, substitute?: Substitute): boolean;
}

/** What a hurried person might add to any resource. */
const CARELESS = compilePolicy(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
  'resource',
  'a careless grant',
);

/** Decides as the embedded cloud does, by the same code; it only leaves out of each policy what does not speak of the action. */
export function createEvaluator(): Evaluator {
  const narrowed = new WeakMap<CompiledPolicy, Map<string, CompiledPolicy>>();
  const loosened = new WeakMap<CompiledPolicy, CompiledPolicy>();

  const narrow = (policy: CompiledPolicy, action: string): CompiledPolicy => {
    const byAction = narrowed.get(policy) ?? new Map<string, CompiledPolicy>();
    narrowed.set(policy, byAction);
    const known = byAction.get(action);
    if (known !== undefined) return known;
    const made = { ...policy, statements: policy.statements.filter((statement) => statement.concerns(action)) };
    byAction.set(action, made);
    return made;
  };
  const loosen = (policy: CompiledPolicy): CompiledPolicy => {
    const known = loosened.get(policy);
    if (known !== undefined) return known;
    const made = add(policy);
    loosened.set(policy, made);
    return made;
  };

  return {
    allows: (question, action, substitute) => {
      const change = (policy: CompiledPolicy): CompiledPolicy => narrow(policy, action);
      const policies = spokenPolicies(question, { substitute, loosen, change });
      const { principal, context, target } = question;
      return decide({ principal, action, resource: target.arn, context }, policies).decision === 'allow';
    },
  };
}

const add = (policy: CompiledPolicy): CompiledPolicy => ({
  ...policy,
  statements: [...policy.statements, ...CARELESS.statements],
});

interface Speaking {
  readonly substitute?: Substitute | undefined;
  /** Adds a careless grant to the policy of a resource. */
  readonly loosen?: (policy: CompiledPolicy) => CompiledPolicy;
  readonly change?: (policy: CompiledPolicy) => CompiledPolicy;
}

/** Every policy that has a say in the question, as IAM wants them. */
export function spokenPolicies(question: Question, speaking: Speaking = {}): PolicySet {
  const { substitute, loosen = add, change = (policy) => policy } = speaking;
  const { identity, boundary, resource, endpoint, careless } = question.voices;
  const spoken = (voice: Voice): CompiledPolicy => {
    if (voice === substitute?.entry) return substitute.policy;
    return 'compiled' in voice ? voice.compiled : voice;
  };
  const policy = (voice: Voice): CompiledPolicy => change(spoken(voice));
  return {
    identity: identity.map(policy),
    resourceRule: isDecisive(question.target) ? 'decisive' : 'additive',
    resourceAccount: question.target.account,
    ...(boundary ? { boundary: policy(boundary) } : {}),
    ...(resource ? { resource: careless ? change(loosen(spoken(resource))) : policy(resource) } : {}),
    ...(endpoint ? { endpoint: policy(endpoint) } : {}),
  };
}
