import type { Clock, Random } from '../../shared/ports.ts';
import type { Deployment } from '../service.ts';
import type { Store } from '../store.ts';
import { createAuthorizer, type IamAuthorizer } from './authorizer.ts';
import { type Callers, createCallers } from './callers.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { type Network, readNetwork } from './network/network.ts';
import { type Role, readRoles } from './roles.ts';

export interface Iam {
  /** By ARN. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly network: Network;
  readonly callers: Callers;
  readonly authorizer: IamAuthorizer;
  readonly credentials: Credentials;
}

/** Identity and access of one deployment, as its templates have it. */
export function createIam(options: {
  readonly deployment: Deployment;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}): Iam {
  const roles = readRoles(options.deployment);
  const network = readNetwork(options.deployment);
  const callers = createCallers({ deployment: options.deployment, roles, network });
  return {
    roles,
    network,
    callers,
    authorizer: createAuthorizer({ ...options, roles, network }),
    credentials: createCredentials({ ...options, callers }),
  };
}
