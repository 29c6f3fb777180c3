/** What changes in a session of the embedded cloud when another endpoint keeps the data. Without one, nothing does. */
import { join } from 'node:path';
import type { Cloud, CloudOptions } from '../../local/cloud.ts';
import type { Provision } from '../../local/foreign-endpoint.ts';
import type { ForeignEndpoint } from '../../local/functions/environment.ts';
import type { Connection } from '../session/connection.ts';
import { foreignStorage } from './clients.ts';
import { type ForeignProvision, provision } from './provision.ts';
import { createUploads, type Uploads } from './uploads.ts';

export interface ForeignData {
  /** For `startCloud`, which calls it only where there is another endpoint. */
  readonly provision: Provision;
  /** The cloud that is idle only when no upload is unseen, and that stops looking for uploads when it stops. */
  attach(cloud: Cloud): Cloud;
  /** The connection that says where what is, by the names that it has there. */
  redirected(connection: Connection): Connection;
  /** Begins to look for uploads: once what judges them is there. */
  watch(): void;
}

/** How long an upload waits to be noticed, at most; multiplied by the cloud's time scale. */
const PAUSE_MS = 1_000;
const SHORTEST_PAUSE_MS = 50;

export function openForeignData(
  { folder, timeScale = 1 }: Pick<CloudOptions, 'folder' | 'timeScale'>,
  tell: (line: string) => void,
): ForeignData {
  let made: { readonly endpoint: ForeignEndpoint; readonly provision: ForeignProvision } | undefined;
  let uploads: Uploads | undefined;
  return {
    provision: async (endpoint, deployment) => {
      made = { endpoint, provision: await provision(endpoint, deployment) };
      for (const line of made.provision.notes) tell(line);
      return made.provision;
    },
    attach: (cloud) => {
      if (made === undefined) return cloud;
      const { accountId: account, region } = cloud.deployment;
      const client = foreignStorage(made.endpoint, region);
      const looking = createUploads({
        client,
        bucket: cloud.deployment.find('AWS::S3::Bucket', 'LandingBucket').physicalId,
        account,
        region,
        file: join(folder, 'foreign-uploads.json'),
        emit: cloud.emit,
        failing: (error) => {
          const name = error instanceof Error ? error.name : 'unknown';
          tell(`uploads are not noticed until ${made?.endpoint.url} lists them again: ${name}`);
        },
        pauseMs: Math.max(SHORTEST_PAUSE_MS, PAUSE_MS * timeScale),
      });
      uploads = looking;
      return {
        ...cloud,
        idle: async () => {
          await looking.look();
          await cloud.idle();
        },
        stop: async () => {
          await looking.stop();
          client.destroy();
          await cloud.stop();
        },
      };
    },
    redirected: (connection) => {
      if (made === undefined) return connection;
      const { arns, kept } = made.provision;
      return {
        ...connection,
        storageEndpoint: made.endpoint.url,
        sealKey: arns.get(connection.sealKey) ?? connection.sealKey,
        ...(kept.has(connection.sealKey) && connection.endpoint !== undefined
          ? { sealEndpoint: connection.endpoint }
          : {}),
      };
    },
    watch: () => uploads?.watch(),
  };
}
