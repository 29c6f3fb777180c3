/** One deployment as the perimeter sees it: who there is, what there is, and every policy. */
import type { DeploymentConfiguration } from '../../infra/config.ts';
import type { Deployment } from '../../local/service.ts';
import { makeParties, type Parties } from './parties.ts';
import { type Policies, type PolicyEntry, readPolicies } from './policies.ts';
import { ACTIONS } from './table/actions.ts';
import type { Fact } from './table/permission.ts';
import { KEY_FACTS, OBJECTS } from './table/targets.ts';
import { foreignTargets, partnerTargets } from './targets/foreign.ts';
import { keyTargets } from './targets/keys.ts';
import { objectTargets } from './targets/objects.ts';
import { serviceTargets } from './targets/services.ts';
import { sideTargets } from './targets/sides.ts';
import { nameOf, type Target } from './targets/target.ts';

export interface World {
  readonly deployment: Deployment;
  readonly parties: Parties;
  readonly targets: readonly Target[];
  /** `ofDoor`: the endpoint's policy by the service that it leads to. */
  readonly policies: Policies & { readonly ofDoor: ReadonlyMap<string, PolicyEntry> };
  readonly vpcId: string;
  /** Whether what is stateful outlives its stack: the profile `production`. */
  readonly retained: boolean;
  /** Whether anything is swept. */
  readonly sweeping: boolean;
  /** What is the case here, and not everywhere. */
  readonly facts: ReadonlySet<Fact>;
  /** What the templates hold and the tables do not name. */
  readonly unlisted: readonly string[];
}

/** What a configuration adds that is in no template: principals and buckets that exist already. */
export type Configured = Pick<DeploymentConfiguration, 'uploaders' | 'partnerExportBuckets' | 'connections'>;

export function readWorld(deployment: Deployment, configured: Configured): World {
  const policies = readPolicies(deployment);
  const parties = makeParties(deployment, policies, configured.uploaders);
  const sweeping = deployment.ofType('AWS::StepFunctions::StateMachine').some((each) => nameOf(each) === 'sweep');
  const retained = deployment
    .ofType('AWS::DynamoDB::Table')
    .every(({ properties }) => properties.DeletionProtectionEnabled === true);
  const targets = [
    ...[objectTargets, keyTargets, serviceTargets].flatMap((source) => source(deployment, policies)),
    ...foreignTargets(deployment),
    ...partnerTargets(deployment, configured.partnerExportBuckets),
    ...(sweeping ? sideTargets(deployment, configured.connections) : []),
  ];
  const doors = [...policies.ofEndpoint.values()].map((entry) => [entry.service ?? '', entry] as const);
  const [vpc] = deployment.ofType('AWS::EC2::VPC');
  const unnamed = (type: string, known: Readonly<Record<string, unknown>>, what: string): readonly string[] =>
    deployment
      .ofType(type)
      .map(nameOf)
      .filter((name) => !Object.hasOwn(known, name))
      .map((name) => `${what} ${name}`);
  return {
    deployment,
    parties,
    targets,
    policies: { ...policies, ofDoor: new Map(doors) },
    vpcId: vpc?.physicalId ?? '',
    sweeping,
    retained,
    facts: new Set<Fact>([
      ...(retained ? (['retained'] as const) : []),
      sweeping && isOwnLedgerSide(configured) ? 'ledger swept' : 'ledger not swept',
    ]),
    unlisted: [
      ...parties.unlisted.map((role) => `role ${role}`),
      ...unnamed('AWS::S3::Bucket', OBJECTS, 'bucket'),
      ...unnamed('AWS::KMS::Key', KEY_FACTS, 'key'),
      ...unknownActions(policies).map((action) => `action ${action}`),
    ],
  };
}

const isOwnLedgerSide = ({ connections }: Configured): boolean =>
  Object.values(connections).some((each) => each.engine === 'dynamodb' && each.own === 'ledger');

/** Actions of the templates that nothing is asked about. Wildcards speak of what stands in the table as it is. */
function unknownActions({ all }: Policies): readonly string[] {
  const known = new Set<string>(Object.values(ACTIONS).flat());
  const spoken = all.flatMap(({ compiled }) => compiled.statements.flatMap(({ actions }) => actions));
  return [...new Set(spoken)].filter((action) => !action.includes('*') && !known.has(action)).sort();
}
