/** A deployed stack as whoever looks after it may ask it: what there is by its logical ids, and the services themselves. */
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { Problem } from '../../shared/problem.ts';
import type { Connection } from '../session/connection.ts';
import type { Synthesized } from '../templates/synthesized.ts';
import { type DeployedClients, deployedClients } from './clients.ts';

export interface Deployed {
  readonly connection: Connection;
  /** What this version of the templates would deploy under the configuration. */
  readonly synthesized: Synthesized;
  /** Whether it is the embedded cloud: it runs the templates as they are here, and has no CloudFormation to ask. */
  readonly embedded: boolean;
  readonly clients: DeployedClients;
  /** By logical id: name, key id or ARN, as `Ref` gives it. */
  readonly physicalIds: ReadonlyMap<string, string>;
  close(): void;
}

/** @throws Problem `configuration-invalid` where the configuration is another deployment's, `access-denied` where the stacks may not be listed. */
export async function openDeployed(connection: Connection, synthesized: Synthesized): Promise<Deployed> {
  const { config } = synthesized;
  if (connection.deployment !== config.deployment) {
    const detail = `The connection is to ${connection.deployment}, the configuration of ${config.deployment}.`;
    throw new Problem('configuration-invalid', { detail });
  }
  const embedded = connection.endpoint !== undefined;
  const clients = deployedClients(connection);
  try {
    const physicalIds = embedded ? idsOfTemplates(synthesized) : await idsOfStacks(clients, synthesized);
    return { connection, synthesized, embedded, clients, physicalIds, close: () => clients.close() };
  } catch (error) {
    clients.close();
    throw error;
  }
}

/** Where no stack exists yet, none of its resources is there: what is asked of them is then not found. */
async function idsOfStacks({ cloudformation }: DeployedClients, { deployment }: Synthesized) {
  const found = new Map<string, string>();
  for (const StackName of new Set(deployment.resources.map(({ stack }) => stack))) {
    for await (const page of paginateListStackResources({ client: cloudformation }, { StackName })) {
      for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
        if (LogicalResourceId !== undefined && PhysicalResourceId !== undefined) {
          found.set(LogicalResourceId, PhysicalResourceId);
        }
      }
    }
  }
  return found;
}

const idsOfTemplates = ({ deployment }: Synthesized): Map<string, string> =>
  new Map(deployment.resources.map(({ logicalId, physicalId }) => [logicalId, physicalId]));

/** Physical ids of the deployed resources of a type, by logical id. */
export function those({ synthesized, physicalIds }: Deployed, type: string): ReadonlyMap<string, string> {
  return new Map(
    synthesized.deployment.ofType(type).flatMap(({ logicalId }) => {
      const physical = physicalIds.get(logicalId);
      return physical === undefined ? [] : [[logicalId, physical] as const];
    }),
  );
}
