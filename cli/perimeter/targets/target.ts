import type { DeployedResource, Deployment } from '../../../local/service.ts';
import type { ContextLayer } from '../../../shared/policy/context.ts';
import type { CompiledPolicy } from '../../../shared/policy/document.ts';
import type { Layer, Policies, PolicyEntry } from '../policies.ts';
import { ACTIONS, type TargetKind } from '../table/actions.ts';

/** The same request with one thing changed. */
export interface Deviation {
  readonly id: string;
  readonly context: ContextLayer;
  readonly actions: readonly string[];
  /** Those of the actions that must be refused because of it. The rest stay as they are: the change is harmless to them. */
  readonly refused: readonly string[];
  /** The layers of which each refuses it alone. */
  readonly heldBy: readonly Layer[];
  /** Who is held to it: principals of accounts, services that act for themselves, or both. */
  readonly against: 'accounts' | 'services' | 'all';
  /** Asked of the resource's policy alone, to a caller whose own policies say nothing at all. */
  readonly destitute: boolean;
}

/** Something that can be asked for: a resource, and for a key the way by which it is reached. */
export interface Target {
  /** `audit/seals/RUN/000001/seal.json`, `key/vault as vault:ingestion`, `table/runs` */
  readonly id: string;
  readonly kind: TargetKind;
  readonly arn: string;
  /** Owner's account. */
  readonly account: string;
  readonly ours: boolean;
  readonly policy: PolicyEntry | undefined;
  /** For what is not ours: its owner's policy. */
  readonly foreignPolicy: CompiledPolicy | undefined;
  /** Service whose endpoint leads there; none for a call that a service makes in the caller's name. */
  readonly door: string | undefined;
  /** Whether a service makes the call in the caller's name. */
  readonly forwarded: boolean;
  /** Condition keys of a request as it should be. */
  readonly context: ContextLayer;
  readonly actions: readonly string[];
  readonly deviations: readonly Deviation[];
}

export type TargetSource = (deployment: Deployment, policies: Policies) => readonly Target[];

export function target(
  kind: TargetKind,
  id: string,
  place: { readonly arn: string; readonly account: string; readonly policy?: PolicyEntry | undefined },
  rest: Partial<Pick<Target, 'context' | 'deviations' | 'door' | 'forwarded' | 'ours' | 'foreignPolicy'>> = {},
): Target {
  return {
    id,
    kind,
    policy: undefined,
    foreignPolicy: undefined,
    ours: true,
    door: undefined,
    forwarded: false,
    context: {},
    deviations: [],
    actions: ACTIONS[kind],
    ...place,
    ...rest,
  };
}

export function deviation(
  id: string,
  context: ContextLayer,
  rest: Pick<Deviation, 'actions'> & Partial<Deviation>,
): Deviation {
  return { id, context, refused: rest.actions, heldBy: ['resource'], against: 'accounts', destitute: false, ...rest };
}

const SUFFIX = /(Bucket|Table|Key|Function|StateMachine|Queue|Topic|LogGroup|Rule|Role)$/;

/** `SealSigningKey` → `seal-signing`; names are those of the infrastructure, so that tables and templates read alike. */
export const nameOf = ({ logicalId }: Pick<DeployedResource, 'logicalId'>): string =>
  kebab(logicalId.replace(SUFFIX, ''));

/** A secret's name says whether a schedule rotates it: others write it then than before. */
export function secretName(secret: DeployedResource, deployment: Deployment): string {
  const name = nameOf(secret);
  // The salts are rotated everywhere.
  if (!name.startsWith('sweep-connection-')) return name;
  const schedules = deployment.ofType('AWS::SecretsManager::RotationSchedule');
  return schedules.some(({ properties }) => properties.SecretId === secret.arn) ? `rotated ${name}` : name;
}

export const kebab = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
