/** What the tables expect of each case. They know nothing of the templates' policies. */
import type { Party } from './parties.ts';
import type { View } from './question.ts';
import { GROUPS, ROTATING } from './table/parties.ts';
import { list, type Permission } from './table/permission.ts';
import { PERMISSIONS } from './table/permissions.ts';
import { PEOPLE_PLANE } from './table/permissions-of-people.ts';
import {
  DATA_PLANE,
  KEY_ADMISSIONS,
  LAMBDA_ITSELF,
  RESERVATIONS,
  type Reservation,
  ROTATION_KEY_PLANE,
  ROTATION_PLANE,
  SIDE_PLANE,
} from './table/reservations.ts';
import type { Target } from './targets/target.ts';
import type { World } from './world.ts';

/** Allowed actions by party and target. */
type Grid = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

export interface Expectation {
  /** `undefined`: no case, because the question makes no sense. */
  of(view: View, party: Party, target: Target, action: string): boolean | undefined;
  /** Lines of the tables that name a party or target which the deployment does not have. */
  readonly idle: readonly string[];
}

export function makeExpectation(
  parties: readonly Party[],
  targets: readonly Target[],
  { facts }: Pick<World, 'facts'>,
): Expectation {
  const standing = PERMISSIONS.filter(({ where }) => where === undefined || facts.has(where));
  const permitted = gridOf(standing, parties, targets);
  const admitted = gridOf([...KEY_ADMISSIONS, ...PERMISSIONS.filter(isOfService)], parties, targets);
  const byRole = gridOf(
    standing.filter(({ byResource }) => byResource !== true),
    parties,
    targets,
  );
  const reserved = reservationsByTarget(targets, facts);
  const isSide = ({ id }: Target): boolean =>
    id.startsWith('side table/') || (id === 'table/ledger' && facts.has('ledger swept'));
  const isData = (target: Target, action: string): boolean =>
    DATA_ACTIONS.has(action) || (isSide(target) && SIDE_PLANE.includes(action));

  const isReserved = (party: Party, target: Target, action: string): boolean =>
    (reserved.get(target.id) ?? []).some(
      ({ actions, only, services }) =>
        actions.includes(action) && (isService(party) ? services : !only.includes(party.id)),
    );

  /** The word of the resource alone, to somebody whom everything else allows. */
  const ofResource = (party: Party, target: Target, action: string): boolean => {
    if (isKey(target)) return has(admitted, party, target, action);
    if (!party.ours && !UNGUARDED.has(target.kind)) return false;
    if (GUARDED.has(target.kind) && isOutside(party)) return false;
    if (CLOSED_TO_SERVICES.has(target.kind) && isService(party)) return false;
    return !isReserved(party, target, action);
  };

  return {
    idle: idleLines(standing, parties, targets),
    of: (view, party, target, action) => {
      switch (view) {
        case 'deployed':
          // Administrators and the root user may do what no resource keeps from them, and take the roles that the table says.
          if (party.kind !== 'insider') return has(permitted, party, target, action);
          return target.kind === 'trust' ? has(permitted, party, target, action) : ofResource(party, target, action);
        case 'role':
          return has(byRole, party, target, action);
        case 'boundary':
          if (party.kind === 'person') return target.ours && PEOPLE_PLANE.has(action);
          if (LAMBDA_ITSELF.includes(action)) return true;
          if (!party.inside && !target.forwarded) return false;
          if (isRotating(party)) return target.ours && [...ROTATION_PLANE, ...ROTATION_KEY_PLANE].includes(action);
          return target.ours ? isData(target, action) : isDelivery(target, action);
        case 'endpoint':
          if (!party.ours) return false;
          if (target.ours && target.door === 'secretsmanager' && isRotating(party))
            return ROTATION_PLANE.includes(action);
          if (isSide(target) && GROUPS.opening.some((step) => step === party.id) && SIDE_PLANE.includes(action))
            return true;
          return target.ours ? (DATA_PLANE[target.door ?? ''] ?? []).includes(action) : isDelivered(target, action);
        case 'resource':
          return UNGUARDED.has(target.kind) && !party.ours ? undefined : ofResource(party, target, action);
      }
    },
  };
}

/** What partners let egress do. The boundary knows no account of theirs, the endpoint no key. */
const isDelivery = ({ id }: Target, action: string): boolean =>
  /^(lost )?partner(-key)?\//.test(id) && (action === 's3:PutObject' || action === 'kms:GenerateDataKey');
const isDelivered = ({ id }: Target, action: string): boolean => id.startsWith('partner/') && action === 's3:PutObject';

const DATA_ACTIONS: ReadonlySet<string> = new Set(Object.values(DATA_PLANE).flat());
const isKey = ({ kind }: Target): boolean => kind === 'key' || kind === 'way';
export const isService = ({ kind }: Party): boolean => kind === 'service' || kind === 'deputy';
const isOutside = (party: Party): boolean => (party.kind === 'stolen' || party.kind === 'lambda') && !isRotating(party);
const isRotating = ({ id }: Party): boolean =>
  ROTATING.some((name) => id === name || id === `Lambda for ${name}` || id.startsWith(`${name} `));
const isOfService = ({ who }: Permission): boolean =>
  list(who).some((name) => /^(CloudTrail|CloudWatch|EventBridge for findings)/.test(name));

/** Closed to stages outside their network, whoever has granted what. */
const GUARDED = new Set(['object', 'bucket', 'listing', 'table']);
/** Closed to services that act for themselves. */
const CLOSED_TO_SERVICES = new Set(['table', 'secret']);
/** Where nothing but their own grants keeps other accounts out. */
const UNGUARDED = new Set(['queue', 'topic', 'function']);

const has = (grid: Grid, party: Party, target: Target, action: string): boolean =>
  grid.get(party.id)?.get(target.id)?.has(action) ?? false;

function gridOf(permissions: readonly Permission[], parties: readonly Party[], targets: readonly Target[]): Grid {
  const grid = new Map<string, Map<string, Set<string>>>();
  for (const { who, may, on } of permissions) {
    const matching = targetsLike(list(on), targets);
    for (const id of partiesNamed(list(who), parties)) {
      const row = grid.get(id) ?? new Map<string, Set<string>>();
      grid.set(id, row);
      for (const target of matching) {
        const actions = row.get(target.id) ?? new Set<string>();
        row.set(target.id, actions);
        for (const action of list(may)) actions.add(action);
      }
    }
  }
  return grid;
}

function partiesNamed(names: readonly string[], parties: readonly Party[]): readonly string[] {
  return names.flatMap((name) => {
    if (name === 'account') return parties.filter((party) => party.ours && !isService(party)).map(({ id }) => id);
    const members: readonly string[] = Object.hasOwn(GROUPS, name) ? GROUPS[name as keyof typeof GROUPS] : [name];
    return parties.map(({ id }) => id).filter((id) => members.some((member) => pattern(member).test(id)));
  });
}

const pattern = (glob: string): RegExp =>
  new RegExp(`^${glob.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'u');

export function targetsLike(globs: readonly string[], targets: readonly Target[]): readonly Target[] {
  const patterns = globs.map(pattern);
  return targets.filter(({ id }) => patterns.some((each) => each.test(id)));
}

function reservationsByTarget(
  targets: readonly Target[],
  facts: World['facts'],
): ReadonlyMap<string, readonly Reservation[]> {
  const byTarget = new Map<string, Reservation[]>();
  for (const reservation of RESERVATIONS) {
    if (reservation.where !== undefined && !facts.has(reservation.where)) continue;
    for (const { id } of targetsLike(list(reservation.on), targets)) {
      byTarget.set(id, [...(byTarget.get(id) ?? []), reservation]);
    }
  }
  return byTarget;
}

/** A line that speaks of nothing is a misspelling, or speaks of what is gone. */
function idleLines(
  permissions: readonly Permission[],
  parties: readonly Party[],
  targets: readonly Target[],
): readonly string[] {
  return permissions
    .filter(({ optional }) => optional !== true)
    .flatMap((line) => {
      const nobody = partiesNamed(list(line.who), parties).length === 0;
      const nothing = list(line.on).filter((glob) => targetsLike([glob], targets).length === 0);
      return nobody || nothing.length > 0
        ? [`${list(line.who).join(', ')} on ${nothing.join(', ') || list(line.on).join(', ')}`]
        : [];
    });
}
