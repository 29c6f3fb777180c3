/** Every question there is: parties × targets × views, and what each deviation makes of those that are expected to be allowed. */
import { conditionKeys } from '../../local/iam/conditions.ts';
import {
  type ContextLayer,
  type ContextValue,
  type RequestContext,
  requestContext,
} from '../../shared/policy/context.ts';
import { compilePolicy } from '../../shared/policy/document.ts';
import type { Principal } from '../../shared/policy/principal.ts';
import { type Expectation, isService } from './expectation.ts';
import { EVERYTHING, FOREIGN_ACCOUNT, type Party } from './parties.ts';
import { Overlay, type Question, type View } from './question.ts';
import type { Deviation, Target } from './targets/target.ts';
import type { World } from './world.ts';

/** Any moment: no policy here looks at the clock. */
const NOW = Date.UTC(2026, 10, 1);

export function makeQuestions(world: World, expectation: Expectation): readonly Question[] {
  const make = questionMaker(world);
  const questions: Question[] = [];
  for (const party of world.parties.all) {
    for (const target of world.targets) {
      if (!isSensible(party, target)) continue;
      for (const view of viewsOf(party, target, world)) {
        const known = target.actions.map((action) => expectation.of(view, party, target, action));
        const asked = target.actions.filter((_, index) => known[index] !== undefined);
        if (asked.length === 0) continue;
        const allowed = new Set(target.actions.filter((_, index) => known[index] === true));
        questions.push(make(view, party, target, undefined, asked, (action) => allowed.has(action)));
        questions.push(...deviating(view, party, target, allowed, make));
      }
    }
  }
  return questions;
}

/** Of what is expected to be allowed as it should be: with one thing changed, it is refused, or the change is harmless. */
function deviating(
  view: View,
  party: Party,
  target: Target,
  allowed: ReadonlySet<string>,
  make: ReturnType<typeof questionMaker>,
): readonly Question[] {
  return target.deviations.flatMap((deviation) => {
    const refuses = (action: string): boolean => holds(deviation, party) && deviation.refused.includes(action);
    if (deviation.destitute && (view !== 'resource' || party.id === 'root' || isService(party))) return [];
    // What a single layer need not hold, and what does not concern it, is not asked of it.
    const asks = (action: string): boolean =>
      allowed.has(action) &&
      (view === 'deployed' ||
        (refuses(action) ? deviation.heldBy.some((layer) => layer === view) : view === 'resource'));
    const actions = deviation.actions.filter(asks);
    return actions.length === 0 ? [] : [make(view, party, target, deviation, actions, (action) => !refuses(action))];
  });
}

const holds = ({ against }: Deviation, party: Party): boolean =>
  against === 'all' || (against === 'services') === isService(party);

function viewsOf(party: Party, target: Target, { policies }: World): readonly View[] {
  const views: View[] = ['deployed'];
  // A role's policies know no network: where its code stands or whoever else has its credentials is one to them.
  if (party.role !== undefined && !isAway(party)) views.push('role');
  if (party.role?.boundary !== undefined) views.push('boundary');
  if (target.policy !== undefined && target.kind !== 'trust') views.push('resource');
  if (party.inside && target.door !== undefined && policies.ofDoor.has(target.door)) views.push('endpoint');
  return views;
}

/** A stage's role outside the stage's network. */
const isAway = ({ kind }: Party): boolean => kind === 'stolen' || kind === 'lambda';

function isSensible(party: Party, target: Target): boolean {
  // The service that would call in their name has refused them already.
  if (target.forwarded && isAway(party)) return false;
  // "You cannot assume a role as the root user" (STS API Reference, AssumeRole).
  if (target.kind === 'trust' && party.id === 'root') return false;
  if (target.ours) return true;
  // What others do with their own is not ours to decide, unless they do it through our network.
  return party.role !== undefined || (party.id === 'smuggler' && target.door !== undefined);
}

function questionMaker(world: World) {
  const bases = new Map<string, RequestContext>();
  const overlays = new WeakMap<object, ReadonlyMap<string, ContextValue | undefined>>();
  const { deployment, policies } = world;
  const { accountId, region } = deployment;
  const open = compilePolicy(
    {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: [accountId, FOREIGN_ACCOUNT] }, Action: '*', Resource: '*' }],
    },
    'resource',
    'open to accounts',
  );

  const base = (party: Party, target: Target): RequestContext => {
    const door = party.inside && !target.forwarded ? target.door : undefined;
    const key = [party.id, target.account, target.forwarded, door].join('|');
    const known = bases.get(key);
    if (known !== undefined) return known;
    const endpoint = door === undefined ? undefined : policies.ofDoor.get(door);
    const way = endpoint ? { 'aws:SourceVpc': world.vpcId, 'aws:SourceVpce': endpoint.owner } : {};
    const caller = { ...party.caller, context: { ...party.caller.context, ...way } };
    const forwarded: Record<string, string> = target.forwarded ? { 'aws:ViaAWSService': 'true' } : {};
    const account = { 'kms:CallerAccount': isService(party) ? undefined : caller.accountId };
    const request = { action: '', resource: '', resourceAccount: target.account, context: forwarded };
    const made = requestContext(...conditionKeys(caller, undefined, request, NOW, region), account);
    bases.set(key, made);
    return made;
  };
  const overlay = (target: Target, deviation: Deviation | undefined) => {
    const place = deviation ?? target;
    const known = overlays.get(place);
    if (known !== undefined) return known;
    const layers: readonly ContextLayer[] = [target.context, deviation?.context ?? {}];
    const made = new Map(
      layers.flatMap((layer) => Object.entries(layer).map(([key, value]) => [key.toLowerCase(), value] as const)),
    );
    overlays.set(place, made);
    return made;
  };
  const voices = (view: View, party: Party, target: Target, destitute: boolean): Question['voices'] => {
    const resource = target.policy ?? target.foreignPolicy;
    const own = party.role ? [...party.role.identity, ...party.role.managed] : party.identity;
    const boundary = party.role?.boundary;
    const door = party.inside && !target.forwarded ? policies.ofDoor.get(target.door ?? '') : undefined;
    const everything = [EVERYTHING];
    switch (view) {
      case 'deployed':
        return {
          identity: own,
          careless: false,
          ...(boundary ? { boundary } : {}),
          ...(resource ? { resource } : {}),
          ...(door ? { endpoint: door } : {}),
        };
      case 'role':
        return { identity: own, resource: open, careless: false };
      case 'boundary':
        return { identity: everything, resource: open, careless: false, ...(boundary ? { boundary } : {}) };
      case 'resource':
        return {
          identity: destitute ? [] : everything,
          careless: !isDecisive(target),
          ...(resource ? { resource } : {}),
        };
      case 'endpoint':
        return { identity: everything, resource: open, careless: false, ...(door ? { endpoint: door } : {}) };
    }
  };

  return (
    view: View,
    party: Party,
    target: Target,
    deviation: Deviation | undefined,
    actions: readonly string[],
    expected: (action: string) => boolean,
  ): Question => ({
    view,
    party,
    target,
    deviation,
    principal: principalOf(party),
    context: new Overlay(overlay(target, deviation), base(party, target)),
    actions,
    expected: actions.map(expected),
    voices: voices(view, party, target, deviation?.destitute === true),
  });
}

/** Whether the resource's own policy must allow: a key's, and the trust of a role (KMS Developer Guide, "Key policies"). */
export const isDecisive = ({ kind }: Target): boolean => kind === 'key' || kind === 'way' || kind === 'trust';

function principalOf({ caller }: Party): Principal {
  const { roleArn, accountId, arn, kind, name } = caller;
  if (roleArn !== undefined) return { kind: 'role', accountId, arn: roleArn, sessionArn: arn };
  return kind === 'service' ? { kind, accountId: '', arn: '', service: name } : { kind: 'root', accountId, arn };
}
