/** Each control with what the last run of the tests says of it. */
import type { DeployedResource } from '../../local/service.ts';
import type { Traced } from '../requirements/traced.ts';
import type { Synthesized } from '../templates/synthesized.ts';
import { type Claim, type Control, FRAMEWORKS, type Framework } from './controls.ts';

export interface AssessedClaim extends Omit<Claim, 'requirements'> {
  readonly requirements: readonly Traced[];
  /** Why it does not hold; empty where it does. */
  readonly lacks: readonly string[];
}

export interface AssessedControl extends Omit<Control, 'claims'> {
  readonly framework: Framework;
  readonly claims: readonly AssessedClaim[];
  readonly satisfied: boolean;
}

export function assess(
  traced: readonly Traced[],
  { deployment }: Synthesized,
  frameworks = FRAMEWORKS,
): AssessedControl[] {
  const present = new Set(deployment.resources.map(({ logicalId }) => logicalId));
  return frameworks.flatMap((framework) =>
    framework.controls.map((control) => {
      const claims = control.claims.map((claim) => assessClaim(claim, traced, present));
      return { ...control, framework, claims, satisfied: claims.every(({ lacks }) => lacks.length === 0) };
    }),
  );
}

function assessClaim(claim: Claim, traced: readonly Traced[], present: ReadonlySet<string>): AssessedClaim {
  const requirements = claim.requirements.map((id): Traced => {
    const found = traced.find((each) => each.id === id);
    if (found === undefined) throw new Error(`${claim.id}: there is no requirement ${id}`);
    return found;
  });
  const gone = claim.resources.filter((id) => !present.has(id)).map((id) => `${id} is not in this configuration`);
  const unproven = requirements
    .filter(({ state }) => state !== 'passing')
    .map(({ id, state }) => (state === 'failing' ? `a test of ${id} fails` : `no test of ${id} has passed`));
  return { ...claim, requirements, lacks: [...gone, ...unproven] };
}

/** Every resource that a claim names, once, in the order of their names. */
export function named(controls: readonly AssessedControl[], { deployment }: Synthesized): DeployedResource[] {
  const ids = new Set(controls.flatMap(({ claims }) => claims.flatMap(({ resources }) => resources)));
  return deployment.resources
    .filter(({ logicalId }) => ids.has(logicalId))
    .sort((one, other) => (one.logicalId < other.logicalId ? -1 : 1));
}
